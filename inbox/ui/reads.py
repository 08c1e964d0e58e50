"""What the window reads: each function asks the services in the worker and hands the rows to ``then`` here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal

from inbox import i18n

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from inbox.app import App
    from inbox.errors import InboxError
    from inbox.services.distant_files import DistantFile
    from inbox.services.rows import (
        AgentRow,
        AttachmentRow,
        CaseTypeRow,
        ConversationDetail,
        ConversationPage,
        ConversationRow,
        CustomerCard,
        MessageBody,
        ThreadPage,
    )
    from inbox.services.sender_checks import SenderCheck
    from inbox.ui.tasks import Job, Tasks

    Session = Any  # the window doesn't know the database; services do

T = TypeVar("T")
THREAD_PAGE = 20
_FIRST_BODIES = 3  # what is seen first; the others follow


class RailRows(NamedTuple):
    """What the rail shows."""

    views: Sequence[Any]
    accounts: Sequence[Any]
    day: Any
    company: str


class OpenConversation(NamedTuple):
    """A conversation with the newest part of its thread. ``bodies`` are those that are shown as HTML."""

    detail: ConversationDetail
    page: ThreadPage
    bodies: dict[int, MessageBody]


class Reads(QObject):
    """Reading. ``app`` is ``None`` until the store is up; the window asks nothing before."""

    failed = Signal(object)  # InboxError: to be told to the person

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.app: App | None = None
        tasks.on_error = self.failed.emit

    @property
    def agent_id(self) -> int:
        """The person at this desk."""
        assert self.app is not None, "nothing is asked before the store is up"
        return self.app.agent.id

    def read(
        self,
        work: Callable[[Session], T],
        then: Callable[[T], None],
        failed: Callable[[InboxError], None] | None = None,
        *,
        slot: str = "",
    ) -> None:
        """Do ``work`` in a read transaction in the worker."""
        app = self.app
        if app is None:
            return

        def whole() -> T:
            with app.db.reading() as s:
                return work(s)

        self.tasks.run(whole, then, failed, slot=slot)

    def list_page(
        self,
        query: str,
        sort: str,
        after: str | None,
        limit: int,
        then: Callable[[ConversationPage], None],
        failed: Callable[[InboxError], None],
        *,
        slot: str,
        typing: bool = False,
    ) -> None:
        """A page of the conversation list."""

        def work(s: Session) -> ConversationPage:
            from inbox.services import queries

            return queries.conversations(
                s, query, agent_id=self.agent_id, sort=sort, after=after, limit=limit, typing=typing
            )

        self.read(work, then, failed, slot=slot)

    def list_parts(
        self,
        query: str,
        sort: str,
        parts: Sequence[tuple[str | None, int]],
        deep: Collection[int],
        then: Callable[[tuple[Sequence[ConversationPage], Sequence[ConversationRow]]], None],
        *,
        slot: str,
        typing: bool = False,
    ) -> None:
        """Parts of the list as they are now, each from a key on, and the rows of some conversations elsewhere."""

        def work(s: Session) -> tuple[Sequence[ConversationPage], Sequence[ConversationRow]]:
            from inbox.services import queries

            pages = [
                queries.conversations(
                    s, query, agent_id=self.agent_id, sort=sort, after=after, limit=limit, typing=typing
                )
                for after, limit in parts
            ]
            return pages, queries.conversation_rows(s, list(deep)) if deep else ()

        self.read(work, then, slot=slot)

    def rail(self, then: Callable[[RailRows], None]) -> None:
        """Views with their counts, accounts with their lights, one's own day."""

        def work(s: Session) -> RailRows:
            from inbox.services import queries, settings_store

            return RailRows(
                queries.views(s, self.agent_id),
                queries.accounts(s),
                queries.day_numbers(s, self.agent_id, *_here()),
                settings_store.text(s, "company.name"),
            )

        self.read(work, then, slot="rail")

    def conversation(self, conversation_id: int, then: Callable[[OpenConversation], None], *, limit: int = 0) -> None:
        """Everything around a conversation, with at least the newest part of its thread."""

        def work(s: Session) -> OpenConversation:
            from inbox.services import queries

            detail = queries.detail(s, conversation_id, agent_id=self.agent_id, language=i18n.language())
            page = queries.thread(s, conversation_id, limit=max(limit, THREAD_PAGE))
            return OpenConversation(detail, page, _bodies(s, shown_as_html(page)[-_FIRST_BODIES:]))

        self.read(work, then, slot="conversation")

    def older(
        self, conversation_id: int, before: int, then: Callable[[tuple[ThreadPage, dict[int, MessageBody]]], None]
    ) -> None:
        """The part of the thread before a message."""

        def work(s: Session) -> tuple[ThreadPage, dict[int, MessageBody]]:
            from inbox.services import queries

            page = queries.thread(s, conversation_id, before=before, limit=THREAD_PAGE)
            return page, _bodies(s, shown_as_html(page))

        self.read(work, then, slot="older")

    def bodies(self, ids: Sequence[int], then: Callable[[dict[int, MessageBody]], None]) -> None:
        """The bodies of messages further up, which the first paint need not wait for."""
        self.read(lambda s: _bodies(s, ids), then, slot="bodies")

    def sender_checks(self, ids: Sequence[int], then: Callable[[dict[int, tuple[SenderCheck, ...]]], None]) -> None:
        """What speaks for and against the senders of messages; the first paint does not wait for it."""

        def work(s: Session) -> dict[int, tuple[SenderCheck, ...]]:
            from inbox.services import sender_checks

            return sender_checks.checks(s, ids)

        self.read(work, then, slot="sender_checks")

    def body(self, message_id: int, then: Callable[[MessageBody], None], *, remote_images: bool = False) -> None:
        """A message's whole body; with ``remote_images`` because the person asked for them."""

        def work(s: Session) -> MessageBody:
            from inbox.services import messages

            return messages.body(s, message_id, remote_images=remote_images)

        self.read(work, then)

    def source(self, message_id: int, then: Callable[[bytes], None]) -> None:
        """A message as it came over the wire."""

        def work(s: Session) -> bytes:
            from inbox.services import messages

            return messages.source(s, message_id)

        self.read(work, then)

    def attachment(self, attachment_id: int, then: Callable[[tuple[AttachmentRow, bytes]], None]) -> None:
        """A file and its content, fetched from the other side where it is not here yet."""

        def work(s: Session) -> tuple[AttachmentRow, bytes] | DistantFile:
            from inbox.services import distant_files, messages

            return distant_files.find(s, attachment_id) or messages.attachment(s, attachment_id)

        def found(file: tuple[AttachmentRow, bytes] | DistantFile) -> None:
            if isinstance(file, tuple):
                then(file)
            else:
                self._fetch(file, then)

        self.read(work, found)

    def _fetch(self, file: DistantFile, then: Callable[[tuple[AttachmentRow, bytes]], None]) -> None:
        app = self.app
        if app is None:
            return

        def work(_job: Job, _report: Callable[[object], None]) -> tuple[AttachmentRow, bytes]:
            from inbox.app import fetching

            return file.row, fetching.fetch(app.db, app.keychain, file)

        self.tasks.long(work, then)

    def customer(self, customer_id: int, case_id: int | None, then: Callable[[CustomerCard], None]) -> None:
        """The single view of a customer."""

        def work(s: Session) -> CustomerCard:
            from inbox.services import queries

            return queries.customer_card(s, customer_id, case_id=case_id, language=i18n.language())

        self.read(work, then, slot="customer")

    def agents(self, then: Callable[[Sequence[AgentRow]], None]) -> None:
        """Who can own a case."""

        def work(s: Session) -> Sequence[AgentRow]:
            from inbox.services import agents

            return agents.rows(s)

        self.read(work, then)

    def case_types(self, then: Callable[[Sequence[CaseTypeRow]], None]) -> None:
        """The kinds of cases, with their names in the person's language."""

        def work(s: Session) -> Sequence[CaseTypeRow]:
            from inbox.services import case_types

            return case_types.every(s, i18n.language())

        self.read(work, then)

    def newest_of_customer(self, customer_id: int, then: Callable[[int | None], None]) -> None:
        """The conversation to show when a customer was chosen."""

        def work(s: Session) -> int | None:
            from inbox.services import queries

            card = queries.customer_card(s, customer_id, language=i18n.language())
            return next((line.conversation_id for line in card.timeline if line.conversation_id), None)

        self.read(work, then)


def _here() -> tuple[Any, Any]:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    return now, now.astimezone().tzinfo


def shown_as_html(page: ThreadPage) -> list[int]:
    """The messages that are shown as HTML, the oldest first: those in which nothing folds."""
    return [row.id for row in page.messages if row.has_html and row.new_text == row.text and not row.problem]


def _bodies(s: Session, ids: Sequence[int]) -> dict[int, MessageBody]:
    from inbox.services import messages

    return {message_id: messages.body(s, message_id) for message_id in ids}
