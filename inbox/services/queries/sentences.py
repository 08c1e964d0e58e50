"""The log's entries as sentences in the person's language."""

from collections.abc import Mapping
from typing import Any

from inbox.i18n import tr, tr_n


def sentence(kind: str, details: Mapping[str, Any]) -> str:
    """What happened, without who and when. An entry whose details were erased still says what kind it was."""
    value = {name: str(each) for name, each in details.items()}
    if kind == "HistoryStored":
        count = int(details.get("count", 0))
        return tr_n("{n} old message fetched", "{n} old messages fetched", count)
    if kind == "ConversationChanged":
        return _conversation(value.get("what", ""), value.get("value", ""))
    if kind == "CaseChanged":
        return _case(value.get("what", ""), value.get("before", ""), value.get("after", ""))
    if kind == "CaseReopened":
        return _reopened(value.get("why", ""))
    if kind == "QuestionAnswered":
        return tr("Question answered") if details.get("answered", True) else tr('Question marked "no answer"')
    if kind == "ReplySettled":
        return _settled(value.get("delivery", ""))
    return _plain(kind, value)


def _plain(kind: str, value: Mapping[str, str]) -> str:
    texts = {
        "MessageReceived": tr("Message received"),
        "ReplyQueued": tr("Reply written"),
        "ReplyUndone": tr("Reply taken back"),
        "NoteAdded": tr("Note added"),
        "CaseOpened": tr("Case opened"),
        "CaseClosed": tr("Case closed: {reason}", reason=_word(value.get("reason", ""))),
        "CaseCloseRefused": tr("Closing refused: {missing}", missing=value.get("missing", "")),
        "CasesJoined": tr("Case {id} joined into this one", id=value.get("other_case_id", "")),
        "CaseSplit": tr("Conversation moved to case {id}", id=value.get("other_case_id", "")),
        "GateWaived": tr("Questions waived: {reason}", reason=value.get("reason", "")),
        "QuestionAsked": tr("Question asked"),
        "CustomerChanged": tr("Customer changed"),
        "CustomersMerged": tr("Customer {id} merged into this one", id=value.get("other_customer_id", "")),
        "CustomersUnmerged": tr("Customer {id} split off again", id=value.get("other_customer_id", "")),
        "CustomerErased": tr("Personal data erased"),
        "AccountChanged": tr("Account changed"),
        "SettingsChanged": tr("Settings changed"),
    }
    return texts.get(kind, kind)


def _conversation(what: str, value: str) -> str:
    texts = {
        "read": tr("Marked unread") if value == "no" else tr("Marked read"),
        "dismissed": tr("Dismissed: {reason}", reason=_word(value)),
        "restored": tr("Taken back among the open ones"),
        "snoozed": tr("Snoozed") if value else tr("Woken"),
        "tags": tr("Tags: {tags}", tags=value),
        "case": tr("Moved to another case"),
        "sent_elsewhere": tr("Answered from another program"),
        "customer": tr("Moved to another customer"),
        "read_again": tr("Message read after all"),
        "edited": tr("Message changed at the other side"),
        "delivery": tr("Read by the customer") if value == "read" else tr("Delivered"),
    }
    return texts.get(what, tr("Conversation changed"))


def _case(what: str, before: str, after: str) -> str:
    names = {
        "status": tr("Status"),
        "type": tr("Type"),
        "owner": tr("Owner"),
        "team": tr("Team"),
        "priority": tr("Priority"),
        "due": tr("Deadline"),
        "subject": tr("Subject"),
    }
    name = names.get(what, tr("Case"))
    return tr("{what}: {before} → {after}", what=name, before=_word(before) or "–", after=_word(after) or "–")


def _reopened(why: str) -> str:
    if why == "customer":
        return tr("Reopened: the customer wrote")
    return tr("Reopened: a reply came back") if why == "bounce" else tr("Reopened")


def _settled(delivery: str) -> str:
    texts = {
        "sent": tr("Reply sent"),
        "delivered": tr("Reply delivered"),
        "read": tr("Reply read"),
        "failed": tr("Reply not delivered"),
        "unknown": tr("Reply: not known whether it went out"),
        "queued": tr("Reply queued again"),
    }
    return texts.get(delivery, tr("Reply changed"))


def _word(value: str) -> str:
    words = {
        "new": tr("new"),
        "open": tr("open"),
        "waiting": tr("waiting"),
        "solved": tr("solved"),
        "closed": tr("closed"),
        "resolved": tr("resolved"),
        "not_resolved": tr("not resolved"),
        "lost_customer": tr("lost customer"),
        "no_answer": tr("no answer"),
        "spam": tr("spam"),
        "praise": tr("praise"),
        "newsletter": tr("newsletter"),
        "automatic": tr("automatic reply"),
        "other": tr("other"),
        "low": tr("low"),
        "normal": tr("normal"),
        "high": tr("high"),
        "None": "",
    }
    return words.get(value, value)
