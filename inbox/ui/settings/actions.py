"""What a person does in the settings: one method an action."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from inbox.errors import RuleError
from inbox.i18n import language
from inbox.services.rows import NewFile
from inbox.ui.dialog_actions import DialogActions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from inbox.services.rows import (
        AccountRow,
        AgentRow,
        BankQuestionRow,
        CaseTypeRow,
        TeamRow,
        TemplateRow,
        TemplateVariantRow,
        ViewRow,
    )
    from inbox.ui.dialog_actions import Failed, Session

    Then = Callable[[], None]


class SettingsActions(DialogActions):
    """The actions of the settings, beside those of the other dialogs."""

    def _change(self, work: Callable[[Session], Any], then: Then, failed: Failed) -> None:
        self.write(work, lambda _answer: then(), failed)

    # --- general ---

    def load_shared(self, then: Callable[[Mapping[str, Any]], None]) -> None:
        """The settings that everybody on this database shares."""
        from inbox.services import settings_store

        self.read(settings_store.every, then)

    def change_shared(self, name: str, value: str | bool | float, then: Then, failed: Failed) -> None:
        """Set one of them."""
        from inbox.services import settings_store

        self._change(lambda s: settings_store.change(s, name, value), then, failed)

    def load_administrators(self, then: Callable[[Sequence[AgentRow]], None]) -> None:
        """Who may change what only an administrator may."""
        from inbox.services import agents
        from inbox.states import Role

        self.read(lambda s: [row for row in agents.rows(s) if row.role is Role.ADMIN and row.active], then)

    def change_own(self, then: Then, failed: Failed, **values: Any) -> None:
        """Set what concerns this person on this machine: language, theme, text size."""

        def work() -> Any:
            return self.app.settings.change(**values)

        def kept(settings: Any) -> None:
            self.app.settings = settings
            then()

        self.tasks.run(work, kept, failed)

    # --- accounts ---

    def load_accounts(self, then: Callable[[Sequence[AccountRow]], None]) -> None:
        """The accounts with their lights."""
        from inbox.services import accounts

        self.read(accounts.rows, then, slot="settings.accounts")

    def change_account_rules(self, account_id: int, then: Then, failed: Failed, **values: Any) -> None:
        """Whether it opens cases, and for how long back."""
        from inbox.services import accounts

        self._change(lambda s: accounts.change(s, account_id, **values), then, failed)

    def switch_account(self, account_id: int, on: bool, then: Then, failed: Failed) -> None:
        """Let it receive and send, or not."""
        self.tasks.run(lambda: self.app.set_account_enabled(account_id, on), lambda _none: then(), failed)

    # --- case types ---

    def load_case_types(self, then: Callable[[Sequence[CaseTypeRow]], None]) -> None:
        """All case types, those switched off too."""
        from inbox.services import case_types

        self.read(lambda s: case_types.every(s, language(), inactive=True), then)

    def save_case_type(self, then: Callable[[int], None], failed: Failed, **values: Any) -> None:
        """Add or change one."""
        from inbox.services import case_types

        self.write(lambda s: case_types.save(s, **values), then, failed)

    def delete_case_type(self, case_type_id: int, then: Then, failed: Failed) -> None:
        """Remove one that no case has."""
        from inbox.services import case_types

        self._change(lambda s: case_types.delete(s, case_type_id), then, failed)

    def order_case_types(self, ids: Sequence[int], then: Then, failed: Failed) -> None:
        """Another order."""
        from inbox.services import case_types

        self._change(lambda s: case_types.order(s, ids), then, failed)

    def load_bank(self, case_type_id: int, then: Callable[[Sequence[BankQuestionRow]], None]) -> None:
        """A case type's questions, those switched off too."""
        from inbox.services import case_types

        self.read(lambda s: case_types.bank(s, case_type_id, inactive=True), then, slot="settings.bank")

    def save_question(self, case_type_id: int, then: Callable[[int], None], failed: Failed, **values: Any) -> None:
        """Add a question or change one."""
        from inbox.services import case_types

        self.write(lambda s: case_types.save_question(s, case_type_id, **values), then, failed)

    def delete_question(self, question_id: int, then: Then, failed: Failed) -> None:
        """Remove a question; where it was asked, its words stay."""
        from inbox.services import case_types

        self._change(lambda s: case_types.delete_question(s, question_id), then, failed)

    def order_questions(self, ids: Sequence[int], then: Then, failed: Failed) -> None:
        """Another order: the first is proposed first."""
        from inbox.services import case_types

        self._change(lambda s: case_types.order_questions(s, ids), then, failed)

    def fact_label(self, kind: str) -> str:
        """What a person calls a kind of fact."""
        from inbox.services import case_types

        return case_types.fact_label(kind, language())

    # --- templates ---

    def load_templates(
        self, then: Callable[[Sequence[TemplateRow], Sequence[CaseTypeRow], Sequence[TeamRow]], None]
    ) -> None:
        """The templates of this agent, with what their editor offers."""

        def work(s: Session) -> tuple[Sequence[TemplateRow], Sequence[CaseTypeRow], Sequence[TeamRow]]:
            from inbox.services import agents, case_types, templates

            rows = templates.list(s, agent_id=self.agent_id, inactive=True)
            return rows, case_types.every(s, language(), inactive=True), agents.teams(s)

        self.read(work, lambda found: then(*found), slot="settings.templates")

    def save_template(
        self, then: Callable[[TemplateRow], None], failed: Failed, *, paths: Sequence[Path] = (), **values: Any
    ) -> None:
        """Add or change one with its variants; ``paths`` are new files that go with it."""

        def work(s: Session) -> TemplateRow:
            from inbox.services import templates

            template_id = templates.save(s, files=[_read_file(path) for path in paths], **values)
            rows = templates.list(s, agent_id=self.agent_id, inactive=True)
            return next(row for row in rows if row.id == template_id)

        self.write(work, then, failed)

    def delete_template(self, template_id: int, then: Then, failed: Failed) -> None:
        """Remove one; what was sent with it stays."""
        from inbox.services import templates

        self._change(lambda s: templates.delete(s, template_id), then, failed)

    def preview_template(self, variant: TemplateVariantRow, then: Callable[[str, str], None], failed: Failed) -> None:
        """Subject and text, filled for an example customer."""

        def work() -> tuple[str, str]:
            from inbox.services import templates

            subject, _missing = templates.preview(variant.subject, language=variant.language)
            text, _missing = templates.preview(variant.text, language=variant.language)
            return subject, text

        self.tasks.run(work, lambda found: then(*found), failed, slot="settings.preview")

    def check_template(self, text: str, then: Then, failed: Failed) -> None:
        """Whether a text can be a template; the error says where its mistake is."""

        def work() -> None:
            from inbox.services import templates

            templates.check(text)

        self.tasks.run(work, lambda _none: then(), failed)

    # --- views ---

    def load_views(self, then: Callable[[Sequence[ViewRow]], None]) -> None:
        """The saved views."""
        from inbox.services import queries

        self.read(lambda s: queries.views(s, self.agent_id), then, slot="settings.views")

    def save_view(self, then: Callable[[int], None], failed: Failed, **values: Any) -> None:
        """Add or change one; a search that can't be understood is refused with the place of the mistake."""
        from inbox.services import views

        self.write(lambda s: views.save(s, **values), then, failed)

    def delete_view(self, view_id: int, then: Then, failed: Failed) -> None:
        """Remove one; the conversations stay."""
        from inbox.services import views

        self._change(lambda s: views.delete(s, view_id), then, failed)

    def order_views(self, ids: Sequence[int], then: Then, failed: Failed) -> None:
        """Another order."""
        from inbox.services import views

        self._change(lambda s: views.order(s, ids), then, failed)

    # --- agents and teams ---

    def load_agents(self, then: Callable[[Sequence[AgentRow], Sequence[TeamRow]], None]) -> None:
        """Everybody, also those who left, and the teams."""
        from inbox.services import agents

        self.read(lambda s: (agents.rows(s, inactive=True), agents.teams(s)), lambda found: then(*found))

    def add_agent(self, name: str, then: Callable[[int], None], failed: Failed) -> None:
        """Somebody new."""
        from inbox.services import agents

        self.write(lambda s: agents.add(s, name), then, failed)

    def change_agent(self, agent_id: int, then: Then, failed: Failed, **values: Any) -> None:
        """Name, address, role, team, signature, active."""
        from inbox.services import agents

        self._change(lambda s: agents.change(s, agent_id, **values), then, failed)

    def add_team(self, name: str, then: Callable[[int], None], failed: Failed) -> None:
        """A new team."""
        from inbox.services import agents

        self.write(lambda s: agents.add_team(s, name), then, failed)

    def rename_team(self, team_id: int, name: str, then: Then, failed: Failed) -> None:
        """Another name."""
        from inbox.services import agents

        self._change(lambda s: agents.rename_team(s, team_id, name), then, failed)


def _read_file(path: Path) -> NewFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RuleError(
            "{file} can't be read ({reason})", "Choose another file.", file=path.name, reason=error.strerror or error
        ) from error
    kind, _encoding = mimetypes.guess_type(path.name)
    return NewFile(path.name, kind or "application/octet-stream", content)
