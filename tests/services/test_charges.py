"""What accounts cost: counted once, priced as the list or the settings say, held against two caps."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from inbox.channels.base import Author, Batch, Incoming
from inbox.engine.receiver import store
from inbox.services import accounts, charges, replies, seeding
from inbox.states import ConversationKind
from inbox.store.db import Database
from inbox.store.models import Charge, Conversation
from tests.services.arriving import NOW, rows


@pytest.fixture
def x_account(db: Database) -> int:
    with db.writing() as s:
        seeding.seed(s)
        return accounts.add(s, "x", "Shop", {"address": "@shop", "day_cap": "2", "month_cap": "30"})


def spend(db: Database, account_id: int, counts: Mapping[str, int]) -> None:
    with db.writing() as s:
        charges.add(s, account_id, counts)


def test_a_batch_is_charged_with_what_it_brings(db: Database, x_account: int) -> None:
    for _ in range(2):
        store(db, x_account, Batch((), "1", charges={"post_read": 10, "owned_read": 3}), "")
    (owned, posts) = sorted(rows(db, Charge), key=lambda each: each.kind)
    assert (owned.count, owned.amount) == (6, 6_000)
    assert (posts.count, posts.amount) == (20, 100_000)
    with db.reading() as s:
        assert charges.spent(s, x_account).today == pytest.approx(0.106)


def test_the_settings_can_price_otherwise(db: Database, x_account: int) -> None:
    found = charges.prices("x", {"prices": "post_read=0.004, message_read = 0.5\nnonsense, unheard_of=3"})
    assert found["message_read"] == 0.5
    assert found["post_with_link"] == 0.2
    assert "unheard_of" not in found
    assert charges.prices("email", {}) == {}


def test_the_nearer_cap_counts_and_tells_when_there_is_money_again(db: Database, x_account: int) -> None:
    now = datetime(2026, 11, 22, 18, tzinfo=UTC)
    spend(db, x_account, {"post_with_link": 8})
    with db.writing() as s:
        for row in s.query(Charge):
            row.day = now.date()
    with db.reading() as s:
        near = charges.budget(s, x_account, now)
        assert (round(near.share, 6), near.seconds, near.month) == (0.8, 6 * 3600, False)
        assert charges.budget(s, x_account, now + timedelta(days=1)).share == pytest.approx(1.6 / 30)
        assert charges.budget(s, x_account, datetime(2026, 12, 1, tzinfo=UTC)).share == 0.0


def test_the_month_is_told_when_it_is_spent(db: Database, x_account: int) -> None:
    now = datetime(2026, 12, 31, 12, tzinfo=UTC)
    spend(db, x_account, {"post_with_link": 150})
    with db.writing() as s:
        for row in s.query(Charge):
            row.day = now.date()
    with db.reading() as s:
        gone = charges.budget(s, x_account, now)
    assert (round(gone.share, 6), gone.seconds, gone.month) == (1.0, 12 * 3600, True)


def test_no_cap_is_no_cap_and_a_cap_of_nothing_is_reached(db: Database, x_account: int) -> None:
    for cap, share in (("", 0.0), ("many", 0.0), ("0", 1.0)):
        with db.writing() as s:
            accounts.change(s, x_account, settings={"address": "@shop", "day_cap": cap})
        with db.reading() as s:
            assert charges.budget(s, x_account).share == share


def test_a_search_is_priced_before_it_runs() -> None:
    assert charges.forecast("x", {}, 100) == pytest.approx(15.0)


def test_before_sending_a_link_is_priced_and_a_direct_message_may_be_long(db: Database, x_account: int) -> None:
    public = Incoming(
        "1", Author("9"), NOW, b"{}", "Hi", remote_thread="1|9", conversation_kind=ConversationKind.MENTION
    )
    private = Incoming("dm:2", Author("9"), NOW, b"{}", "Hi", remote_thread="dm:9-1")
    store(db, x_account, Batch((public, private), "1"), "")
    kind_of = {row.kind: row.id for row in rows(db, Conversation)}

    def kinds(where: ConversationKind, text: str) -> set[str]:
        with db.reading() as s:
            found = replies.warnings(s, kind_of[where], text)
            return {each.kind for each in found} & {"dear", "too_long"}

    assert kinds(ConversationKind.MENTION, "See shop.example.com") == {"dear"}
    assert kinds(ConversationKind.MENTION, "It left. " * 40) == {"too_long"}
    assert kinds(ConversationKind.DIRECT, "See shop.example.com. " * 40) == set()
    assert kinds(ConversationKind.DIRECT, "It left. " * 1200) == {"too_long"}


@pytest.mark.parametrize(("given", "share"), [({}, 0.8), ({"day_cap": "", "month_cap": ""}, 0.0)])
def test_an_account_made_without_caps_has_those_of_the_form_and_an_emptied_one_is_none(
    db: Database, given: dict[str, str], share: float
) -> None:
    with db.writing() as s:
        account_id = accounts.add(s, "x", "Shop", {"address": "@shop", **given})
    spend(db, account_id, {"post_with_link": 8})
    with db.reading() as s:
        assert charges.budget(s, account_id).share == pytest.approx(share)
