"""What speaks for and against the sender of a mail: data for the thread, read from the mail's head when it is shown."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.i18n import tr
from inbox.lazy_dataclass import dataclass
from inbox.states import Direction, MessageKind
from inbox.store.db import files_of
from inbox.store.models import Account, Customer, Identity, Message
from inbox.store.people import find_customers

if TYPE_CHECKING:
    from inbox.channels.email.sender import SenderSigns

_KINDS = (MessageKind.TEXT, MessageKind.AUTOMATIC)
_NAMESAKES = 20


@dataclass(frozen=True, slots=True)
class SenderCheck:
    """One thing about a sender.

    ``kind`` is "imitated", "alphabets", "claimed", "reply_to", "namesake", "not_confirmed" or "confirmed", which is the
    only one that is no warning.
    """

    kind: str
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether a person should look twice."""
        return self.kind != "confirmed"


def checks(s: Session, message_ids: Sequence[int]) -> dict[int, tuple[SenderCheck, ...]]:
    """Of these messages, those that there is something to say about. One short read of each head."""
    query = (
        select(Message.id, Account.kind, Identity.id.label("identity_id"))
        .join(Account, Account.id == Message.account_id)
        .join(Identity, Identity.id == Message.identity_id)
        .where(Message.id.in_(message_ids), Message.direction == Direction.IN, Message.kind.in_(_KINDS))
    )
    rows = s.execute(query).all()
    readers: dict[str, Any] = {
        kind: getattr(registry.plugin(kind), "read_sender", None) for kind in {row.kind for row in rows}
    }
    readers = {kind: read for kind, read in readers.items() if read is not None}  # only channels with heads offer it
    rows = [row for row in rows if row.kind in readers]
    own = _own_domains(s) if rows else set()
    namesakes = {identity_id: tuple(_namesake(s, identity_id)) for identity_id in {row.identity_id for row in rows}}
    found: dict[int, tuple[SenderCheck, ...]] = {}
    for row in rows:
        signs = readers[row.kind](files_of(s).get_start(s, row.id), own)
        said = (*_said(s, signs, row.identity_id), *namesakes[row.identity_id])
        if said:
            found[row.id] = said
    return found


def _own_domains(s: Session) -> set[str]:
    return {address.rpartition("@")[2].lower() for address in s.scalars(select(Account.address)) if "@" in address}


def _said(s: Session, signs: "SenderSigns", identity_id: int) -> Iterator[SenderCheck]:
    if signs.imitated:
        text = tr(
            "This address is easily taken for one of {domain}: {address}", domain=signs.imitated, address=signs.address
        )
        yield SenderCheck("imitated", text)
    elif signs.written:
        text = tr("The sender's domain mixes alphabets. Servers write it so: {domain}", domain=signs.written)
        yield SenderCheck("alphabets", text)
    if signs.claimed:
        text = tr(
            "The sender's name shows {claimed}, but it comes from {address}.",
            claimed=signs.claimed,
            address=signs.address,
        )
        yield SenderCheck("claimed", text)
    strangers = _strangers(s, signs.reply_to, identity_id)
    if strangers:
        text = tr("An answer would go to another domain: {address}", address=", ".join(strangers))
        yield SenderCheck("reply_to", text)
    if signs.confirmed is not None:
        words = {"domain": signs.domain, "method": signs.method}
        if signs.confirmed:
            text = tr("The receiving server confirmed that it comes from {domain} ({method}).", **words)
        else:
            text = tr("The receiving server could not confirm that it comes from {domain} ({method}).", **words)
        yield SenderCheck("confirmed" if signs.confirmed else "not_confirmed", text)


def _strangers(s: Session, addresses: Sequence[str], identity_id: int) -> list[str]:
    """Those that are no other address of the same customer's."""
    if not addresses:
        return []
    customer = select(Identity.customer_id).where(Identity.id == identity_id).scalar_subquery()
    known = set(s.scalars(select(Identity.handle).where(Identity.customer_id == customer)))
    return [each for each in dict.fromkeys(addresses) if each not in known]


def _namesake(s: Session, identity_id: int) -> Iterator[SenderCheck]:
    """A customer who was here before, bears the whole name, and writes from another address."""
    here = s.get_one(Identity, identity_id)
    name = " ".join(here.name.split())
    if " " not in name:
        return  # a first name alone is everybody's
    ids = [each for each in find_customers(s, name, _NAMESAKES) if each < here.customer_id]
    query = (
        select(Identity.handle)
        .join(Customer, Customer.id == Identity.customer_id)
        .where(Customer.id.in_(ids), Identity.channel == here.channel, Identity.handle != here.handle)
        .where(Identity.valid)
        .order_by(Identity.id)
    )
    named = [Customer.name, Identity.name]
    for handle, *names in s.execute(query.add_columns(*named)):
        if name.casefold() in {" ".join(each.split()).casefold() for each in names}:
            text = tr("A customer of the same name writes from another address: {address}", address=handle)
            yield SenderCheck("namesake", text)
            return
