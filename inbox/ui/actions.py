"""One function per user action: threads, errors and notices are written once, here. Widgets hold no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Signal

from inbox.i18n import tr, tr_n
from inbox.ui import time_text, words
from inbox.ui.reads import Reads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from inbox.errors import InboxError
    from inbox.services.rows import AskedQuestion, BulkResult, CaseRow, DraftRow, NewFile, ReplyWarning

    Session = Any  # the window doesn't know the database; services do

T = TypeVar("T")


class Reply:
    """A reply as the composer holds it."""

    def __init__(self, conversation_id: int, text: str) -> None:
        self.conversation_id, self.text, self.html = conversation_id, text, ""
        self.to: Sequence[str] = ()
        self.cc: Sequence[str] = ()
        self.bcc: Sequence[str] = ()
        self.not_before: datetime | None = None
        self.ask: Sequence[AskedQuestion] = ()
        self.template_id: int | None = None
        self.files: Sequence[NewFile] = ()
        self.attachment_ids: Sequence[int] = ()
        self.seen_message_id: int | None = None

    def parts(self) -> dict[str, Any]:
        """What goes with the text, as the services take it."""
        names = ("template_id", "files", "attachment_ids", "to", "cc", "bcc")
        return {name: getattr(self, name) for name in names}


class Actions(Reads):
    """Everything that a person can do. Answers come in the GUI thread; errors go to ``failed`` unless taken.

    Signals:
        said: A notice: its text, the label of what can be done about it (or empty), and the function that does it.
        bulk_refused: A bulk action's result with refusals, to be listed.
    """

    said = Signal(str, str, object)
    bulk_refused = Signal(object)

    def write(
        self,
        work: Callable[[Session], T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[InboxError], None] | None = None,
    ) -> None:
        """Do ``work`` in a write transaction in the worker, as this agent."""
        app = self.app
        if app is None:
            return

        def whole() -> T:
            with app.db.writing(self.agent_id) as s:
                return work(s)

        self.tasks.run(whole, then, failed)

    # --- replies and notes --------------------------------------------------------------------------------------

    def check_reply(
        self, reply: Reply, then: Callable[[list[ReplyWarning]], None], failed: Callable[[InboxError], None]
    ) -> None:
        """What there is to look at before sending; nothing is sent."""

        def work(s: Session) -> list[ReplyWarning]:
            from inbox.services import replies

            return replies.warnings(
                s,
                reply.conversation_id,
                reply.text,
                agent_id=self.agent_id,
                ask=reply.ask,
                seen_message_id=reply.seen_message_id,
                **reply.parts(),
            )

        self.read(work, then, failed)

    def send_reply(
        self,
        reply: Reply,
        confirmed: Collection[str],
        then: Callable[[int], None],
        failed: Callable[[InboxError], None],
    ) -> None:
        """Put a reply into the outbox; it can be undone until its time comes."""

        def work(s: Session) -> int:
            from inbox.services import replies

            return replies.queue(
                s,
                reply.conversation_id,
                reply.text,
                agent_id=self.agent_id,
                ask=reply.ask,
                html=reply.html,
                not_before=reply.not_before,
                seen_message_id=reply.seen_message_id,
                confirmed=confirmed,
                **reply.parts(),
            )

        self.write(work, then, failed)

    def undo_reply(self, message_id: int, then: Callable[[DraftRow], None]) -> None:
        """Take a queued reply back into a draft."""

        def work(s: Session) -> DraftRow:
            from inbox.services import replies

            return replies.undo(s, message_id)

        self.write(work, then)

    def reschedule(self, message_id: int, at: datetime | None) -> None:
        """Send what waits at another time; now where none is given."""

        def work(s: Session) -> None:
            from inbox.services import replies

            replies.reschedule(s, message_id, at)

        self.write(work)

    def add_note(
        self, conversation_id: int, text: str, then: Callable[[int], None], failed: Callable[[InboxError], None]
    ) -> None:
        """Write something that only the team sees."""

        def work(s: Session) -> int:
            from inbox.services import replies

            return replies.add_note(s, conversation_id, text, agent_id=self.agent_id)

        self.write(work, then, failed)

    def log_contact(self, case_id: int, kind: str, text: str, ask: Sequence[AskedQuestion]) -> None:
        """Log a call or a visit; its questions count as asked."""

        def work(s: Session) -> int:
            from inbox.services import replies
            from inbox.states import MessageKind

            return replies.log_contact(s, case_id, MessageKind(kind), text, agent_id=self.agent_id, ask=ask)

        self.write(work, lambda _id: self.said.emit(tr("Logged"), "", None))

    def save_draft(self, reply: Reply, then: Callable[[DraftRow | None], None], *, is_note: bool) -> None:
        """Keep what is being typed, so that nothing is ever lost; an empty text drops the draft."""

        def work(s: Session) -> DraftRow | None:
            from inbox.services import replies

            return replies.save_draft(
                s,
                reply.conversation_id,
                self.agent_id,
                reply.text,
                is_note=is_note,
                questions=reply.ask,
                html=reply.html,
                **reply.parts(),
            )

        self.write(work, then)

    def decide_unknown(self, message_id: int, *, was_sent: bool) -> None:
        """A person says whether a message went out that the program can't be sure of."""

        def work(s: Session) -> None:
            from inbox.services import outbox

            outbox.decide(s, message_id, was_sent)

        self.write(work)

    def try_again(self, message_id: int) -> None:
        """Put a failed message into the outbox once more."""

        def work(s: Session) -> None:
            from inbox.services import outbox

            outbox.try_again(s, message_id)

        self.write(work)

    def read_again(self, message_id: int) -> None:
        """Parse a message anew that could not be read."""

        def work(s: Session) -> None:
            from inbox.services import messages

            messages.read_again(s, message_id)

        self.write(work)

    # --- conversations ------------------------------------------------------------------------------------------

    def mark_read(self, ids: Collection[int], *, read: bool = True) -> None:
        """Read or unread."""

        def work(s: Session) -> None:
            from inbox.services import conversations

            conversations.mark_read(s, list(ids), read)

        self.write(work)

    def dismiss(self, ids: Collection[int], reason: str) -> None:
        """These need no case."""

        def work(s: Session) -> BulkResult:
            from inbox.services import conversations
            from inbox.states import DismissReason

            return conversations.dismiss(s, list(ids), DismissReason(reason))

        def tell(result: BulkResult) -> None:
            if result.done:
                done = tr_n("{n} dismissed: {reason}", "{n} dismissed: {reason}", len(result.done),
                            reason=words.dismiss_reason(reason))  # fmt: skip
                self.said.emit(done, tr("Undo"), lambda: self.restore(result.done))
            self._tell_refused(result)

        self.write(work, tell)

    def restore(self, ids: Collection[int]) -> None:
        """Take a dismissal back."""

        def work(s: Session) -> None:
            from inbox.services import conversations

            conversations.restore(s, list(ids))

        self.write(work)

    def snooze(self, ids: Collection[int], until: datetime) -> None:
        """Out of sight until a time."""
        said = tr("Set aside until {time}", time=time_text.moment(until))
        self._set_aside(dict.fromkeys(ids, until), said, lambda: self._set_aside(dict.fromkeys(ids)))

    def wake(self, times: Mapping[int, datetime]) -> None:
        """Back at once; ``times`` are those until which they were set aside."""
        self._set_aside(dict.fromkeys(times), tr("Back in the list"), lambda: self._set_aside(times))

    def _set_aside(
        self, times: Mapping[int, datetime | None], said: str = "", undo: Callable[[], None] | None = None
    ) -> None:
        def work(s: Session) -> None:
            from inbox.services import conversations

            for conversation_id, until in times.items():
                conversations.snooze(s, [conversation_id], until)

        self.write(work, (lambda _done: self.said.emit(said, tr("Undo"), undo)) if said else None)

    def set_tags(self, conversation_id: int, tags: Sequence[str]) -> None:
        """The tags of a conversation."""

        def work(s: Session) -> None:
            from inbox.services import conversations

            conversations.set_tags(s, conversation_id, list(tags))

        self.write(work)

    # --- cases --------------------------------------------------------------------------------------------------

    def on_case(self, work: Callable[[Any, Session], T], then: Callable[[T], None] | None = None) -> None:
        """Call a function of ``services.cases``: ``work(cases, session)``."""

        def whole(s: Session) -> T:
            from inbox.services import cases

            return work(cases, s)

        self.write(whole, then)

    def open_case(self, conversation_id: int, type_key: str = "other") -> None:
        """Turn a conversation into a case."""
        self.on_case(lambda cases, s: cases.open_case(s, conversation_id, type_key))

    def change_case(self, case: CaseRow, **fields: Any) -> None:
        """Status, type, priority or deadline."""
        before = {name: case.case_type.key if name == "type_key" else getattr(case, name) for name in fields}

        def undo() -> None:
            self.on_case(lambda cases, s: cases.change(s, case.id, **before))

        def tell(_done: object) -> None:
            self.said.emit(tr("Case {number} changed", number=case.id), tr("Undo"), undo)

        self.on_case(lambda cases, s: cases.change(s, case.id, version=case.version, **fields), tell)

    def assign(self, owners: Mapping[int, int | None], agent_id: int | None) -> None:
        """Give cases to somebody, or to nobody; ``owners`` are those they had, by case."""

        def give_back(cases: Any, s: Session) -> None:
            for case_id, owner in owners.items():
                cases.assign(s, [case_id], owner)

        def tell(result: BulkResult) -> None:
            if result.done:
                done = tr_n("{n} case has another owner", "{n} cases have another owner", len(result.done))
                self.said.emit(done, tr("Undo"), lambda: self.on_case(give_back))
            self._tell_refused(result)

        self.on_case(lambda cases, s: cases.assign(s, list(owners), agent_id), tell)

    def close_case(
        self,
        case_id: int,
        reason: str,
        then: Callable[[None], None],
        failed: Callable[[InboxError], None],
    ) -> None:
        """Close a case: the gate decides."""

        def work(s: Session) -> None:
            from inbox.services import cases
            from inbox.states import CloseReason

            cases.close(s, case_id, CloseReason(reason))

        self.write(work, then, failed)

    def refuse_close(self, case_id: int, then: Callable[[object], None]) -> None:
        """Somebody wants to close a case that is not ready: the gate says no, and the log keeps that it was tried."""

        def work(s: Session) -> None:
            from inbox.services import cases
            from inbox.states import CloseReason

            if not cases.gate(s, case_id).is_open:  # else it has become ready meanwhile, and the reason is asked for
                cases.close(s, case_id, CloseReason.RESOLVED)

        self.write(work, then, then)

    def close_many(self, case_ids: Collection[int], reason: str) -> None:
        """Close what passes the gate; the rest is listed with its reasons."""

        def work(s: Session) -> BulkResult:
            from inbox.services import cases
            from inbox.states import CloseReason

            return cases.close_many(s, list(case_ids), CloseReason(reason))

        def tell(result: BulkResult) -> None:
            if result.done:
                self.said.emit(tr_n("{n} case closed", "{n} cases closed", len(result.done)), "", None)
            self._tell_refused(result)

        self.write(work, tell)

    def reopen(self, case_id: int) -> None:
        """Work on a closed case again."""
        self.on_case(lambda cases, s: cases.reopen(s, case_id))

    def join_case(self, case: CaseRow, into_id: int) -> None:
        """Put a case's conversations into another case."""

        def undo() -> None:
            self.on_case(lambda cases, s: cases.split(s, case.conversation_ids[0]))

        def tell(_done: object) -> None:
            self.said.emit(tr("Joined to case {number}", number=into_id), tr("Undo"), undo)

        self.on_case(lambda cases, s: cases.join(s, case.id, into_id), tell)

    def split_case(self, conversation_id: int, case_id: int) -> None:
        """Give a conversation a case of its own."""

        def tell(own_id: int) -> None:
            said = tr("The conversation is case {number} now", number=own_id)
            self.said.emit(said, tr("Undo"), lambda: self.on_case(lambda cases, s: cases.join(s, own_id, case_id)))

        self.on_case(lambda cases, s: cases.split(s, conversation_id), tell)

    def answer_question(self, question_id: int, message_id: int | None, text: str) -> None:
        """File a customer's answer to a question."""

        def work(s: Session) -> None:
            from inbox.services import questions

            questions.answer(s, question_id, message_id=message_id, text=text)

        self.write(work)

    def no_answer(self, question_id: int) -> None:
        """The customer did not answer in time."""

        def work(s: Session) -> None:
            from inbox.services import questions

            questions.no_answer(s, question_id)

        self.write(work)

    # --- customers ----------------------------------------------------------------------------------------------

    def on_customer(self, work: Callable[[Any, Session], Any], said: str = "") -> None:
        """Call a function of ``services.customers``: ``work(customers, session)``."""

        def whole(s: Session) -> Any:
            from inbox.services import customers

            return work(customers, s)

        self.write(whole, (lambda _done: self.said.emit(said, "", None)) if said else None)

    def unmerge(self, merge_id: int) -> None:
        """Undo a merge of customers."""

        def work(s: Session) -> None:
            from inbox.services import merging

            merging.unmerge(s, merge_id)

        self.write(work, lambda _done: self.said.emit(tr("The two customers stand apart again"), "", None))

    def _tell_refused(self, result: BulkResult) -> None:
        if result.refused:
            self.bulk_refused.emit(result)
