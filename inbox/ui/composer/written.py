"""What is written in one conversation: the reply, the note, and what goes with them. No widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.ui.actions import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.services.rows import AskedQuestion, AttachmentRow, ConversationDetail, DraftRow, NewFile


class Written:
    """Starts empty, or with the drafts of a conversation.

    Attributes:
        page: The reply as HTML, where it has looks.
        texts: The reply's text under ``False``, the note's under ``True``.
        ask: The clarifying questions that count as long as they stand in the text.
        files: Files that are not stored yet; ``attachments`` are those that are.
        greeting: What the first reply of a contact begins with; it stands in the text already.
        to, cc, bcc: Whom it goes to; an empty ``to`` is whom the conversation is with.
        offered: Sentences of the reply that look like clarifying questions and were neither taken nor refused.
        confirmed: The kinds of warnings that the person has accepted.
    """

    def __init__(self, detail: ConversationDetail | None = None) -> None:
        self.texts = {False: "", True: ""}
        self.page = ""
        self.ask: list[AskedQuestion] = []
        self.template_id: int | None = None
        self.files: list[NewFile] = []
        self.attachments: list[AttachmentRow] = []
        self.to: tuple[str, ...] = ()
        self.cc: tuple[str, ...] = ()
        self.bcc: tuple[str, ...] = ()
        self.offered: list[str] = []
        self.confirmed: set[str] = set()
        self.seen_message_id = detail.newest_message_id if detail else 0
        self._refused: set[str] = set()
        if detail is not None and detail.note_draft is not None:
            self.texts[True] = detail.note_draft.text
        self.greeting = detail.writing.greeting if detail is not None else ""
        if detail is not None and detail.draft is not None:
            self._take(detail.draft)
        elif self.greeting:
            self.texts[False] = self.greeting + "\n\n"

    def _take(self, draft: DraftRow) -> None:
        self.texts[False], self.page = draft.text, draft.html
        self.ask, self.template_id = list(draft.questions), draft.template_id
        self.attachments = list(draft.attachments)
        self.to, self.cc, self.bcc = draft.to, draft.cc, draft.bcc

    def take_back(self, draft: DraftRow) -> None:
        """An undone reply: as it was, unless something else has been typed meanwhile."""
        typed = self.texts[False]
        if typed.strip():
            self.texts[False] = f"{draft.text}\n\n{typed}"
            self.page = draft.html  # the store has put both together
        else:
            self._take(draft)

    @property
    def is_only_greeting(self) -> bool:
        """Whether nothing but the greeting stands in the reply, which a template brings one of its own for."""
        return bool(self.greeting) and self.texts[False].strip() == self.greeting.strip()

    def has_content(self, is_note: bool) -> bool:
        """Whether there is anything to keep or to send."""
        return bool(self.texts[is_note].strip() or (not is_note and (self.beside() or "<img" in self.page)))

    def reply(self, conversation_id: int, is_note: bool) -> Reply:
        """As the actions take it."""
        made = Reply(conversation_id, self.texts[is_note])
        if not is_note:
            made.ask, made.template_id = self.asked_now(), self.template_id
            made.files, made.attachment_ids = tuple(self.files), tuple(file.id for file in self.attachments)
            made.seen_message_id = self.seen_message_id
            made.html = self.page
            made.to, made.cc, made.bcc = self.to, self.cc, self.bcc
        return made

    def clear(self, is_note: bool) -> None:
        """It was taken."""
        self.texts[is_note] = ""
        if not is_note:
            self.ask, self.template_id, self.files, self.attachments = [], None, [], []
            self.to = self.cc = self.bcc = ()
            self.page = ""
            self.confirmed.clear()
            self._refused.clear()

    # --- questions ----------------------------------------------------------------------------------------------

    def asked_now(self) -> list[AskedQuestion]:
        """The clarifying questions that stand in the text."""
        text = self.texts[False]
        return [found for found in self.ask if found.text in text]

    def find_free_questions(self) -> None:
        """Look for sentences that could be counted as clarifying questions."""
        from inbox.services import question_text  # pure text, and not needed before somebody types

        known = {found.text for found in self.ask} | self._refused
        asking = question_text.find_questions(self.texts[False])
        found = [one for one in asking if "?" in one and not question_text.is_courtesy(one)]
        self.offered = [one for one in found if not any(one in other or other in one for other in known)]

    def count_question(self, text: str) -> bool:
        """Count a sentence as a clarifying question: the first that is offered, unless named. Whether there is one."""
        from inbox.services.rows import AskedQuestion

        chosen = text or (self.offered[0] if self.offered else "")
        if chosen:
            self.ask.append(AskedQuestion(chosen))
        return bool(chosen)

    def ask_also(self, question: AskedQuestion) -> None:
        """A question that is put into the text now."""
        if question.text not in {found.text for found in self.ask}:
            self.ask.append(question)

    def count_none(self) -> None:
        """None of the questions in the text counts."""
        self._refused.update(found.text for found in self.ask)
        self.ask = []

    # --- files --------------------------------------------------------------------------------------------------

    def beside(self) -> list[NewFile | AttachmentRow]:
        """The files that go beside the text; pictures that were pasted into it are not among them."""
        files: list[NewFile | AttachmentRow] = [*self.attachments, *self.files]
        return [file for file in files if not file.content_id]

    def drop_file(self, file: NewFile | AttachmentRow) -> None:
        """Take a file away."""
        self.files = [kept for kept in self.files if kept is not file]
        self.attachments = [kept for kept in self.attachments if kept is not file]

    def add_stored(self, files: Sequence[AttachmentRow]) -> None:
        """Files that are stored already, of a template."""
        known = {file.id for file in self.attachments}
        self.attachments += [file for file in files if file.id not in known]

    def files_kept(self, draft: DraftRow, files: Sequence[NewFile]) -> None:
        """These files are stored with the draft now: they need not be stored again."""
        self.files = [file for file in self.files if file not in files]
        self.attachments = list(draft.attachments)
