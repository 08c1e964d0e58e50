"""What accounts cost at the other side: counted by day and kind, priced from a table, held against two caps."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Budget
from inbox.i18n import resource_path
from inbox.lazy_dataclass import dataclass
from inbox.services import tables
from inbox.store.models import Account, Charge

_MILLIONTHS = 1_000_000
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account cost today and this month (UTC), in US dollars."""

    today: float
    month: float


@lru_cache
def _list_prices(kind: str) -> Mapping[str, float]:
    """The public prices of a kind of channel; none where nothing is charged for."""
    file = resource_path(f"{kind}_prices.json")
    if not file.is_file():
        return {}
    found: Mapping[str, float] = json.loads(file.read_text(encoding="utf-8"))["prices"]
    return found


def prices(kind: str, settings: Mapping[str, Any]) -> dict[str, float]:
    """What each thing costs in US dollars: the list, and what the account's settings say otherwise."""
    found = dict(_list_prices(kind))
    for pair in str(settings.get("prices", "")).replace("\n", ",").split(","):
        name, _, value = pair.partition("=")
        price = _number(value)
        if name.strip() in found and price is not None:
            found[name.strip()] = price
    return found


def add(s: Session, account_id: int, counts: Mapping[str, int]) -> None:
    """Count what was read or written, at today's prices."""
    if not counts:
        return
    account = s.get_one(Account, account_id)
    known, day = prices(account.kind, account.settings), datetime.now(UTC).date()
    from sqlalchemy.dialects import postgresql, sqlite

    insert: Any = postgresql.insert if s.get_bind().dialect.name == "postgresql" else sqlite.insert
    for kind, count in sorted(counts.items()):
        amount = round(known.get(kind, 0.0) * count * _MILLIONTHS)
        row = insert(tables.charges).values(account_id=account_id, day=day, kind=kind, count=count, amount=amount)
        there = tables.charges.c
        s.execute(
            row.on_conflict_do_update(
                index_elements=["account_id", "day", "kind"],
                set_={"count": there["count"] + count, "amount": there.amount + amount},
            )
        )


def spent(s: Session, account_id: int, now: datetime | None = None) -> Spent:
    """What an account cost."""
    today = (now or datetime.now(UTC)).date()
    return Spent(_since(s, account_id, today), _since(s, account_id, today.replace(day=1)))


def budget(s: Session, account_id: int, now: datetime | None = None) -> Budget:
    """How much of the account's money is spent: of the cap that is nearer, and when there is more."""
    now = now or datetime.now(UTC)
    account = s.get_one(Account, account_id)
    kind, settings = account.kind, account.settings
    gone = spent(s, account_id, now)
    month = _share(gone.month, _cap(kind, settings, "month_cap"))
    day = _share(gone.today, _cap(kind, settings, "day_cap"))
    if month >= 1 or month > day:
        return Budget(month, _until(_next_month(now.date()), now), month=True)
    return Budget(day, _until(now.date() + timedelta(days=1), now))


def forecast(kind: str, settings: Mapping[str, Any], a_day: float) -> float:
    """What a saved search costs in a month that finds so many posts a day."""
    return prices(kind, settings).get("post_read", 0.0) * a_day * _DAYS


def _since(s: Session, account_id: int, day: date) -> float:
    total = s.scalar(select(func.sum(Charge.amount)).where(Charge.account_id == account_id, Charge.day >= day))
    return float(total or 0) / _MILLIONTHS


def _cap(kind: str, settings: Mapping[str, Any], name: str) -> Any:
    """A cap that nobody was asked for, as on the command line, is the form's; one that was emptied is none."""
    fields = registry.manifest(kind).fields
    return settings.get(name, next((field.default for field in fields if field.name == name), ""))


def _share(amount: float, cap: Any) -> float:
    """An empty cap is none; a cap of nothing is reached at once."""
    most = _number(cap)
    if most is None:
        return 0.0
    return amount / most if most > 0 else 1.0


def _number(value: Any) -> float | None:
    try:
        return max(0.0, float(str(value).strip().replace(",", ".")))
    except ValueError:
        return None


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _until(day: date, now: datetime) -> float:
    return (datetime.combine(day, time.min, UTC) - now).total_seconds()
