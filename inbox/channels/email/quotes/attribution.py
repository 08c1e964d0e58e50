"""The line over a quotation: "On … somebody wrote:", in the words and the order of the clients that people use."""

import re
from collections.abc import Sequence

MOST_LINES = 6
_LONGEST = 500
_LONGEST_NAME = 90  # characters that may stand before the address or the verb where the name comes first

_MOST_NAMES = 8

_VERB = re.compile(
    r"(?<!\w)(?:wrote|writes|writed|escribi[óo]|escribiu|ha escrito|ha escrit|va escriure|escreveu|idatzi\w*|"
    r"a [ée]crit|schrieb\w*|geschrieben|ha scritto|scrive|scriveva|schreef|geschreven|skrev|skrifaði|kirjoitti|"
    r"napisał\w*|nadesłał\w*|pisze|napsal\w*|napísal\w*|a scris|írta|написал\w*|писал\w*|пишет|написав\w*|пише|"
    r"написа\w*|yazdı|şunları yazdı|έγραψε|je napisao|piše|kirjutas|rakstīja|rašė|skribis|đã viết|menulis|כתב\w*|"
    r"كتب\w*)(?!\w)|写道|寫道|写到|のメッセージ|のメール|作成|작성|さんが|さんは|님이|書きました",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?<!\w)(?:said|says|dijo|ha dicho|nous a dit|a dit|sagte|disse|va dir|esan \w+)(?!\w)", re.IGNORECASE
)
_LEADING = r"[\"'*_\s\-–—>]{0,12}"
_STARTER = re.compile(
    rf"{_LEADING}(?:On|At|El|Le|Am|Il|In data|Em|Op|D\.|Den|Dne|Dňa|W dniu|Dnia|O|A|No dia|Na|På|Pe|Στις|Data|Kl|Pada|"
    r"Vào|(?:lun|mar|mi[ée]|jue|vie|s[áa]b|dom|seg|ter|qua|qui|sex|dl|dt|dc|dj|dv|ds|dg|al|ar|az|og|or|ig|gio|ven|"
    r"mer|jeu|sam|dim|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lør|lör|søn|sön|man|mån|tir|tis|ons|tor|fre|"
    r"ma|ti|ke|to|pe|la|su|wo|vr|za|zo|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|ne|пн|вт|ср|чт|пт|сб|вс|нд|"
    r"понед|втор|сред|четв|пятн|субб|воскр)[^\W\d]{0,10}[.,]?)(?!\w)[^:\d]{0,30}\d|"
    rf"{_LEADING}(?:In (?:message|article|reply to)|Quoting|Zitat von|Citando|Citat av|"
    r"Citas? de|Missatge de|Mensaje de|Wiadomość napisana przez)(?!\w)|\s*在",
    re.IGNORECASE,
)
_TIME = r"(?<!\d)\d{1,2}\s?[:.hH]\s?\d{2}(?!\d)"
_DATE = re.compile(
    rf"{_TIME}|(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]|"
    r"\d{1,2}(?:st|nd|rd|th|º|er)?[ .]+(?:de |d’|d')?[^\W\d]{3}|[^\W\d]{3}\.? \d{1,2}(?!\d)|\d年|\d월"
)
_CLOCK = re.compile(rf"{_TIME}|\d{{1,2}}\s?(?:AM|PM|Uhr)\b|\d[時时点]", re.IGNORECASE)
_DATED_START = re.compile(
    rf"{_LEADING}(?:[^\W\d]{{2,12}}\.?,?\s+){{0,3}}(?:\d{{1,4}}[.,/:年년 -]|\d{{1,2}}(?:st|nd|rd|th)\b)"
)
_EMAIL = re.compile(r"[^\s<>@\"':(]{1,64}@[^\s<>@\"')]{1,200}\.[^\s<>@\"').,;:]{2,}")
_ENDS_IN_ADDRESS = re.compile(r"(?:@[^\s<>@]{3,200}|\[mailto:[^\]]{3,200}\])\s*[>)\]]*\s*\Z")
_COLON = re.compile(r"[:：]\s*[*_]*\s*\Z")
_DASHED = re.compile(r"\s-{2,}\s*\Z")
_FIRST_PERSON = re.compile(
    r"(?<!\w)(?:I|we|ich|wir|yo|nosotros|nosaltres|je|j'ai|nous|io|noi|eu|n[óo]s|jo|jeg|vi|ik|wij)\s+(?:\w+\s){0,2}?"
    r"(?:wrote|schrieb|skrev|schreef|scrive)|"
    r"(?<!\w)(?:me|te|nos|les?|em|ens|mi|ci|m['’]a|nous a|vous a|m['’]han?|mi ha|ci ha)\s+(?:ha\s+)?"
    r"(?:escrib|escrit|écrit|scritt|escrev)|(?:schrieb|wrote|schreef|skrev)\s+(?:to )?(?:mir|uns|me|us|mij|mig)(?!\w)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\W\d_]{3}[.!?]\s+[A-ZÁÉÍÓÚÑÄÖÜ][^\W\d_]+\s+[a-záéíóúñäöü]")
_PROSE = re.compile(r"[!?;]|[^\W\d_]{4}\.\s")
_COMMA_AFTER_DATE = re.compile(r"\d{1,4}(?:\s*[AP]M)?,\s*[\"'“]?\w", re.IGNORECASE)
_ZONED = re.compile(r"(?:19|20)\d\d-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d")
_POSTED = re.compile(r"Posted by .{1,60} on \d{1,2}[/.-]\d{1,2}[/.-]\d{4}\s*\Z")
_IN_LINE = re.compile(
    r"(?<=[\w.!?)\]…])(?:\s+-*\s*|-{2,}\s*)"
    r"(?=(?:On|El|Le|Am|Il|Em|Op|Den|Dnia)\s[^:]{0,12}\d|(?:On|El|Le|Am)\s+[A-Za-zé]{3,10}[.,])"
)
_TAILS = (
    ":",
    "：",
    "wrote",
    "написал",
    "escribió",
    "escribió",
    "a écrit",
    "schrieb",
    "ha scritto",
    "skrev",
    "escreveu",
)


def may_end(line: str) -> bool:
    """Whether a line can be the last of an attribution: only near such lines is a closer look worth its time."""
    last = line.rstrip(" *_-\t\r\xa0")
    return bool(last) and (last[-1] in ":：>)" or last.endswith(_TAILS) or (last[-1].isdigit() and "Posted by" in line))


def length(lines: Sequence[str], at: int, ends: Sequence[int]) -> int:
    """How many lines the attribution is long that begins at a line; 0 for none. ``ends``: where it can end, near."""
    joined = lines[at].strip()
    if not _can_begin(joined):
        return 0
    done, found = at, 0
    for end in ends:
        while done < end:
            done += 1
            joined = f"{joined} {lines[done].strip()}".rstrip()
        if len(joined) > _LONGEST:
            break
        gaps = any(not line.strip() for line in lines[at:end])
        if gaps and not (_STARTER.match(joined) and _EMAIL.search(joined) and _CLOCK.search(joined)):
            continue
        quoted_next = _quoted_next(lines, end)
        if joined[-1] == ">" and not quoted_next:
            continue
        if is_attribution(joined, quoted_next=quoted_next):
            found = end - at + 1
        if joined[-1] in ":：":
            break
    return 0 if _begins_later(lines, at, found) else found


def _begins_later(lines: Sequence[str], at: int, count: int) -> bool:
    """Whether the lines after the first are an attribution by themselves, and the first is what was said before."""
    for start in range(at + 1, at + count):
        text = " ".join(line.strip() for line in lines[start : at + count])
        if not (_STARTER.match(text) or _DATED_START.match(text[:60])) or not _DATE.search(text[:40]):
            continue
        if is_attribution(text, quoted_next=False):
            return True
    return False


def in_line(lines: Sequence[str], at: int) -> int:
    """Where in a line an attribution begins that shares it with what was said before; 0 for nowhere."""
    line = lines[at]
    if ":" not in line[-4:] or len(line) > _LONGEST or not _quoted_next(lines, at):
        return 0
    for found in _IN_LINE.finditer(line):
        rest = line[found.end() :]
        if _VERB.search(rest) and _DATE.search(rest) and is_attribution(rest, quoted_next=True):
            return found.start()
    return 0


def is_quoted(line: str) -> bool:
    """Whether a line carries the mark of a quotation."""
    return line.lstrip(" \t\xa0").startswith(">")


def _quoted_next(lines: Sequence[str], end: int) -> bool:
    for line in lines[end + 1 : end + 4]:
        if line.strip():
            return line.lstrip()[0] in ">|"
    return False


def _can_begin(line: str) -> bool:
    start = line[:_LONGEST_NAME]
    return bool(_STARTER.match(start) or _DATED_START.match(start) or "@" in line or _VERB.search(line)) or (
        line.startswith("Posted by")
    )


def is_attribution(text: str, *, quoted_next: bool) -> bool:
    """Whether this says who wrote, and when, what stands below."""
    verb = _VERB.search(text)
    if _FIRST_PERSON.search(text) or (_SENTENCE.search(text) and not quoted_next):
        return False
    if _COLON.search(text) or _DASHED.search(text):
        if verb:
            return _with_verb(text, verb.start(), quoted_next)
        return _without_verb(text, quoted_next)
    if verb and verb.end() >= len(text) - 3:
        return bool(_DATE.search(text) and (_EMAIL.search(text) or quoted_next)) and _begins_well(text, verb.start())
    if quoted_next and _ENDS_IN_ADDRESS.search(text):
        return bool(_DATED_START.match(text[:60]))
    return bool(_POSTED.match(text))


def _begins_well(text: str, verb_at: int) -> bool:
    """A date or a word like "On" comes first, or a name that isn't too long."""
    if _STARTER.match(text) or _DATED_START.match(text[:60]):
        return True
    address = text.find("@")
    name = text[: min(verb_at, address if address >= 0 else verb_at)]
    return (
        len(name) < _LONGEST_NAME
        and len(name.split()) <= _MOST_NAMES
        and not (_PROSE.search(name) or _DATE.search(name))
    )


def _with_verb(text: str, verb_at: int, quoted_next: bool) -> bool:
    if not _begins_well(text, verb_at):
        return False
    if _EMAIL.search(text) or " via " in text:
        return True
    dated = _DATE.search(text)
    if dated and (quoted_next or _CLOCK.search(text) or _COMMA_AFTER_DATE.search(text)):
        return True
    return quoted_next and (bool(dated) or len(text.split()) <= 6)


def _without_verb(text: str, quoted_next: bool) -> bool:
    dated = _DATE.search(text[:80])
    if not dated:
        return bool(_STARTER.match(text) and _EMAIL.search(text) and text.lstrip("*_ ")[:1] in "QZC" and text[:1])
    begins = bool(_STARTER.match(text) or _DATED_START.match(text[:60]))
    if begins and _ZONED.search(text[:60]):
        return True
    if _STARTER.match(text) and text.lstrip("*_ ")[:1] in "MW" and _EMAIL.search(text):
        return True
    if _ENDS_IN_ADDRESS.search(text.rstrip(" *_:：")) and len(text.split()) < 30:
        return begins or quoted_next
    if quoted_next:
        return begins and len(text.split()) < 25
    return bool(begins and _SAID.search(text[-20:]) and _CLOCK.search(text) and _EMAIL.search(text))
