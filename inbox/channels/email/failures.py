"""Mails that say in words of their own that a mail did not arrive: what servers write instead of RFC 3464's report."""

import re
from collections.abc import Collection
from dataclasses import dataclass

_FAILED_SUBJECT = re.compile(
    r"undeliver|non[- ]?delivery|delivery (?:status notification ?\(fail|fail|has failed|problem|error|report|"
    r"notification|status)|returned (?:e?-?mail|to sender|message)|mail delivery failed|failure (?:notice|delivery)|"
    r"delivery unsuccessful|no se (?:puede|pudo|ha podido) entregar|no entregad|devuelto|correo devuelto|"
    r"notificaci[oó]n de error de entrega|(?:error|fall[oa]) (?:de|en la) entrega|unzustellbar|nicht zugestellt|"
    r"zustell(?:ung)?[- ]?(?:fehlgeschlagen|fehler)|non recapitabile|mancat[ao] (?:consegna|recapito)|non remis|"
    r"[eé]chec de (?:la )?(?:remise|distribution)|non distribu|message (?:undeliverable|could not be delivered|"
    r"not delivered)|could not (?:be delivered|send message)|failed (?:mail|delivery)|mail system error|"
    r"^rejected\b|message rejected|n[aã]o (?:entregue|entregada)|falha na entrega|mail failure|unable to deliver|"
    r"nondeliverable|onbestelbaar|kan (?:ej|inte|ikke) levereras|mail (?:could|can) ?not be delivered|"
    r"недостав|не доставлен|配信不能|送信できません|配信できません|エラーメール|无法投递|退信",
    re.IGNORECASE,
)
DELAYED_SUBJECT = re.compile(
    r"delay|warning: (?:could not|message|mail)|retrasad|demorad|verz[oö]ger|\bdeferred\b|still being retried|ritard|"
    r"temporarily undeliver",
    re.IGNORECASE,
)
_DELAYED_TEXT = re.compile(
    r"this is a warning message only|you do not need to resend|not yet been delivered|has been delayed|is delayed|"
    r"delivery attempts will continue|will (?:continue to )?(?:be )?(?:retr(?:y|ied)|try again|keep trying)|"
    r"no action is required on your part|still undelivered|"
    r"(?:a[uú]n|todav[ií]a) no se ha (?:podido entregar|entregado)|versuche werden fortgesetzt",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"giv(?:ing|en) up|permanent (?:fatal )?(?:error|failure)|failed permanently|retry time(?:out)? exceeded|"
    r"could not be delivered|has been (?:removed from the queue|rejected|returned)|will not be (?:retried|delivered)|"
    r"(?:no further|not) attempts? will be made|too long in queue|retry limit|expired",
    re.IGNORECASE,
)
_FAILED_TEXT = re.compile(
    r"could ?n[o']t be delivered|was(?: not|n't) delivered|(?:not|n't) be delivered|undeliverable|"
    r"permanent (?:fatal )?(?:error|failure)|delivery (?:to the following|of the following|has failed|failed|attempt)|"
    r"(?:unable|failed|not able) to deliver|(?:user|mailbox|address|account|recipient|domain|host)s?\b[^.\n]{0,40}"
    r"(?:unknown|unavailable|not found|does(?:n't| not) exist|rejected|disabled|not listed|inactive|invalid|over quota|"
    r"is full|not valid|not local)|no such (?:user|recipient|address|mailbox|domain)|(?:unknown|invalid|bad) "
    r"(?:user|recipient|address|mailbox|host|domain)|quota exceeded|mailbox (?:is )?full|over quota|"
    r"unrecoverable error|giving up|relay(?:ing)? (?:is )?(?:denied|not (?:allowed|permitted))|not a relay|"
    r"message (?:size )?exceeds|too (?:large|big)|failed permanently|has been rejected|cannot be delivered|"
    r"did not (?:reach|receive)|were? not (?:successful|delivered)|"
    r"no se ha podido entregar|no se pudo entregar|no se entreg[oó]|"
    r"konnte nicht zugestellt|nicht zugestellt werden|n.a pas pu [eê]tre|non [eè] stato possibile|"
    r"access denied|blocked|blacklist|spam|considered (?:to be )?junk|policy (?:reasons?|violation)|loop detected|"
    r"too many hops|not in whitelist|not (?:a )?member",
    re.IGNORECASE,
)
_SEVERE = re.compile(r"(?<![\d.])(?:[45]\d\d[ -]|[45]\.[0-7]\.\d{1,3}(?![\d.]))")
_DAEMON = re.compile(
    r"\b(?:mailer[-_ ]?daemon|post[-_]?master|mail ?deliver[ys]? ?(?:sub)?system|mdaemon|mail-?daemon|smtp[-_]?daemon|"
    r"mail (?:delivery|transport|transfer) (?:agent|service|system)|system administrator|systemadministrator|"
    r"delivery (?:sub)?system|microsoft exchange|mail administrator|mailadmin|mail[-_ ]?(?:router|gateway)|"
    r"internet mail delivery|e?mail delivery|post office|bounces?(?=@))\b",
    re.IGNORECASE,
)
# What is in every subject and name that the patterns match: looking for these first is ten times as fast.
_SUBJECT_SIGNS = (
    "deliver", "fail", "return", "entreg", "devuelto", "error", "zustell", "recapit", "consegn", "remis", "unable",
    "distrib", "reject", "could not", "bestel", "levereras", "достав", "配信", "送信", "エラー", "投递", "退信",
    "unsuccess", "unzustellbar", "zugestellt",
)  # fmt: skip
_DAEMON_SIGNS = ("daemon", "master", "deliver", "transport", "transfer", "admin", "exchange", "router", "gateway",
                 "post office", "bounce")  # fmt: skip
_ORIGINAL = re.compile(
    r"^(?:[ \t>|]*-{2,}[^\n]{0,60}?\b(?:original|copy|message follows|below this line|unsent|undelivered|message head|"
    r"included message|returned message|rest of|header)\b[^\n]*|"
    r"[ \t]*(?:the )?(?:original|undelivered|returned|unsent|rejected) (?:message|mail)(?: headers?)?(?: text)?"
    r"(?: follows| is below| below| included)?[ \t]*[:.-]*[ \t]*|"
    r"[^\n]{0,40}(?:copy of (?:the|your) (?:original |first part of the |undelivered )?(?:message|mail)|"
    r"message text follows|your message reads|headers? of the (?:original|message))[^\n]{0,60}|"
    r"(?:return-path|received|message-id|mime-version|dkim-signature|x-mailer|content-transfer-encoding):[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?!\.?\d)")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,9}")
_A = r"[<\"'(\[]{0,2}(?:mailto:|smtp:|rfc822;\s?)?" + ADDRESS.pattern
# Where a server names who did not get it; the surest places first.
_PLACES = (
    re.compile(rf"^[ \t]*(?:[-*•]\s+|\d+[.)]\s+)?{_A}[>\"')\]]*(?=[\s:;,…(–=*]|[.-]+(?:\s|$)|\.\.|$)", re.MULTILINE),
    re.compile(rf"rcpt to:\s*{_A}", re.IGNORECASE),
    re.compile(
        rf"^[^\n:@]{{0,40}}\b(?:recipients?|rcpt|addressee|destinatario|empf[äa]nger|destinataire|user|mailbox|"
        rf"failed address(?:es)?|undeliverable address|address|error-for|undeliverable to|unknown user)[^\n:@]{{0,20}}:"
        rf"\s*{_A}",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(rf"^[ \t>]*[45]\d\d[ -](?:#?[45]\.\d\.\d+ )?[^\n@]{{0,60}}?{_A}", re.MULTILINE),
    re.compile(rf"^[ \t>]*(?:to|para|an|à|aan|a)\s*:\s*{_A}", re.IGNORECASE | re.MULTILINE),
    re.compile(
        rf"\b(?:deliver(?:ed|y)?|sent|send|addressed|message|mail|undeliverable|recipients?|address(?:es)?|mailbox|"
        rf"user|account|entregar|zustellen|remis)\b[^\n@.]{{0,60}}?\s{_A}",
        re.IGNORECASE,
    ),
)
_NO_RECIPIENT = re.compile(
    r"message[- ]?id|msgid|\bfrom\b|sender|contact|queue|abuse@|mail from:|return-path|help@|received|helo", re.I
)
_LOOKED_AT = 20000  # characters of a bounce's text
_SEGMENT = 2000
_LONGEST_LINE = 1000  # characters of a subject or name that are looked at
_MOST = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """What such a text says of one recipient."""

    recipient: str
    statuses: tuple[str, ...]
    words: str


def tells_failure(subject: str) -> bool:
    """Whether a subject is one of those under which servers send back what they could not deliver."""
    subject = subject[:_LONGEST_LINE]
    lower = subject.lower()
    return any(sign in lower for sign in _SUBJECT_SIGNS) and _FAILED_SUBJECT.search(subject) is not None


def is_daemon(name: str) -> bool:
    """Whether a name or address is that of a mail server."""
    name = name[:_LONGEST_LINE]
    lower = name.lower()
    return any(sign in lower for sign in _DAEMON_SIGNS) and _DAEMON.search(name) is not None


def is_delay(subject: str, text: str) -> bool:
    """Whether it only says that the mail will be late."""
    if DELAYED_SUBJECT.search(subject[:_LONGEST_LINE]):
        return True
    shown = before_original(text)
    return bool(_DELAYED_TEXT.search(shown)) and not _GIVEN_UP.search(shown)


def is_failure(subject: str, text: str, *, from_daemon: bool) -> bool:
    """Whether it says that a mail did not arrive. From others than servers it takes both the subject and the text."""
    shown = before_original(text)
    if from_daemon:
        return tells_failure(subject) or bool(_FAILED_TEXT.search(shown))
    if not _FAILED_SUBJECT.match(subject.lstrip(" [<*-")) or len(shown) > _LOOKED_AT // 2:
        return False
    return bool(_FAILED_TEXT.search(shown) and _SEVERE.search(shown) and ADDRESS.search(shown))


def failures(text: str, own: Collection[str]) -> list[Failure]:
    """The recipients that a text names, with codes and words. ``own``: addresses that can't be meant."""
    shown = before_original(text)
    places = _recipients(shown, own)
    found: list[Failure] = []
    everywhere = tuple(dict.fromkeys(STATUS.findall(shown)))
    for number, (recipient, start) in enumerate(places):
        after = places[number + 1][1] if number + 1 < len(places) else len(shown)
        segment = shown[start : min(after, start + _SEGMENT)]
        alone = len(places) == 1
        statuses = everywhere if alone else tuple(dict.fromkeys(STATUS.findall(segment)))
        found.append(
            Failure(recipient, statuses, words_of_server(segment) or (words_of_server(shown) if alone else ""))
        )
    return found or [Failure("", everywhere, words_of_server(shown))]


def about(text: str, recipient: str) -> tuple[tuple[str, ...], str]:
    """The codes and words that stand behind a recipient's address."""
    at = text.lower().find(recipient) if recipient else -1
    segment = text[at : at + _SEGMENT].partition("\n\n")[0] if at >= 0 else ""
    return tuple(dict.fromkeys(STATUS.findall(segment))), words_of_server(segment)


def before_original(text: str) -> str:
    """The part of such a text above the mail that came back."""
    shown = text[:_LOOKED_AT]
    found = _ORIGINAL.search(shown)
    while found is not None and not shown[: found.start()].strip():
        found = _ORIGINAL.search(shown, found.end())  # nothing was said yet
    return shown[: found.start()] if found else shown


def words_of_server(text: str) -> str:
    """The line with the server's own words, as one line; empty where there is none."""
    found = re.search(r"^[^\n]*(?<![\d.])[45]\d\d[ -][^\n]*$", text, re.MULTILINE)
    found = found or re.search(r"^[^\n]*#?[45]\.[0-7]\.\d{1,3}[^\n]*$", text, re.MULTILINE)
    if found is None:
        sign = _FAILED_TEXT.search(text)
        start = text.rfind("\n", 0, sign.start()) + 1 if sign else 0
        end = text.find("\n", sign.end()) if sign else 0
        return " ".join(text[start : end if end >= 0 else len(text)].split())[:500]
    return " ".join(found[0].split())[:500]


def _recipients(text: str, own: Collection[str]) -> list[tuple[str, int]]:
    """(address, where it stands first), of the surest kind of place that names any."""
    for pattern in _PLACES:
        places: dict[str, int] = {}
        for found in pattern.finditer(text):
            address = _address_in(found[0])
            line = text[text.rfind("\n", 0, found.start() + 1) + 1 : found.end()]
            if address and address not in own and not _DAEMON.search(address) and not _NO_RECIPIENT.search(line):
                places.setdefault(address, found.start())
            if len(places) >= _MOST:
                break
        if places:
            return list(places.items())
    for found in ADDRESS.finditer(text):
        address = _tidy(found[0])
        if address not in own and not _DAEMON.search(address) and "." in address.partition("@")[2]:
            return [(address, found.start())]
    return []


def _address_in(text: str) -> str:
    found = ADDRESS.findall(text)
    return _tidy(found[-1]) if found else ""


def _tidy(address: str) -> str:
    return address.lower().strip("'.`=-*").removeprefix("smtp=")
