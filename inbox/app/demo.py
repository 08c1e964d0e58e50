"""Fills an empty database with a shop's last weeks, through the same services as everything else.

The messages go in as a channel hands them over, and everything is done as of its own time (``store.db.as_of``), so that
the weeks look like weeks; the gate is passed by the same rules as on any other day.
"""

import json
import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.channels.base import Attachment, Author, Batch, Incoming
from inbox.channels.demo.story import Story, bank, load
from inbox.events import QuestionAsked
from inbox.i18n import language
from inbox.services import (
    accounts,
    agents,
    cases,
    conversations,
    customers,
    ingest,
    questions,
    replies,
    seeding,
    settings_store,
)
from inbox.services.replies import queueing
from inbox.services.rows import AgentRow, AskedQuestion
from inbox.states import CaseStatus, CloseReason, ConversationKind, DismissReason, Priority, Role, Tier
from inbox.store.db import Database, as_of, record
from inbox.store.models import (
    Account,
    Agent,
    BankQuestion,
    Case,
    CaseType,
    Conversation,
    Customer,
    Identity,
    Message,
    Question,
    Team,
    Template,
)

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_UNITS = {"y": 31_536_000, "d": 86400, "h": 3600, "m": 60, "s": 1}
_A_WHILE = timedelta(seconds=40)  # until somebody looks at what came in
_TARGET_WAIT = 900.0  # seconds: they answer more mails than chats
LOGIN = "demo"


def fill(db: Database) -> None:
    """Make the shop. Does nothing in a database that holds anything already."""
    with db.writing() as s:
        if s.scalar(select(func.count()).select_from(Account)):
            return
        seeding.seed(s)
        story = load(language())
        people = _agents(s, story)
        _company(s, story)
    filling = _Filling(story, people, datetime.now(UTC))
    with db.writing(people["marta"]) as s:
        filling.accounts(s)
        filling.messages(s)
        filling.customers(s)
        for entry in filling.entries:
            filling.case(s, entry)
        filling.finish(s)


def agent(s: Session) -> AgentRow:
    """Who the person at the screen is in the demo."""
    return agents.current(s, LOGIN, "Marta Ruiz")


def _agents(s: Session, story: Story) -> dict[str, int]:
    """The people of the shop: key -> id. The first one is who sits at the screen."""
    teams: dict[str, int] = {}
    found = {}
    for number, one in enumerate(story.content["agents"]):
        if one["team"] not in teams:
            team = Team(name=one["team"])
            s.add(team)
            s.flush()
            teams[one["team"]] = team.id
        person = Agent(
            name=one["name"],
            email=one["email"],
            login=LOGIN if number == 0 else "",
            role=Role.ADMIN if number == 0 else Role(one["role"]),
            team_id=teams[one["team"]],
            signature=one["signature"],
        )
        s.add(person)
        s.flush()
        found[one["key"]] = person.id
    return found


def _company(s: Session, story: Story) -> None:
    for name, value in story.content["company"].items():
        settings_store.change(s, f"company.{name}", value)
    settings_store.change(s, "target_wait_seconds", _TARGET_WAIT)


@dataclass(slots=True)
class _Said:
    """A message of the story, and what became of it."""

    who: str
    at: datetime
    text: str
    remote_id: str
    asks: tuple[str, ...]
    options: Mapping[str, Any]
    id: int = 0

    @property
    def is_note(self) -> bool:
        return self.who.startswith("note:")


@dataclass(slots=True)
class _Entry:
    """A conversation of the story."""

    content: Mapping[str, Any]
    account: str
    thread: str
    said: list[_Said]
    id: int = 0
    follows: "_Entry | None" = None


@dataclass(slots=True)
class _Filling:
    story: Story
    people: Mapping[str, int]
    now: datetime
    account_ids: dict[str, int] = field(default_factory=dict)
    entries: list[_Entry] = field(default_factory=list)

    def accounts(self, s: Session) -> None:
        """The places where customers write."""
        for one in self.story.content["accounts"]:
            settings = {"key": one["key"], "as": one["as"], "address": one["address"], "language": language()}
            made = accounts.add(s, "demo", one["name"], settings, created_at=self.now - timedelta(days=900))
            accounts.change(s, made, opens_cases=False)
            self.account_ids[one["key"]] = made

    def messages(self, s: Session) -> None:
        """What was written, each at its time."""
        for number, content in enumerate(self.story.content["conversations"]):
            entry = self._entry(content, content["account"], f"demo-{number}", content["messages"])
            self.entries.append(entry)
            if "follow" in content:
                account, said = content["follow"]
                follow = self._entry(content, account, f"demo-{number}-follow", said)
                follow.follows = entry
                self.entries.append(follow)
        written = [(entry, said) for entry in self.entries for said in entry.said if not said.is_note]
        for entry, said in sorted(written, key=lambda one: one[1].at):
            with as_of(s, said.at, self.people.get(said.who)):
                ingest.store_batch(s, self.account_ids[entry.account], Batch([self._incoming(entry, said)], cursor="0"))
        threads = dict(s.execute(select(Conversation.remote_thread, Conversation.id)).all())
        ids = dict(s.execute(select(Message.remote_id, Message.id)).all())
        for entry in self.entries:
            entry.id = threads[entry.thread]
            for said in entry.said:
                said.id = ids.get(said.remote_id, 0)

    def _entry(self, content: Mapping[str, Any], account: str, thread: str, said: Sequence[Sequence[Any]]) -> _Entry:
        made = []
        for number, (who, ago, text, *more) in enumerate(said):
            kinds = tuple(_PLACEHOLDER.findall(text))
            asked = {kind: bank()[content["type"], kind, language_of(self.story)] for kind in kinds}
            made.append(
                _Said(
                    who,
                    self.now - _duration(ago),
                    _PLACEHOLDER.sub(lambda found, asked=asked: asked[found[1]], text),  # type: ignore[misc]
                    f"{thread}-{number}",
                    kinds,
                    more[0] if more else {},
                )
            )
        return _Entry(content, account, thread, made)

    def _incoming(self, entry: _Entry, said: _Said) -> Incoming:
        customer = self.story.content["customers"][entry.content["customer"]]
        handle = customer["handles"][entry.account]
        keys = tuple(("demo", other) for other in customer["handles"].values() if other != handle)
        who = Author(handle, customer["name"], keys)
        raw = {"from": handle, "name": customer["name"], "subject": entry.content["subject"], "text": said.text}
        ours = said.who != "customer"
        own_address = next(one["address"] for one in self.story.content["accounts"] if one["key"] == entry.account)
        return Incoming(
            remote_id=said.remote_id,
            author=Author(own_address) if ours else who,
            counterpart=who if ours else None,
            outgoing=ours,
            sent_at=said.at,
            raw=json.dumps(raw, ensure_ascii=False).encode(),
            text=said.text,
            new_text=said.text,
            subject=entry.content["subject"],
            remote_thread=entry.thread,
            attachments=tuple(_attachment(file) for file in said.options.get("files", ())),
            conversation_kind=ConversationKind.MENTION if entry.content.get("mention") else ConversationKind.DIRECT,
            seen="closed" in entry.content,
        )

    def _notes(self, s: Session, entry: _Entry) -> None:
        for said in entry.said:
            if said.is_note:
                writer = self.people[said.who.removeprefix("note:")]
                with as_of(s, said.at, writer):
                    said.id = replies.add_note(s, entry.id, said.text, agent_id=writer)

    def customers(self, s: Session) -> None:
        """What is known about them beside what they wrote."""
        for one in self.story.content["customers"].values():
            handles = list(one["handles"].values())
            id_ = s.scalars(select(Identity.customer_id).where(Identity.handle.in_(handles))).first()
            if id_ is None:
                continue
            values = {"name": one["name"], "company": one["company"], "tier": Tier(one["tier"])}
            values |= {"tags": one["tags"], "notes": one["notes"], "language": language_of(self.story)}
            customers.change(s, id_, **values, preferred_channel=one["preferred"])
            for channel, given in one["consents"].items():
                customers.set_consent(s, id_, channel, given)
            since = self.now - _duration(one["since"])
            with as_of(s, max(since, self.now - timedelta(days=200)), None):
                for kind, value in one["facts"].items():
                    customers.learn(s, id_, kind, value)
            s.execute(update(Customer).where(Customer.id == id_).values(created_at=since))

    def case(self, s: Session, entry: _Entry) -> None:
        """The case of a conversation, as far as it came."""
        content, first = entry.content, entry.said[0]
        self._authors(s, entry)
        if "dismiss" in content:
            with as_of(s, first.at + _A_WHILE, self.people["marta"]):
                conversations.dismiss(s, [entry.id], DismissReason(content["dismiss"]))
            return
        if content.get("mention") and not any(said.who in self.people for said in entry.said):
            return  # nobody has turned it into a case yet
        if entry.follows is not None:
            case_id = s.scalars(select(Conversation.case_id).where(Conversation.id == entry.follows.id)).one()
            assert case_id is not None
            with as_of(s, first.at + _A_WHILE, self.people["marta"]):
                cases.attach(s, entry.id, case_id)
        else:
            with as_of(s, first.at, None):
                case_id = cases.open_cases(s, [entry.id], {entry.id: first.at}, content["type"])[entry.id]
        self._notes(s, entry)
        self._questions(s, entry, case_id)
        self._standing(s, entry, case_id)
        if "closed" in content:
            self._close(s, entry, case_id)

    def _authors(self, s: Session, entry: _Entry) -> None:
        templates = dict(s.execute(select(Template.key, Template.id)).all())
        for said in entry.said:
            if said.who in self.people:
                template_id = templates.get(said.options.get("template", ""))
                values = {"agent_id": self.people[said.who], "template_id": template_id}
                s.execute(update(Message).where(Message.id == said.id).values(values))

    def _questions(self, s: Session, entry: _Entry, case_id: int) -> None:
        """Put the questions that our messages ask; a customer's message answers those before it."""
        type_id = select(CaseType.id).where(CaseType.key == entry.content["type"]).scalar_subquery()
        found = s.scalars(select(BankQuestion).where(BankQuestion.case_type_id == type_id))
        by_kind = {one.fact_kind: one for one in found}
        for said in entry.said:
            if said.who in self.people and said.asks:
                ask = [self._asked(by_kind[kind]) for kind in said.asks]
                with as_of(s, said.at, self.people[said.who]):
                    for question_id in queueing.put(s, case_id, said.id, ask, asked_at=said.at):
                        where = {"conversation_id": entry.id, "case_id": case_id, "message_id": said.id}
                        record(s, QuestionAsked(question_id=question_id, **where))
            elif said.who == "customer":
                with as_of(s, said.at + _A_WHILE, self.people.get(entry.content.get("owner", ""))):
                    self._answers(s, said, case_id)

    def _asked(self, one: BankQuestion) -> AskedQuestion:
        return AskedQuestion(one.text_es if language_of(self.story) == "es" else one.text_en, one.id, one.fact_kind)

    def _answers(self, s: Session, said: _Said, case_id: int) -> None:
        open_ones = s.scalars(
            select(Question).where(Question.case_id == case_id, Question.answered_at.is_(None)).order_by(Question.id)
        ).all()
        says = said.options.get("says") or re.split(r"(?<=[.!?])\s+", said.text)
        for number, question in enumerate(open_ones):
            words = says[number] if number < len(says) else said.text
            questions.answer(s, question.id, message_id=said.id, text=words.rstrip("."))

    def _standing(self, s: Session, entry: _Entry, case_id: int) -> None:
        """Owner, status and times, as the messages left them."""
        content, case = entry.content, s.get_one(Case, case_id)
        ours = [said for said in entry.said if said.who in self.people]
        newest = [said for said in entry.said if not said.is_note][-1]
        case.owner_id = self.people.get(content.get("owner", "")) or case.owner_id
        case.priority = Priority(content.get("priority", "normal"))
        if ours:
            case.first_reply_at = case.first_reply_at or ours[0].at
            waits = newest.who == "customer"
            case.status = CaseStatus.OPEN if waits else CaseStatus.WAITING
            case.waiting_since = newest.at if waits else None
        elif entry.follows is not None:
            case.status, case.waiting_since = CaseStatus.OPEN, newest.at
        if "due" in content:
            sign = -1 if content["due"][0] == "-" else 1
            case.due_at = self.now + sign * _duration(content["due"][1:])
        elif case.status is CaseStatus.WAITING:
            case.due_at = None
        if content.get("solved"):
            case.status, case.waiting_since = CaseStatus.SOLVED, None
        s.flush()

    def _close(self, s: Session, entry: _Entry, case_id: int) -> None:
        reason, ago = entry.content["closed"]
        with as_of(s, self.now - _duration(ago), s.get_one(Case, case_id).owner_id):
            cases.close(s, case_id, CloseReason(reason))

    def finish(self, s: Session) -> None:
        """From now on a customer's message opens a case by itself, and the list shows where everything stands."""
        for account_id in self.account_ids.values():
            accounts.change(s, account_id, opens_cases=True)
        conversations.refresh(s, [entry.id for entry in self.entries])
        for entry in self.entries:
            if _is_quiet(entry):
                with as_of(s, entry.said[-1].at + _A_WHILE, self.people["marta"]):
                    conversations.mark_read(s, [entry.id])


def language_of(story: Story) -> str:
    """The language that a story is told in."""
    return str(story.content["language"])


def _is_quiet(entry: _Entry) -> bool:
    return "closed" in entry.content or entry.said[-1].who != "customer" or len(entry.said) > 4


def _duration(text: str) -> timedelta:
    found: Iterable[tuple[str, str]] = re.findall(r"(\d+)([ydhms])", text)
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in found))


def _attachment(file: Mapping[str, str]) -> Attachment:
    image = file["kind"] == "image"
    content = _picture() if image else _paper(file["name"])
    kind = "image/png" if image else "application/pdf"
    return Attachment(file["name"], kind, len(content), content)


def _picture(width: int = 480, height: int = 320) -> bytes:
    """A PNG: a soft slope from green to grey, with a dent."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(0, width, 8):
            shade = 225 - (x + y) // 12
            dent = (x - 300) ** 2 + (y - 170) ** 2 < 3600
            rows += bytes((shade - 70, shade - 60, shade - 60) if dent else (shade - 8, shade, shade - 4)) * 8

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


def _paper(title: str) -> bytes:
    """A PDF of one page that shows its own name."""
    text = f"BT /F1 20 Tf 72 760 Td ({title}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + table
    return bytes(out + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
