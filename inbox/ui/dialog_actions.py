"""What a person does in dialogs and menus: one method an action. Services are called in the worker, never here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from inbox.i18n import language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from inbox.app import App, ImportProgress, ImportSummary
    from inbox.channels.base import Found, Manifest
    from inbox.errors import InboxError
    from inbox.keychain.vault import Vault
    from inbox.services.rows import (
        CaseRow,
        CustomerCard,
        CustomerRow,
        Gate,
        RenderedTemplate,
        SuggestedQuestion,
        TemplateRow,
        ViewRow,
    )
    from inbox.states import CloseReason
    from inbox.ui.tasks import Job, Tasks

    Failed = Callable[[InboxError], None]
    Session = Any  # the window doesn't know the database; services do

T = TypeVar("T")


class DialogActions:
    """The actions of dialogs and menus, on one open program and for one agent."""

    def __init__(self, app: App, tasks: Tasks, agent_id: int) -> None:
        self.app, self.tasks, self.agent_id = app, tasks, agent_id

    def read(
        self,
        work: Callable[[Session], T],
        then: Callable[[T], None],
        failed: Failed | None = None,
        *,
        slot: str = "",
    ) -> None:
        """Read in the worker; of several with the same slot only the newest answers."""

        def reading() -> T:
            with self.app.db.reading() as session:
                return work(session)

        self.tasks.run(reading, then, failed, slot=slot)

    def write(
        self, work: Callable[[Session], T], then: Callable[[T], None] | None = None, failed: Failed | None = None
    ) -> None:
        """Change something in the worker, in one transaction."""

        def writing() -> T:
            with self.app.db.writing(self.agent_id) as session:
                return work(session)

        self.tasks.run(writing, then, failed)

    # --- what palette and menus look through ---

    def list_views(self, then: Callable[[Sequence[ViewRow]], None]) -> None:
        """The saved views, in their order."""
        from inbox.services import queries

        self.read(lambda s: queries.views(s, self.agent_id), then, slot="dialogs.views")

    def find_customers(self, text: str, then: Callable[[Sequence[CustomerRow]], None]) -> None:
        """Customers by name, company or handle."""
        from inbox.services import queries

        self.read(lambda s: queries.customers(s, text, 8), then, slot="dialogs.customers")

    def list_templates(
        self, then: Callable[[Sequence[TemplateRow]], None], *, conversation_id: int | None = None
    ) -> None:
        """The templates this agent may use; those of the conversation's kind of case first."""

        def work(s: Session) -> Sequence[TemplateRow]:
            from inbox.services import queries, templates

            found = templates.list(s, agent_id=self.agent_id)
            if conversation_id is None:
                return found
            detail = queries.detail(s, conversation_id, agent_id=self.agent_id, language=language())
            wanted = detail.case.case_type.id if detail.case else None
            return sorted(found, key=lambda row: (row.case_type_id != wanted, row.case_type_id is not None))

        self.read(work, then, slot="dialogs.templates")

    def render_template(
        self, template_id: int, conversation_id: int, then: Callable[[RenderedTemplate], None], failed: Failed
    ) -> None:
        """A template filled for a conversation."""

        def work(s: Session) -> RenderedTemplate:
            from inbox.services import templates

            return templates.render(s, template_id, conversation_id, agent_id=self.agent_id)

        self.read(work, then, failed, slot="dialogs.render")

    # --- closing ---

    def load_gate(
        self, case_id: int, then: Callable[[CaseRow, Gate, Sequence[SuggestedQuestion], bool], None], failed: Failed
    ) -> None:
        """What stands between a case and its closing, what could be asked, and whether the questions may be waived."""

        def work(s: Session) -> tuple[CaseRow, Gate, Sequence[SuggestedQuestion], bool]:
            from inbox.services import cases, queries, questions

            suggested = questions.suggest(s, case_id, language())
            return queries.case(s, case_id), cases.gate(s, case_id), suggested, cases.may_waive(s, self.agent_id)

        self.read(work, lambda found: then(*found), failed, slot="dialogs.gate")

    def mark_no_answer(self, question_id: int, then: Callable[[], None], failed: Failed) -> None:
        """The customer did not answer this question in time."""

        def work(s: Session) -> None:
            from inbox.services import questions

            questions.no_answer(s, question_id)

        self.write(work, lambda _none: then(), failed)

    def close_case(self, case_id: int, reason: CloseReason, then: Callable[[], None], failed: Failed) -> None:
        """Close a case; the gate may refuse."""

        def work(s: Session) -> None:
            from inbox.services import cases

            cases.close(s, case_id, reason)

        self.write(work, lambda _none: then(), failed)

    def close_without_questions(
        self, case_id: int, reason: CloseReason, why: str, then: Callable[[], None], failed: Failed
    ) -> None:
        """Waive the questions and close, both or neither; the log keeps who did it and why."""

        def work(s: Session) -> None:
            from inbox.services import cases

            cases.waive(s, case_id, self.agent_id, why)
            cases.close(s, case_id, reason)

        self.write(work, lambda _none: then(), failed)

    # --- customers ---

    def load_merge(
        self,
        survivor_id: int,
        absorbed_id: int,
        then: Callable[[CustomerCard, CustomerCard, Mapping[str, tuple[str, str]]], None],
        failed: Failed,
    ) -> None:
        """Both customers, and field by field what differs."""

        def work(s: Session) -> tuple[CustomerCard, CustomerCard, Mapping[str, tuple[str, str]]]:
            from inbox.services import merging, queries

            survivor = queries.customer_card(s, survivor_id, language=language())
            absorbed = queries.customer_card(s, absorbed_id, language=language())
            return survivor, absorbed, merging.preview(s, survivor_id, absorbed_id)

        self.read(work, lambda found: then(*found), failed, slot="dialogs.merge")

    def merge_customers(self, survivor_id: int, absorbed_id: int, then: Callable[[int], None], failed: Failed) -> None:
        """Make two customers one; hands over the merge's id, with which it can be undone."""

        def work(s: Session) -> int:
            from inbox.services import merging

            return merging.merge(s, survivor_id, absorbed_id)

        self.write(work, then, failed)

    def unmerge_customers(self, merge_id: int, then: Callable[[], None], failed: Failed) -> None:
        """Split two customers that were made one."""

        def work(s: Session) -> None:
            from inbox.services import merging

            merging.unmerge(s, merge_id)

        self.write(work, lambda _none: then(), failed)

    # --- accounts ---

    def manifests(self) -> Sequence[Manifest]:
        """The channels that an account can be added for, email first."""
        from inbox.channels import registry

        found = [registry.manifest(kind) for kind in registry.kinds()]
        return sorted((m for m in found if m.fields), key=lambda manifest: manifest.kind != "email")

    def suggest_settings(self, kind: str, address: str) -> Mapping[str, str]:
        """What the rest of the form probably is; quick, without the network."""
        from inbox.channels import registry

        suggest = getattr(registry.plugin(kind), "guess_settings", None)
        return suggest(address) if suggest is not None else {}

    def find_settings(self, kind: str, address: str, directory: bool, then: Callable[[Found | None], None]) -> Job:
        """Look for the rest of the form over the network, for some seconds; ``directory`` asks Mozilla's list, too."""
        from inbox.channels import registry

        find = getattr(registry.plugin(kind), "find_settings", None)
        return self.tasks.long(
            lambda job, _report: find(address, job.stop_signal, directory=directory) if find is not None else None, then
        )

    def password_help(self, kind: str, address: str, imap_host: str) -> tuple[str, str]:
        """What the provider wants as a password, and its page; quick, without the network."""
        from inbox.channels import registry

        tell = getattr(registry.plugin(kind), "password_help", None)
        return tell(address, imap_host) if tell is not None else ("", "")

    def sign_in(
        self,
        kind: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        account_id: int | None,
        open_page: Callable[[str], None],
        then: Callable[[Mapping[str, str]], None],
        failed: Failed,
    ) -> Job:
        """Sign in by way of the browser; hands over the secrets that came of it. The job can be stopped."""

        def work(job: Job, report: Callable[[object], None]) -> Mapping[str, str]:
            return self.app.sign_in(kind, settings, secrets, account_id, report, job.stop_signal)

        return self.tasks.long(work, then, failed, lambda page: open_page(str(page)))

    def sign_in_again(
        self, account_id: int, open_page: Callable[[str], None], then: Callable[[], None], failed: Failed
    ) -> Job:
        """The same for an account that there is: what came of it is kept, and the account runs again."""

        def work(job: Job, report: Callable[[object], None]) -> None:
            self.app.sign_in_again(account_id, report, job.stop_signal)

        return self.tasks.long(work, lambda _none: then(), failed, lambda page: open_page(str(page)))

    def test_account(
        self,
        kind: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        account_id: int | None,
        then: Callable[[Mapping[str, str]], None],
        failed: Failed,
    ) -> Job:
        """Sign in once, in a thread of its own. A secret that was not typed is the one kept for ``account_id``.

        Hands over what of the secrets the other side exchanged meanwhile.
        """
        return self.tasks.long(
            lambda _job, _report: self.app.test_account(kind, settings, secrets, account_id), then, failed
        )

    def add_account(
        self,
        kind: str,
        name: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        then: Callable[[int], None],
        failed: Failed,
    ) -> None:
        """Keep a new account; the engine starts it."""
        self.tasks.run(lambda: self.app.add_account(kind, name, settings, secrets), then, failed)

    def change_account(
        self,
        account_id: int,
        name: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        then: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Keep what was changed; the engine starts the account anew."""
        self.tasks.run(
            lambda: self.app.change_account(account_id, name=name, settings=settings, secrets=secrets),
            lambda _none: then(),
            failed,
        )

    def remove_account(self, account_id: int, then: Callable[[], None], failed: Failed) -> None:
        """Stop it and forget its secrets; its conversations stay."""
        self.tasks.run(lambda: self.app.remove_account(account_id), lambda _none: then(), failed)

    def try_account_again(self, account_id: int) -> None:
        """Don't wait for the next try."""
        self.tasks.run(lambda: self.app.engine.wake(account_id))

    # --- the vault ---

    @property
    def has_vault(self) -> bool:
        """Whether the secrets are in an encrypted file of ours."""
        vault = self.app.keychain.vault
        return vault is not None and vault.exists

    @property
    def vault_is_locked(self) -> bool:
        """Whether it waits for its passphrase."""
        return self.app.keychain.is_locked

    def create_vault(self, passphrase: str, then: Callable[[], None], failed: Failed) -> None:
        """Make one; from now on it is used."""
        self._with_vault(lambda vault: vault.create(passphrase), then, failed)

    def unlock_vault(self, passphrase: str, then: Callable[[], None], failed: Failed) -> None:
        """Open it and let the accounts try again."""

        def work(vault: Vault) -> None:
            vault.unlock(passphrase)
            self.app.engine.wake()

        self._with_vault(work, then, failed)

    def change_vault(self, old: str, new: str, then: Callable[[], None], failed: Failed) -> None:
        """Give it another passphrase."""
        self._with_vault(lambda vault: vault.change(old, new), then, failed)

    def leave_vault(self, then: Callable[[str], None], failed: Failed) -> None:
        """Move everything to the system's keychain; hands over its name."""
        self.tasks.run(self.app.keychain.move_to_system, then, failed)

    def _with_vault(self, work: Callable[[Vault], None], then: Callable[[], None], failed: Failed) -> None:
        vault = self.app.keychain.vault
        assert vault is not None  # every profile may have one
        self.tasks.run(lambda: work(vault), lambda _none: then(), failed)

    # --- import ---

    def import_mail(
        self,
        paths: Sequence[Path],
        progress: Callable[[ImportProgress], None],
        then: Callable[[ImportSummary], None],
        failed: Failed,
    ) -> Job:
        """Take mailboxes in, with progress; the job can be stopped and keeps what is in."""

        def work(job: Job, report: Callable[[object], None]) -> ImportSummary:
            return self.app.import_mail(list(paths), report, job.stop_signal)

        return self.tasks.long(work, then, failed, progress)  # type: ignore[arg-type]  # it reports ImportProgress
