"""Accounts: adding and changing them, their light, who runs them, and how far they were read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import NotFoundError, RuleError
from inbox.events import AccountChanged
from inbox.services import tables
from inbox.services.rows import AccountRow
from inbox.states import AccountState
from inbox.store.db import record
from inbox.store.models import Account, Conversation, Cursor, Message

_CHANGEABLE = frozenset({"name", "settings", "enabled", "opens_cases", "case_days", "reopen_days", "team_id"})
REMOVED = "removed"
"""In an account's settings: it was removed, and is kept only because its conversations are."""


def add(
    s: Session,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    *,
    address: str = "",
    created_at: datetime | None = None,
) -> int:
    """Add an account; secrets don't belong here. One that was removed before comes back with its history."""
    address = (address or _address(kind, settings)).strip()
    found = s.scalars(select(Account).where(Account.kind == kind, Account.address == address)).one_or_none()
    if found is not None:
        if not found.settings.get(REMOVED):
            raise RuleError("There is an account for {address} already", "Change that one.", address=address or name)
        found.name, found.settings, found.enabled = name or found.name, dict(settings), True
        account = found
    else:
        account = Account(
            kind=kind,
            name=name or address or kind,
            address=address,
            settings=dict(settings),
            state=AccountState.CONNECTING,
            created_at=created_at or datetime.now(UTC),
        )
        s.add(account)
    s.flush()
    record(s, AccountChanged(account_id=account.id, what="added"))
    return account.id


def _address(kind: str, settings: Mapping[str, Any]) -> str:
    """What tells the account from others of its kind: the field that the channel names for it."""
    return str(settings.get(registry.manifest(kind).address_field, ""))


def change(s: Session, account_id: int, **values: Any) -> None:
    """Change name, settings, enabled, opens_cases, case_days, reopen_days or team_id."""
    account = _require(s, account_id)
    if unknown := set(values) - _CHANGEABLE:
        raise TypeError(f"accounts have no {', '.join(sorted(unknown))}")
    if "settings" in values:
        values["settings"] = dict(values["settings"])
        _move_address(s, account, (_address(account.kind, values["settings"]) or account.address).strip())
    for name, value in values.items():
        setattr(account, name, value)
    if values.get("enabled") is False:
        account.state, account.state_title, account.state_hint = AccountState.OFF, "", ""
    s.flush()
    record(s, AccountChanged(account_id=account_id, what=", ".join(sorted(values))))


def remove(s: Session, account_id: int) -> bool:
    """Remove an account. Its conversations stay; with none it is deleted, which is what the answer says."""
    account = _require(s, account_id)
    s.execute(delete(Cursor).where(Cursor.account_id == account_id))
    holds = s.scalar(
        select(
            or_(
                exists().where(Conversation.account_id == account_id),
                exists().where(Message.account_id == account_id),
            )
        )
    )
    if holds:
        account.enabled, account.state = False, AccountState.OFF
        account.settings = {**account.settings, REMOVED: True}
    else:
        s.delete(account)
    s.flush()
    record(s, AccountChanged(account_id=account_id, what="removed"))
    return not holds


def set_state(
    s: Session, account_id: int, state: AccountState, title: str = "", hint: str = "", remaining: int | None = None
) -> None:
    """Change an account's light; says so to everybody when the light or its words are others than before."""
    account = _require(s, account_id)
    news = (state, title, hint) != (account.state, account.state_title, account.state_hint)
    if news:
        account.state, account.state_title, account.state_hint = state, title, hint
        account.state_at = datetime.now(UTC)
    if news or remaining != account.remaining:
        account.remaining = remaining
        s.flush()
        record(s, AccountChanged(account_id=account_id, what="state"))


def take_lease(s: Session, account_id: int, owner: str, seconds: float = 30) -> bool:
    """Become (or stay) the engine that runs an account; false while another one's lease lasts."""
    now = datetime.now(UTC)
    taken = s.execute(
        update(Account)
        .where(
            Account.id == account_id,
            or_(Account.lease_owner.in_(("", owner)), Account.lease_until.is_(None), Account.lease_until < now),
        )
        .values(lease_owner=owner, lease_until=now + timedelta(seconds=seconds))
        .returning(Account.id)
    )
    return taken.scalar() is not None


def give_lease(s: Session, account_id: int, owner: str) -> None:
    """Let others run the account."""
    s.execute(
        update(Account)
        .where(Account.id == account_id, Account.lease_owner == owner)
        .values(lease_owner="", lease_until=None)
    )


def save_cursor(s: Session, account_id: int, value: str) -> None:
    """Keep how far an account has been read."""
    cursors = tables.cursors
    known = update(cursors).where(cursors.c.account_id == account_id).values(value=value)
    if not s.scalar(known.returning(cursors.c.account_id)):
        s.execute(insert(cursors), {"account_id": account_id, "value": value})


def load_cursor(s: Session, account_id: int) -> str:
    """How far an account has been read; empty for one that never was."""
    return s.scalar(select(Cursor.value).where(Cursor.account_id == account_id)) or ""


def rows(s: Session) -> list[AccountRow]:
    """Every account that was not removed. ``unread`` counts among the newest thousand unread conversations."""
    newest_unread = (
        select(tables.conversations.c.account_id)
        .where(tables.conversations.c.unread_count > 0)
        .order_by(tables.conversations.c.last_message_id.desc())
        .limit(1000)
        .subquery()
    )
    counted = select(newest_unread.c.account_id, func.count()).group_by(newest_unread.c.account_id)
    unread: dict[int, int] = dict(s.execute(counted).all())
    found = s.scalars(select(Account).order_by(Account.id)).all()
    return [_row(account, unread.get(account.id, 0)) for account in found if not account.settings.get(REMOVED)]


def to_run(s: Session) -> list[AccountRow]:
    """The accounts that an engine shall run."""
    return [row for row in rows(s) if row.enabled]


def _row(account: Account, unread: int) -> AccountRow:
    return AccountRow(
        id=account.id,
        kind=account.kind,
        name=account.name,
        address=account.address,
        settings={name: str(value) for name, value in account.settings.items()},
        enabled=account.enabled,
        state=account.state,
        state_title=account.state_title,
        state_hint=account.state_hint,
        remaining=account.remaining,
        unread=unread,
        opens_cases=account.opens_cases,
        case_days=account.case_days,
        reopen_days=account.reopen_days,
    )


def _move_address(s: Session, account: Account, address: str) -> None:
    if address == account.address:
        return
    taken = exists().where(Account.kind == account.kind, Account.address == address, Account.id != account.id)
    if s.scalar(select(taken)):
        raise RuleError("There is an account for {address} already", "Change that one.", address=address)
    account.address = address


def _require(s: Session, account_id: int) -> Account:
    account = s.get(Account, account_id)
    if account is None:
        raise NotFoundError("There is no account {id}", "It may have been removed.", id=account_id)
    return account
