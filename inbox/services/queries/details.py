"""Everything around an open conversation, in one call: for the case bar, the composer and the panel."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError
from inbox.services import cases as case_rules, questions, settings_store, tables
from inbox.services.names import visible_handle
from inbox.services.queries.cases import case, cases
from inbox.services.queries.lists import conversation_rows
from inbox.services.queries.threads import conversations_with
from inbox.services.replies import before_writing, drafts
from inbox.services.rows import CaseRow, ConversationDetail, ConversationRow, DraftRow
from inbox.services.spoken import guess_language
from inbox.services.templates.filling import first_name
from inbox.states import CaseStatus, Direction

_OPEN = (CaseStatus.NEW, CaseStatus.OPEN, CaseStatus.WAITING, CaseStatus.SOLVED)
_READ_FOR_LANGUAGE = 3  # newest messages of the customer


def detail(s: Session, conversation_id: int, *, agent_id: int | None, language: str) -> ConversationDetail:
    """What the window shows around a conversation. ``language`` is the person's; the customer's is guessed."""
    rows = conversation_rows(s, [conversation_id])
    if not rows:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    row = rows[0]
    its_case = case(s, row.case_id) if row.case_id is not None else None
    is_open = its_case is not None and its_case.status is not CaseStatus.CLOSED
    spoken = _language(s, row)
    asked_in = spoken or settings_store.text(s, "language") or language
    writing = before_writing(s, conversation_id, agent_id=agent_id, language=asked_in)
    handle, address = _ends(s, row)
    return ConversationDetail(
        row=row,
        case=its_case,
        gate=case_rules.gate(s, its_case.id) if its_case is not None else None,
        suggested=tuple(questions.suggest(s, its_case.id, asked_in)) if its_case is not None and is_open else (),
        proposed=tuple(questions.proposals(s, its_case.id)) if its_case is not None and is_open else (),
        other_open_cases=tuple(_others(s, row, its_case)),
        reply_to=writing.to,
        reply_name=first_name(row.customer_name) or handle,
        account_address=address,
        language=spoken,
        draft=_draft(s, conversation_id, agent_id, is_note=False),
        note_draft=_draft(s, conversation_id, agent_id, is_note=True),
        newest_message_id=_newest(s, conversations_with(s, conversation_id)),
        writing=writing,
    )


def _language(s: Session, row: ConversationRow) -> str:
    """The customer's language: what somebody set, else what the newest messages are written in."""
    known: str | None = s.scalar(select(tables.customers.c.language).where(tables.customers.c.id == row.customer_id))
    if known:
        return known
    columns = tables.messages.c
    texts = s.scalars(
        select(columns.text)
        .where(columns.conversation_id == row.id, columns.direction == Direction.IN)
        .order_by(columns.id.desc())
        .limit(_READ_FOR_LANGUAGE)
    )
    return guess_language(" ".join(text[:2000] for text in texts))


def _ends(s: Session, row: ConversationRow) -> tuple[str, str]:
    """The handle that a reply goes to, and our own address."""
    conversations, identities, accounts = tables.conversations.c, tables.identities, tables.accounts
    found = s.execute(
        select(identities.c.handle, accounts.c.address)
        .select_from(tables.conversations)
        .join(identities, identities.c.id == conversations.identity_id)
        .join(accounts, accounts.c.id == conversations.account_id)
        .where(conversations.id == row.id)
    ).one()
    return visible_handle(found[0]), found[1]


def _others(s: Session, row: ConversationRow, its_case: CaseRow | None) -> list[CaseRow]:
    found = cases(s, customer_id=row.customer_id, statuses=_OPEN, limit=10)
    return [each for each in found if its_case is None or each.id != its_case.id]


def _draft(s: Session, conversation_id: int, agent_id: int | None, *, is_note: bool) -> DraftRow | None:
    found = drafts.find(s, conversation_id, agent_id, is_note=is_note) if agent_id is not None else None
    return drafts.row(s, found) if found is not None else None


def _newest(s: Session, conversation_ids: Sequence[int]) -> int:
    columns = tables.messages.c
    spoken = select(func.max(columns.id)).where(
        columns.conversation_id.in_(conversation_ids), columns.direction != Direction.NOTE
    )
    return s.scalar(spoken) or 0
