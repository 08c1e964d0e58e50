"""Merging two customers and splitting them again leaves both right, whatever happened in between."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels.base import Incoming
from inbox.errors import NotFoundError, RuleError
from inbox.events import CustomersMerged, CustomersUnmerged, Event
from inbox.services import cases, customers, merging, queries
from inbox.states import Tier
from inbox.store.db import Database
from inbox.store.models import Case, Conversation, Customer, Fact, Identity, Merge
from tests.services.arriving import mail, receive, rows, store

_ROLLED_BACK = "the state machine is done"


def _two(db: Database, account: int) -> tuple[int, int]:
    receive(
        db,
        account,
        mail(name="Ana", key="a"),
        mail(sender="ana@work.example", name="Ana Pérez", key="w"),
    )
    return rows(db, Identity, Identity.handle == "ana@example.com")[0].customer_id, rows(
        db, Identity, Identity.handle == "ana@work.example"
    )[0].customer_id


def _owner(db: Database, handle: str) -> set[int]:
    """Whose the identity with this handle and its conversations are."""
    (identity,) = rows(db, Identity, Identity.handle == handle)
    talks = rows(db, Conversation, Conversation.identity_id == identity.id)
    return {identity.customer_id, *(talk.customer_id for talk in talks)}


def test_a_merge_makes_one_customer_with_everything(db: Database, account: int) -> None:
    first, second = _two(db, account)
    heard: list[Event] = []
    db.bus.subscribe(CustomersMerged, heard.append)
    with db.writing() as s:
        customers.learn(s, second, "phone", "600")
        merging.merge(s, first, second)
    assert _owner(db, "ana@work.example") == _owner(db, "ana@example.com") == {first}
    assert {case.customer_id for case in rows(db, Case)} == {first}
    assert rows(db, Fact)[0].customer_id == first
    assert heard == [CustomersMerged(customer_id=first, other_customer_id=second)]
    assert [row.is_primary for row in rows(db, Identity)] == [True, False]


def test_splitting_gives_back_what_came_by_each_identity_since_the_merge(db: Database, account: int) -> None:
    first, second = _two(db, account)
    with db.writing() as s:
        merge_id = merging.merge(s, first, second)
    receive(
        db,
        account,
        mail("1", answers=("a",)),
        mail("2", sender="ana@work.example", answers=("w",)),
        mail("3", sender="ana@work.example", key="new"),
    )
    (newest,) = rows(db, Conversation, Conversation.remote_thread == "first:new")
    with db.writing() as s:
        learned = customers.learn(s, first, "phone", "600", message_id=newest.last_message_id)
        by_hand = customers.learn(s, first, "place", "Vigo")
        merging.unmerge(s, merge_id)
    assert _owner(db, "ana@example.com") == {first}
    assert _owner(db, "ana@work.example") == {second}
    assert {row.id: row.customer_id for row in rows(db, Fact)} == {learned: second, by_hand: first}
    assert {row.id: row.customer_id for row in rows(db, Case)} == {
        row.case_id: row.customer_id for row in rows(db, Conversation)
    }
    assert [(row.id, row.merged_into_id) for row in rows(db, Customer)] == [(first, None), (second, None)]
    assert all(row.is_primary for row in rows(db, Identity))


def test_a_case_that_spanned_both_is_split_with_them(db: Database, account: int) -> None:
    first, second = _two(db, account)
    theirs = {row.customer_id: row.id for row in rows(db, Case)}
    talks = {row.customer_id: row.id for row in rows(db, Conversation)}
    with db.writing() as s:
        merge_id = merging.merge(s, first, second)
        cases.join(s, theirs[second], theirs[first])
    assert {row.case_id for row in rows(db, Conversation)} == {theirs[first]}
    with db.writing() as s:
        merging.unmerge(s, merge_id)
    found = {row.id: row for row in rows(db, Conversation)}
    assert found[talks[first]].case_id == theirs[first]
    assert found[talks[second]].case_id == theirs[second]
    assert {row.id: row.customer_id for row in rows(db, Case)} == {theirs[first]: first, theirs[second]: second}


def test_who_left_a_merge_is_not_taken_along_by_an_older_one(db: Database, account: int) -> None:
    first, second = _two(db, account)
    receive(db, account, mail(sender="c@example.com"))
    third = rows(db, Identity, Identity.handle == "c@example.com")[0].customer_id
    with db.writing() as s:
        inner = merging.merge(s, first, second)
        outer = merging.merge(s, third, first)
        merging.unmerge(s, inner)
        merging.merge(s, third, second)
        merging.unmerge(s, outer)
    assert _owner(db, "ana@work.example") == _owner(db, "c@example.com") == {third}
    assert _owner(db, "ana@example.com") == {first}


def test_fields_are_filled_and_taken_out_again_but_not_what_a_person_wrote(db: Database, account: int) -> None:
    first, second = _two(db, account)
    with db.writing() as s:
        customers.change(s, first, name="", tags=["a"], notes="uno")
        customers.change(s, second, company="SL", tier=Tier.A, tags=["a", "b"], notes="dos", language="es")
        customers.set_consent(s, second, "email", False)
        shown = merging.preview(s, first, second)
        merge_id = merging.merge(s, first, second)
    assert shown["tier"] == ("C", "A")
    merged = rows(db, Customer)[0]
    assert (merged.name, merged.company, merged.tier, merged.tags) == ("Ana Pérez", "SL", Tier.A, ["a", "b"])
    assert (merged.notes, list(merged.consents)) == ("uno\n\ndos", ["email"])
    with db.writing() as s:
        customers.change(s, first, company="Otra SL")
        merging.unmerge(s, merge_id)
    split = rows(db, Customer)[0]
    assert (split.name, split.company, split.tier, split.tags) == ("", "Otra SL", Tier.C, ["a"])
    assert (split.notes, split.consents, split.language) == ("uno", {}, "")


def test_what_makes_no_sense_is_refused_in_words(db: Database, account: int) -> None:
    first, second = _two(db, account)
    heard: list[Event] = []
    db.bus.subscribe(CustomersUnmerged, heard.append)
    with db.writing() as s:
        merge_id = merging.merge(s, first, second)
        with pytest.raises(RuleError):
            merging.merge(s, first, first)
        with pytest.raises(NotFoundError):
            merging.merge(s, first, second)
        merging.unmerge(s, merge_id)
        with pytest.raises(NotFoundError):
            merging.unmerge(s, merge_id)
    assert heard == [CustomersUnmerged(customer_id=first, other_customer_id=second)]


def test_the_same_person_is_only_suggested_and_with_the_reasons(db: Database, account: int) -> None:
    receive(
        db,
        account,
        mail("Hola", name="Ana Pérez Gil", sender="ana.perez@gmail.com"),
        mail("Un saludo. Tel. 600 111 222, ana.perez@gmail.com", name="Gil, Ana Perez", sender="ana@taller.example"),
        mail("Nada", name="Luis Pérez Mas", sender="luis@gmail.com"),
    )
    with db.reading() as s:
        (suggestion,) = merging.suggestions(
            s, rows(db, Identity, Identity.handle == "ana@taller.example")[0].customer_id
        )
    assert suggestion.name == "Ana Pérez Gil"
    assert suggestion.handles == ("ana.perez@gmail.com",)
    assert set(suggestion.reasons) == {"Their address stands in this customer's messages", "The same name"}
    assert len(rows(db, Customer)) == 3


HANDLES = tuple("abcd")


@dataclass
class _Model:
    """What should be: whose each handle is by itself, and who is merged into whom."""

    home: dict[str, int] = field(default_factory=dict)
    into: dict[int, int] = field(default_factory=dict)  # absorbed -> survivor
    merges: dict[int, tuple[int, int]] = field(default_factory=dict)  # merge -> (survivor, absorbed)
    count: dict[str, int] = field(default_factory=dict)

    def root(self, customer_id: int) -> int:
        while customer_id in self.into:
            customer_id = self.into[customer_id]
        return customer_id


class _Merging(RuleBasedStateMachine):
    """Merges, messages, facts, cases and splits in any order, in one transaction that is rolled back."""

    session: Session
    account_id: int

    def __init__(self) -> None:
        super().__init__()
        self.model = _Model()
        self.savepoint = self.session.begin_nested()

    def teardown(self) -> None:
        self.savepoint.rollback()
        self.session.expunge_all()

    @initialize()
    def begin(self) -> None:
        store(self.session, self.account_id, *(self._mail(handle) for handle in HANDLES))
        for handle, customer_id in self.session.execute(select(Identity.handle, Identity.customer_id)):
            self.model.home[handle[0]] = customer_id
        assert len(set(self.model.home.values())) == len(HANDLES)

    def _mail(self, handle: str) -> Incoming:
        number = self.model.count[handle] = self.model.count.get(handle, 0) + 1
        return mail(f"{handle} {number}", f"{handle}@example.com", name=handle.upper())

    def _pairs(self, one_root: bool) -> list[tuple[str, str]]:
        roots = {handle: self.model.root(home) for handle, home in self.model.home.items()}
        return [(a, b) for a in HANDLES for b in HANDLES if a != b and (roots[a] == roots[b]) == one_root]

    @precondition(lambda self: self._pairs(one_root=False))
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        pair = data.draw(st.sampled_from(self._pairs(one_root=False)))
        survivor, absorbed = (self.model.root(self.model.home[handle]) for handle in pair)
        merge_id = merging.merge(self.session, survivor, absorbed)
        self.model.into[absorbed] = survivor
        self.model.merges[merge_id] = (survivor, absorbed)

    @precondition(lambda self: self.model.merges)
    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        merge_id = data.draw(st.sampled_from(sorted(self.model.merges)))
        _, absorbed = self.model.merges.pop(merge_id)
        merging.unmerge(self.session, merge_id)
        del self.model.into[absorbed]

    @rule(handle=st.sampled_from(HANDLES))
    def write(self, handle: str) -> None:
        store(self.session, self.account_id, self._mail(handle))

    @rule(handle=st.sampled_from(HANDLES), kind=st.sampled_from(["phone", "place"]))
    def learn(self, handle: str, kind: str) -> None:
        message_id = self.session.scalar(
            select(Conversation.last_message_id)
            .join(Identity, Identity.id == Conversation.identity_id)
            .where(Identity.handle == f"{handle}@example.com")
            .limit(1)
        )
        customers.learn(self.session, self.model.root(self.model.home[handle]), kind, handle, message_id=message_id)

    @precondition(lambda self: self._pairs(one_root=True))
    @rule(data=st.data())
    def join_cases(self, data: st.DataObject) -> None:
        one, other = (self._first_case(handle) for handle in data.draw(st.sampled_from(self._pairs(one_root=True))))
        if one is not None and other is not None and one != other:
            cases.join(self.session, one, other)

    def _first_case(self, handle: str) -> int | None:
        return self.session.scalar(
            select(Conversation.case_id)
            .join(Identity, Identity.id == Conversation.identity_id)
            .where(Identity.handle == f"{handle}@example.com")
            .order_by(Conversation.id)
            .limit(1)
        )

    @invariant()
    def everybody_has_what_is_theirs(self) -> None:
        s = self.session
        wanted = {f"{handle}@example.com": self.model.root(home) for handle, home in self.model.home.items()}
        found = {identity.handle: identity.customer_id for identity in s.scalars(select(Identity))}
        assert found == wanted
        talks = s.execute(
            select(Identity.handle, Conversation.customer_id, Case.customer_id)
            .join(Conversation, Conversation.identity_id == Identity.id)
            .outerjoin(Case, Case.id == Conversation.case_id)
        ).all()
        assert len(talks) == sum(self.model.count.values())
        assert all(talk == owner == wanted[handle] for handle, talk, owner in talks)
        alive = set(s.scalars(select(Customer.id).where(Customer.merged_into_id.is_(None))))
        assert alive == set(wanted.values())
        assert {row[0] for row in s.execute(select(Fact.customer_id))} <= alive
        for value, owner in s.execute(select(Fact.value, Fact.customer_id)):
            assert owner == wanted[f"{value}@example.com"]
        held = set(s.scalars(select(Merge.id).where(Merge.undone_at.is_(None))))
        assert held == set(self.model.merges)

    @precondition(lambda self: not self.model.merges)
    @invariant()
    def nobody_keeps_what_was_filled_in(self) -> None:
        names = {row.id: row.name for row in self.session.scalars(select(Customer))}
        assert {self.model.home[handle]: handle.upper() for handle in self.model.home} == names


def test_merges_and_splits_in_any_order_leave_everybody_with_what_is_theirs(db: Database, account: int) -> None:
    with pytest.raises(RuntimeError, match=_ROLLED_BACK), db.writing() as s:
        _Merging.session, _Merging.account_id = s, account
        run_state_machine_as_test(
            _Merging,
            settings=settings(
                max_examples=60,
                stateful_step_count=20,
                deadline=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            ),
        )
        raise RuntimeError(_ROLLED_BACK)


def test_merged_customers_vanish_from_searches(db: Database, account: int) -> None:
    first, second = _two(db, account)
    with db.writing() as s:
        merge_id = merging.merge(s, first, second)
        assert [row.id for row in queries.customers(s, "ana", 9)] == [first]
        merging.unmerge(s, merge_id)
        assert sorted(row.id for row in queries.customers(s, "ana", 9)) == sorted((first, second))
