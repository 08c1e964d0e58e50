"""Who might be the same person: only ever a suggestion, with its reasons. A person decides."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inbox.i18n import tr
from inbox.services import customers, tables
from inbox.services.names import customer_name, visible_handle
from inbox.services.rows import MergeSuggestion
from inbox.states import Direction
from inbox.store.people import find_customers
from inbox.store.search import fold

_MOST = 5
_LOOKED_AT = 200  # customers that any one reason may bring
_READ = 10  # newest messages whose text is looked at
_PHONE = re.compile(r"(?<![\w@.])\+?\d(?:[\s.()-]?\d){8,14}(?![\w@])")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_EVERYBODYS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.es",
        "outlook.com",
        "outlook.es",
        "live.com",
        "yahoo.com",
        "yahoo.es",
        "icloud.com",
        "me.com",
        "telefonica.net",
        "movistar.es",
        "gmx.com",
        "gmx.es",
        "gmx.de",
        "proton.me",
        "protonmail.com",
        "aol.com",
        "msn.com",
        "mail.com",
        "terra.es",
        "orange.es",
        "vodafone.es",
        "ono.com",
        "example.com",
        "example.org",
    ]
)

_customers, _identities = tables.customers.c, tables.identities.c


@dataclass(slots=True)
class _Candidate:
    reasons: list[str] = field(default_factory=list)
    weight: int = 0


def suggestions(s: Session, customer_id: int) -> tuple[MergeSuggestion, ...]:
    """The likeliest first, at most five."""
    customer = customers.require(s, customer_id)
    handles = list(
        s.execute(select(_identities.channel, _identities.handle).where(_identities.customer_id == customer_id))
    )
    found: dict[int, _Candidate] = {}
    phones, addresses = _mentioned(s, customer_id)
    _by_handle(s, found, customer_id, phones, addresses)
    _by_mention(s, found, customer_id, [handle for _, handle in handles])
    if customer.name:
        _by_name(s, found, customer_id, customer.name)
    _by_local_part(s, found, customer_id, [handle for channel, handle in handles if channel == "email"])
    _by_company(s, found, customer_id, [handle for channel, handle in handles if channel == "email"])
    likely = sorted(found, key=lambda id_: (-found[id_].weight, id_))[:_MOST]
    return _rows(s, likely, found)


def _add(found: dict[int, _Candidate], customer_ids: Iterable[int], reason: str, weight: int) -> None:
    for customer_id in customer_ids:
        candidate = found.setdefault(customer_id, _Candidate())
        if reason not in candidate.reasons:
            candidate.reasons.append(reason)
            candidate.weight += weight


def _others(s: Session, customer_id: int, *conditions: object) -> list[int]:
    """Customers with an identity that meets the conditions."""
    query = (
        select(_identities.customer_id)
        .where(_identities.customer_id != customer_id, _identities.valid, *conditions)  # type: ignore[arg-type]  # conditions
        .distinct()
        .limit(_LOOKED_AT)
    )
    return list(s.scalars(query))


def _mentioned(s: Session, customer_id: int) -> tuple[set[str], set[str]]:
    """Phone numbers and addresses in what the customer wrote lately: signatures, mostly."""
    messages, conversations = tables.messages.c, tables.conversations
    texts = s.scalars(
        select(messages.text)
        .join(conversations, conversations.c.id == messages.conversation_id)
        .where(conversations.c.customer_id == customer_id, messages.direction == Direction.IN)
        .order_by(messages.id.desc())
        .limit(_READ)
    ).all()
    joined = "\n".join(texts)
    phones = {_digits(match) for match in _PHONE.findall(joined)}
    return phones, {match.lower() for match in _ADDRESS.findall(joined)}


def _digits(phone: str) -> str:
    """The last nine digits: the number without its country."""
    return re.sub(r"\D", "", phone)[-9:]


def _by_handle(
    s: Session, found: dict[int, _Candidate], customer_id: int, phones: set[str], addresses: set[str]
) -> None:
    if addresses:
        ids = _others(s, customer_id, _identities.handle.in_(addresses))
        _add(found, ids, tr("Their address stands in this customer's messages"), 4)
    for phone in sorted(phones)[:_MOST]:
        ids = _others(s, customer_id, _identities.channel != "email", _identities.handle.like(f"%{phone}"))
        _add(found, ids, tr("Their phone number stands in this customer's messages"), 4)


def _by_mention(s: Session, found: dict[int, _Candidate], customer_id: int, handles: list[str]) -> None:
    """The same phone number among the facts of somebody else."""
    facts = tables.facts.c
    mine = select(facts.value).where(facts.customer_id == customer_id, facts.kind == "phone")
    numbers = {_digits(value) for value in s.scalars(mine)} | {_digits(each) for each in handles if each[:1] == "+"}
    for number in sorted(each for each in numbers if len(each) == len("600000000"))[:_MOST]:
        same = select(facts.customer_id).where(
            facts.kind == "phone", facts.customer_id != customer_id, facts.value.like(f"%{number[-4:]}%")
        )
        values = select(facts.customer_id, facts.value).where(facts.customer_id.in_(same), facts.kind == "phone")
        ids = [row[0] for row in s.execute(values.limit(_LOOKED_AT)) if _digits(row[1]) == number]
        _add(found, ids, tr("The same phone number"), 4)
        ids = _others(s, customer_id, _identities.channel != "email", _identities.handle.like(f"%{number}"))
        _add(found, ids, tr("The same phone number"), 4)


def _by_name(s: Session, found: dict[int, _Candidate], customer_id: int, name: str) -> None:
    words = sorted(fold(name).replace(",", " ").split())
    if len(words) < 2:
        return
    alive = (_customers.id != customer_id, _customers.merged_into_id.is_(None), _customers.erased_at.is_(None))
    called = find_customers(s, max(words, key=len), _LOOKED_AT)
    rows = s.execute(select(_customers.id, _customers.name).where(*alive, _customers.id.in_(called)))
    for other_id, other_name in rows:
        others = sorted(fold(other_name).replace(",", " ").split())
        if others == words:
            _add(found, [other_id], tr("The same name"), 3)
        elif len(others) > 1 and (set(others) < set(words) or set(words) < set(others)):
            _add(found, [other_id], tr("A similar name"), 2)


def _by_local_part(s: Session, found: dict[int, _Candidate], customer_id: int, addresses: list[str]) -> None:
    for address in addresses[:_MOST]:
        local, _, domain = address.partition("@")
        if len(local) > 5 and domain:
            ids = _others(
                s,
                customer_id,
                _identities.channel == "email",
                _identities.handle >= f"{local}@",
                _identities.handle < f"{local}A",  # "A" follows "@"
            )
            _add(found, ids, tr("The same name before the @"), 2)


def _by_company(s: Session, found: dict[int, _Candidate], customer_id: int, addresses: list[str]) -> None:
    """A colleague, perhaps; by itself it says too little, so it only adds to another reason."""
    domains = {address.partition("@")[2] for address in addresses} - _EVERYBODYS - {""}
    if not domains or not found:
        return
    same = or_(*(_identities.handle.like(f"%@{domain}") for domain in sorted(domains)))
    ids = _others(s, customer_id, _identities.customer_id.in_(list(found)), _identities.channel == "email", same)
    _add(found, ids, tr("The same company's domain"), 1)


def _rows(s: Session, ids: list[int], found: dict[int, _Candidate]) -> tuple[MergeSuggestion, ...]:
    names = {
        row[0]: row[1]
        for row in s.execute(
            select(_customers.id, _customers.name).where(
                _customers.id.in_(ids), _customers.merged_into_id.is_(None), _customers.erased_at.is_(None)
            )
        )
    }
    handles: dict[int, list[str]] = {}
    theirs = select(_identities.customer_id, _identities.handle).where(_identities.customer_id.in_(ids))
    for customer_id, handle in s.execute(theirs.order_by(_identities.is_primary.desc(), _identities.id)):
        handles.setdefault(customer_id, []).append(handle)
    return tuple(
        MergeSuggestion(
            customer_id=id_,
            name=customer_name(names[id_], next(iter(handles.get(id_, [])), None)),
            handles=tuple(filter(None, map(visible_handle, handles.get(id_, [])))),
            reasons=tuple(found[id_].reasons),
        )
        for id_ in ids
        if id_ in names
    )
