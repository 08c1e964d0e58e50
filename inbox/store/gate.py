"""The gate inside the database: triggers on both engines, so that no path goes round it.

A rule is a condition under which a change is refused, in SQL that both engines understand but for a few words in
braces. The sentence that the database raises starts with "gate: "; ``failures`` turns it into a RuleError.

On PostgreSQL a rule that looks at a case's status locks that case against closing meanwhile (``FOR SHARE``): otherwise
two transactions at the same moment could together do what neither may. SQLite has one writer at a time anyway.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this module only

from typing import NamedTuple

from inbox.states import GONE_OUT


class Rule(NamedTuple):
    """One trigger: before ``event`` on ``table`` it refuses with ``sentence`` where ``condition`` holds."""

    name: str
    event: str
    table: str
    sentence: str
    condition: str
    case: str = ""  # the case whose status the condition reads


_TOO_FEW = "The clarifying questions of this case were not asked yet"
_UNANSWERED = "A clarifying question of this case has no answer yet"
_UNDERWAY = "A clarifying question of this case is still on its way"
_MADE_CLOSED = "A case can't be made closed"
_CLOSED = "This case is closed"
_UNDELETABLE = "This case can't be deleted"
_NOT_GONE = "This question has not gone out yet"
_TOO_EARLY = "It is too early to mark this question as not answered"
_COUNTED_ON = "A closed case counts on this message"
_NO_WAIVER = "This case can't be closed by a waiver"
_ASKED_IN = "A question in a closed case goes out in this message"
_KEPT = "A question was asked in this message"
_APPEND_ONLY = "What was logged can't be changed"
_ANSWERED = "This conversation was replied to"

REFUSALS: dict[str, str] = {
    _TOO_FEW: "Ask at least two (three where the type of the case says so); each must have been sent.",
    _UNANSWERED: "Enter the answer, or mark the question as not answered once the waiting time is over.",
    _UNDERWAY: "Wait until the reply is sent, or take it back.",
    _MADE_CLOSED: "Open it first, and ask the clarifying questions.",
    _CLOSED: "Reopen it before changing what it was closed on.",
    _UNDELETABLE: "It is closed, has questions, or replies went out in it. Close it instead.",
    _NOT_GONE: "It counts once its message is sent, or a call or visit is logged.",
    _TOO_EARLY: "The customer has the waiting time of the case's type to answer.",
    _COUNTED_ON: "Reopen the case first.",
    _ASKED_IN: "Reopen the case first: it would stand closed on a question that waits for an answer.",
    _KEPT: "Take the question back first.",
    _NO_WAIVER: "An administrator must have turned waivers on; then it takes a supervisor and a reason.",
    _APPEND_ONLY: "The log and the waivers are kept as they were written.",
    _ANSWERED: "Only a conversation without a reply can be dismissed; close its case instead.",
}

_GONE = ", ".join(f"'{delivery}'" for delivery in GONE_OUT)
_COUNTS = f"((m.direction = 'out' AND m.delivery IN ({_GONE})) OR m.kind IN ('call', 'visit'))"
_CLOSING = "NEW.status = 'closed' AND OLD.status <> 'closed'"
_UNWAIVED = "NOT EXISTS (SELECT 1 FROM waivers w WHERE w.id = NEW.waiver_id AND w.case_id = NEW.id)"
_ASKED = "FROM questions q JOIN messages m ON m.id = q.message_id WHERE q.case_id = NEW.id"
_UNDER_WAY = "delivery IN ('queued', 'sending')"
_OPENED_AGAIN = (  # what a message's change would do to a closed case: a question pending, or on its way
    "EXISTS (SELECT 1 FROM questions q JOIN cases c ON c.id = q.case_id WHERE q.message_id = OLD.id "
    "AND c.status = 'closed' AND c.waiver_id IS NULL "
    f"AND (NEW.{_UNDER_WAY} OR q.answered_at IS NULL AND q.no_answer_at IS NULL))"
)
_HAS_GONE = f"EXISTS (SELECT 1 FROM messages m WHERE m.id = NEW.message_id AND {_COUNTS})"
_WAITING = "SELECT t.waiting_hours FROM cases c JOIN case_types t ON t.id = c.case_type_id WHERE c.id = NEW.case_id"
_WAITED = (
    "NEW.asked_at IS NOT NULL AND NEW.no_answer_at <= {now} + 60000 "  # a minute for clocks that differ
    f"AND NEW.no_answer_at >= NEW.asked_at + 3600000 * ({_WAITING})"
)


def _is_closed(case: str) -> str:
    return f"(SELECT c.status FROM cases c WHERE c.id = {case}) = 'closed'"


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns) + ")"


_SPAN = ("case_id", "message_id", "asked_at", "answered_at", "no_answer_at")
_BASIS = ("case_type_id", "joined_into_id", "waiver_id", "required_questions", "closed_at", "close_reason")
_LOGGED = (
    *(
        "id",
        "at",
        "kind",
        "agent_id",
        "account_id",
        "conversation_id",
        "case_id",
        "customer_id",
        "message_id",
        "origin",
    ),
)

_RULES = (
    Rule(
        "close_too_few",
        "UPDATE",
        "cases",
        _TOO_FEW,
        f"{_CLOSING} AND {_UNWAIVED} AND (SELECT count(*) {_ASKED} AND {_COUNTS}) < "
        "(SELECT CASE WHEN t.required_questions > 2 THEN t.required_questions ELSE 2 END "
        "FROM case_types t WHERE t.id = NEW.case_type_id)",
    ),
    Rule(
        "close_unanswered",
        "UPDATE",
        "cases",
        _UNANSWERED,
        f"{_CLOSING} AND {_UNWAIVED} AND EXISTS "
        f"(SELECT 1 {_ASKED} AND {_COUNTS} AND q.answered_at IS NULL AND q.no_answer_at IS NULL)",
    ),
    Rule(
        "close_underway",
        "UPDATE",
        "cases",
        _UNDERWAY,
        f"{_CLOSING} AND {_UNWAIVED} AND EXISTS (SELECT 1 {_ASKED} AND m.{_UNDER_WAY})",
    ),
    Rule("case_made_closed", "INSERT", "cases", _MADE_CLOSED, "NEW.status = 'closed'"),
    Rule(
        "case_stays_closed",
        "UPDATE",
        "cases",
        _CLOSED,
        f"OLD.status = 'closed' AND NEW.status = 'closed' AND {_changed('id', *_BASIS)}",
    ),
    Rule(
        "case_deleted",
        "DELETE",
        "cases",
        _UNDELETABLE,
        "OLD.status = 'closed' OR EXISTS (SELECT 1 FROM questions q WHERE q.case_id = OLD.id) OR EXISTS "
        "(SELECT 1 FROM conversations v JOIN messages m ON m.conversation_id = v.id "
        "WHERE v.case_id = OLD.id AND m.direction = 'out')",
    ),
    Rule("question_asked_late", "INSERT", "questions", _CLOSED, _is_closed("NEW.case_id"), "NEW.case_id"),
    Rule("question_deleted", "DELETE", "questions", _CLOSED, _is_closed("OLD.case_id"), "OLD.case_id"),
    Rule(
        "question_changed",
        "UPDATE",
        "questions",
        _CLOSED,
        f"{_changed(*_SPAN)} AND {_is_closed('OLD.case_id')}",
        "OLD.case_id",
    ),
    Rule(
        "question_moved",
        "UPDATE",
        "questions",
        _CLOSED,
        f"NEW.case_id <> OLD.case_id AND {_is_closed('NEW.case_id')}",
        "NEW.case_id",
    ),
    Rule(
        "question_born_answered", "INSERT", "questions", _NOT_GONE, f"NEW.answered_at IS NOT NULL AND NOT {_HAS_GONE}"
    ),
    Rule(
        "question_answered",
        "UPDATE",
        "questions",
        _NOT_GONE,
        f"NEW.answered_at IS NOT NULL AND {_changed('answered_at', 'message_id')} AND NOT {_HAS_GONE}",
    ),
    Rule(
        "question_born_given_up",
        "INSERT",
        "questions",
        _TOO_EARLY,
        f"NEW.no_answer_at IS NOT NULL AND NOT ({_HAS_GONE} AND {_WAITED})",
    ),
    Rule(
        "question_given_up",
        "UPDATE",
        "questions",
        _TOO_EARLY,
        f"NEW.no_answer_at IS NOT NULL AND {_changed('no_answer_at', 'asked_at', 'message_id')} "
        f"AND NOT ({_HAS_GONE} AND {_WAITED})",
    ),
    Rule(
        "message_came_back",
        "UPDATE",
        "messages",
        _COUNTED_ON,
        f"{_changed('id', 'direction', 'delivery', 'kind')} AND {_COUNTS.replace('m.', 'OLD.')} "
        f"AND (NEW.id <> OLD.id OR NOT {_COUNTS.replace('m.', 'NEW.')}) "
        "AND EXISTS (SELECT 1 FROM questions q JOIN cases c ON c.id = q.case_id "
        "WHERE q.message_id = OLD.id AND c.status = 'closed')",
        "ANY (SELECT q.case_id FROM questions q WHERE q.message_id = OLD.id)",
    ),
    Rule(
        "message_went_after_all",
        "UPDATE",
        "messages",
        _ASKED_IN,
        f"{_changed('direction', 'delivery', 'kind')} "
        f"AND (NEW.{_UNDER_WAY} OR {_COUNTS.replace('m.', 'NEW.')} AND NOT {_COUNTS.replace('m.', 'OLD.')}) "
        f"AND {_OPENED_AGAIN}",
        "ANY (SELECT q.case_id FROM questions q WHERE q.message_id = OLD.id)",
    ),
    # What foreign keys say; but on SQLite a program may have them off.
    Rule(
        "message_deleted", "DELETE", "messages", _KEPT, "EXISTS (SELECT 1 FROM questions q WHERE q.message_id = OLD.id)"
    ),
    Rule(
        "question_of_nowhere",
        "INSERT",
        "questions",
        _NOT_GONE,
        "NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = NEW.message_id)",
    ),
    Rule(
        "waiver_given",
        "INSERT",
        "waivers",
        _NO_WAIVER,
        "trim(NEW.reason) = '' OR NOT EXISTS (SELECT 1 FROM agents a WHERE a.id = NEW.agent_id "
        "AND a.role IN ('supervisor', 'admin')) OR NOT EXISTS (SELECT 1 FROM settings s "
        "WHERE s.name = 'waivers_allowed' AND {value_is_true})",
    ),
    Rule("waiver_changed", "UPDATE", "waivers", _APPEND_ONLY, "{true}"),
    Rule("waiver_deleted", "DELETE", "waivers", _APPEND_ONLY, "{true}"),
    Rule("activity_changed", "UPDATE", "activity", _APPEND_ONLY, _changed(*_LOGGED)),
    Rule("activity_deleted", "DELETE", "activity", _APPEND_ONLY, "{true}"),
    Rule(
        "conversation_dismissed",
        "UPDATE",
        "conversations",
        _ANSWERED,
        "NEW.dismissed IS NOT NULL AND OLD.dismissed IS NULL AND EXISTS (SELECT 1 FROM messages m "
        "WHERE m.conversation_id = NEW.id AND m.direction = 'out' AND m.delivery <> 'failed')",
    ),
)

_WORDS = {
    "sqlite": {
        "differs": "IS NOT",
        "now": "(CAST(strftime('%s', 'now') AS INTEGER) * 1000)",
        "value_is_true": "json_type(s.value) = 'true'",
        "true": "1",
    },
    "postgresql": {
        "differs": "IS DISTINCT FROM",
        "now": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        "value_is_true": "CAST(s.value AS TEXT) = 'true'",
        "true": "TRUE",
    },
}
_GUARDED = ("cases", "questions", "waivers", "activity", "messages")


def statements(dialect: str) -> list[str]:
    """The SQL that makes the triggers anew, dropping older ones, for ``"sqlite"`` or ``"postgresql"``."""
    made = _on_sqlite if dialect == "sqlite" else _on_server
    return [statement for rule in _rules(dialect) for statement in made(rule)]


def _rules(dialect: str) -> list[Rule]:
    found = [rule._replace(condition=rule.condition.format(**_WORDS[dialect])) for rule in _RULES]
    if dialect == "sqlite":
        return [*found, *(_replaced(table) for table in _GUARDED)]
    return [*found, *(Rule(f"{table}_emptied", "TRUNCATE", table, _APPEND_ONLY, "TRUE") for table in _GUARDED)]


def _replaced(table: str) -> Rule:
    """INSERT OR REPLACE deletes the old row without asking the triggers: refused."""
    same = f"EXISTS (SELECT 1 FROM {table} x WHERE x.id = NEW.id)"
    return Rule(f"{table}_replaced", "INSERT", table, _APPEND_ONLY, same)


def _on_sqlite(rule: Rule) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS gate_{rule.name}",
        f"CREATE TRIGGER gate_{rule.name} BEFORE {rule.event} ON {rule.table} WHEN {rule.condition}\n"
        f"BEGIN SELECT RAISE(ABORT, 'gate: {_quoted(rule.sentence)}'); END",
    ]


def _on_server(rule: Rule) -> list[str]:
    lock = f"PERFORM 1 FROM cases c WHERE c.id = {rule.case} FOR SHARE; " if rule.case else ""
    result = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(rule.event, "NEW")
    level = "STATEMENT" if rule.event == "TRUNCATE" else "ROW"
    return [
        f"CREATE OR REPLACE FUNCTION gate_{rule.name}() RETURNS trigger LANGUAGE plpgsql AS $gate$ BEGIN {lock}\n"
        f"IF {rule.condition} THEN RAISE EXCEPTION 'gate: {_quoted(rule.sentence)}'; END IF;\n"
        f"RETURN {result}; END $gate$",
        f"DROP TRIGGER IF EXISTS gate_{rule.name} ON {rule.table}",
        f"CREATE TRIGGER gate_{rule.name} BEFORE {rule.event} ON {rule.table} "
        f"FOR EACH {level} EXECUTE FUNCTION gate_{rule.name}()",
    ]


def _quoted(sentence: str) -> str:
    return sentence.replace("'", "''")
