"""What is new in a reply: where its quotations and its signature lie. Folding is display only; nothing is cut."""

import re
from collections.abc import Sequence

from inbox.channels.email import html

_LONGEST_LINE = 1000
_LONGEST_HEADER = 500
_HEADER_LINES = 5
_LONGEST_SIGNATURE = 20  # lines; what is longer is no signature

# "wrote" in the languages of the clients that people use; the verb may stand before the name or at the end.
_VERB = re.compile(
    r"(?<!\w)(?:wrote|writes|escribi[óo]|escribiu|ha escrito|ha escrit|va escriure|escreveu|idatzi\w*|a [ée]crit|"
    r"schrieb|hat geschrieben|ha scritto|schreef|skrev|skrifaði|kirjoitti|napisał\w*|pisze|napsal\w*|napísal\w*|"
    r"a scris|írta|написал\w*|писал\w*|пишет|написав|пише|yazdı|έγραψε|wrote on|написа|piše|je napisao)(?!\w)|"
    r"写道|寫道|のメッセージ|작성|さんが|さんは",
    re.IGNORECASE,
)
_STARTER = re.compile(
    r"[*_\s]*(?:On|At|El|Le|Am|Il|In data|Em|Op|Den|Dne|Dňa|W dniu|Dnia|O dia|No dia|A|Na|På|Pe|Στις|Il giorno|Data|"
    r"El dia|El día|Em|Wed|Thu|Fri|Sat|Sun|Mon|Tue)\b",
)
_DATE = re.compile(
    r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]|\d{1,2}(?:st|nd|rd|th)?[ .]+[^\W\d]{3,}|"
    r"[^\W\d]{3,}\.? \d{1,2}\b|年",
)
_EMAIL = re.compile(r"[^\s<>@\"':]{1,64}@[^\s<>@\"']{1,200}\.[^\s<>@\"']{2,}")
_ENDS_HEADER = re.compile(r"[:：]\s*[*_]*\s*\Z|wrote -+\Z")
_HEADER_ENDS = (":", "：", "wrote", "написал", "escribió", "a écrit", "schrieb", "ha scritto", "skrev")
_TITLE = (
    r"original message|original appointment|mensaje original|missatge original|mensagem original|mensaxe orixinal|"
    r"jatorrizko mezua|message d.origine|message original|urspr[üu]ngliche nachricht|urspr[üu]ngliche mail|"
    r"originalnachricht|messaggio originale|oorspronkelijk bericht|original besked|oprindelig besked|"
    r"oprindelig meddelelse|ursprungligt meddelande|originalmeddelande|opprinnelig melding|wiadomo[śs][ćc] oryginalna|"
    r"alkuper[äa]inen viesti|исходное сообщение|оригинальное сообщение|reply message|mensaje citado|původní zpráva|"
    r"reply above this line|please (?:do not write below|type your reply above) this line|"
    r"escriba su respuesta (?:encima|por encima)"
)
_SEPARATOR = re.compile(rf"[\s*_=>]*[-_*=#~]{{2,}}\s*(?:\W{{0,3}})(?:{_TITLE})\b.{{0,80}}\Z", re.IGNORECASE)
_BARE_TITLE = re.compile(rf"\s*(?:{_TITLE})\s*:?\s*\Z", re.IGNORECASE)
_FORWARD = re.compile(
    r"[\s*_]*(?:[-_*=]{2,}\s*)?(?:begin forwarded message|forwarded message|mensaje reenviado|missatge reenviat|"
    r"mensagem encaminhada|mensaxe reenviada|birbidalitako mezua|message transf[ée]r[ée]|weitergeleitete nachricht|"
    r"messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|"
    r"videresendt (?:besked|melding)|d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|"
    r"anfang der weitergeleiteten nachricht|inicio del mensaje reenviado|пересылаемое сообщение)"
    r"\s*:?\s*[-_*=]*\s*\Z",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_\-=*─—]{10,}\s*\Z")
_LABEL = re.compile(
    r"[\s>*_|]*(?P<label>from|sent|date|to|subject|cc|reply-to|de|enviado(?: el)?|enviado em|fecha|data|para|asunto|"
    r"assunto|enviat(?: el)?|per a|assumpte|nork|bidalia|nori|gaia|von|gesendet(?: am)?|datum|an|betreff|kopie|"
    r"expéditeur|envoyé(?: le)?|à|destinataires?|objet|da|inviato(?: il)?|a|oggetto|van|verzonden|aan|onderwerp|fra|"
    r"sendt|til|emne|dato|från|skickat|till|ämne|od|wysłano|do|temat|wysłane|data|lähettäjä|lähetetty|vastaanottaja|"
    r"aihe|päivämäärä|от|отправлено|кому|тема|дата|від|надіслано|odesláno|komu|předmět|feladó|elküldve|címzett|tárgy|"
    r"kimden|kime|konu|tarih|발신|보낸 사람|받는 사람|제목|날짜|差出人|送信日時|宛先|件名|日付|发件人|发送时间|"
    r"收件人|主题|日期)\s?[*_]*\s?[:：][*_]*(?:\s|\Z|(?=\S))",
    re.IGNORECASE,
)
_FIRST_LABELS = frozenset(
    re.findall(
        r"\S+",
        "from date sent de fecha nork von datum expéditeur da data van fra från od lähettäjä от від feladó kimden "
        "差出人 发件人 subject to dato an",
    )
)
_DELIMITER = re.compile(r"(?:--|—|–|__)[ \t\u00a0]*\Z|-{2,}[ \t\u00a0]*\Z|_{3,9}\s*\Z")
_MOBILE = re.compile(
    r"\W*(?:sent (?:from|via|with|using|by) (?:my|the|a|mail|outlook|yahoo|gmail|proton\w*|tutanota|samsung|iphone|"
    r"ipad|android|blackberry|sparrow|mailbox|polymail|myMail|mobile|windows|spark|superhuman|front|hey|zoho|aol|"
    r"huawei|xiaomi|nine|bluemail|nylas)\b|sent from .{1,25}\Z|get outlook for|get bluemail|"
    r"enviado (?:desde|de|do|a partir|con|por) (?:mi|meu|o meu|el|"
    r"correo|outlook|yahoo|gmail|iphone|ipad|android|samsung|proton\w*|mail)\b|obtener outlook|obtenga outlook|"
    r"enviat (?:des|de|amb) (?:del|d.|el|la|meu|mòbil|iphone|outlook|gmail)|nire .{1,20}(?:tik|etik) bidalia|"
    r"envoyé (?:de|depuis|à partir|avec) (?:mon|ma|mail|outlook|yahoo|l.application|iphone)|obtenez outlook|"
    r"von mein\w* .{1,40}gesendet|gesendet (?:von|mit|über|aus) (?:mein\w*|outlook|der|mail|yahoo|gmx|web)|"
    r"diese nachricht wurde von mein|outlook für (?:ios|android) (?:beziehen|holen)|holen sie sich outlook|"
    r"inviato da(?:l)? |scarica outlook|verzonden (?:vanaf|van|met|via) |skickat från |sendt fra |"
    r"wysłan[eo] z |lähetetty |"
    r"отправлено (?:с|из) |надіслано з |iPhone(?:から|より)送信|iphoneから送信|odesláno z |von unterwegs gesendet)",
    re.IGNORECASE,
)


def fold_ranges(text: str) -> list[tuple[int, int]]:
    """Where the text may be folded, as (start, end) of whole lines; empty if nothing would remain to be read."""
    lines = text.split("\n")
    folded = _Folder(lines).run()
    if not any(folded) or not any(line.strip() for line, hidden in zip(lines, folded, strict=True) if not hidden):
        return []
    ranges: list[tuple[int, int]] = []
    at = 0
    for line, hidden in zip(lines, folded, strict=True):
        end = min(at + len(line) + 1, len(text))
        if hidden and ranges and ranges[-1][1] == at:
            ranges[-1] = (ranges[-1][0], end)
        elif hidden:
            ranges.append((at, end))
        at = end
    return ranges


def visible_reply(text: str) -> str:
    """The text without quotation and signature; the whole text where nothing else would remain."""
    ranges = fold_ranges(text)
    if not ranges:
        return text
    kept: list[str] = []
    at = 0
    for start, end in ranges:
        kept.append(text[at:start])
        at = end
    kept.append(text[at:])
    return "".join(kept).strip("\n")


def visible_body(body: str, kind: str) -> str:
    """As ``visible_reply``, for a body that is "text" or "html"."""
    return visible_reply(html.to_text(body) if kind == "html" else body.replace("\r\n", "\n"))


class _Folder:
    """One pass over the lines of a mail."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        # Only near these can an "On … somebody wrote:" end: the other lines need no second look.
        self._ends = [at for at, line in enumerate(lines) if line.rstrip(" *_-\t\r").endswith(_HEADER_ENDS)]
        self._next_end = 0
        self._folded = [False] * len(lines)

    def run(self) -> list[bool]:
        at, count = 0, len(self._lines)
        while at < count:
            line = self._lines[at]
            stripped = line.strip()
            if not stripped or len(line) > _LONGEST_LINE:
                at += 1
            elif stripped[0] in ">|" and stripped[0] == ">":
                at = self._fold_quoted(at)
            elif len(stripped) < 100 and _FORWARD.match(stripped):
                break  # what is forwarded is what the customer wants to show
            elif self._begins_original(at):
                self._fold(at, count)
                break
            else:
                at = self._header_or_signature(at)
        return self._folded

    def _fold(self, start: int, end: int) -> None:
        for at in range(start, end):
            self._folded[at] = True

    def _fold_quoted(self, at: int) -> int:
        """Fold the run of quoted lines; a blank line between two of them belongs to it."""
        end = at
        last = at
        while end < len(self._lines):
            stripped = self._lines[end].strip()
            if stripped.startswith(">"):
                last = end
            elif stripped:
                break
            end += 1
        self._fold(at, last + 1)
        return last + 1

    def _begins_original(self, at: int) -> bool:
        """Whether all that follows is the mail before, with its head instead of marks."""
        line = self._lines[at]
        if not line.lstrip()[0].isalnum():
            if _SEPARATOR.match(line):
                return True
            if _RULE.match(line):
                return self._is_head(self._next(at))
        elif len(line) < 80 and _BARE_TITLE.match(line) and self._is_head(self._next(at)):
            return True
        return self._is_head(at)

    def _next(self, at: int) -> int:
        """The next line that says something."""
        at += 1
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        return at

    def _is_head(self, at: int) -> bool:
        """From, sent, to and subject in some language, one below the other."""
        if at >= len(self._lines) or (":" not in self._lines[at] and "：" not in self._lines[at]):
            return False
        first = _LABEL.match(self._lines[at])
        if first is None or first["label"].lower().split()[0] not in _FIRST_LABELS:
            return False
        labels = {first["label"].lower()}
        blanks = 0
        for line in self._lines[at + 1 : at + 12]:
            found = _LABEL.match(line)
            if found:
                labels.add(found["label"].lower())
            elif not line.strip():
                blanks += 1
                if blanks > 3:
                    break
        return len(labels) >= 3

    def _header_or_signature(self, at: int) -> int:
        length = self._header_length(at)
        if length:
            after = self._next(at + length - 1)
            if after < len(self._lines) and self._lines[after].lstrip().startswith(">"):
                self._fold(at, after)
                return after
            self._fold(at, len(self._lines))
            return len(self._lines)
        if _DELIMITER.match(self._lines[at].strip("\r")) and self._is_signature(at):
            self._fold(at, len(self._lines))
            return len(self._lines)
        if len(self._lines[at]) < 120 and _MOBILE.match(self._lines[at]):
            self._fold(at, at + 1)
        return at + 1

    def _is_signature(self, at: int) -> bool:
        """Whether few enough lines follow, up to the end or to a quotation."""
        said = 0
        for line in self._lines[at + 1 :]:
            stripped = line.strip()
            if stripped.startswith(">"):
                continue
            said += bool(stripped)
            if said > _LONGEST_SIGNATURE:
                return False
        return True

    def _header_length(self, at: int) -> int:
        """How many lines the "On … somebody wrote:" is long that begins here; 0 for none."""
        while self._next_end < len(self._ends) and self._ends[self._next_end] < at:
            self._next_end += 1
        if self._next_end == len(self._ends) or self._ends[self._next_end] >= at + _HEADER_LINES:
            return 0
        first = self._lines[at]
        if not (_STARTER.match(first) or _DATE.search(first[:80]) or "@" in first or _VERB.search(first)):
            return 0
        joined = ""
        for length in range(1, _HEADER_LINES + 1):
            if at + length > len(self._lines):
                return 0
            line = self._lines[at + length - 1].strip()
            if not line and length > 1:
                return 0
            joined = f"{joined} {line}".strip()
            if len(joined) > _LONGEST_HEADER:
                return 0
            if _is_header(joined):
                return length
        return 0


def _is_header(text: str) -> bool:
    verb = _VERB.search(text)
    dated = bool(_DATE.search(text))
    if _ENDS_HEADER.search(text):
        if verb:
            return dated or bool(_EMAIL.search(text)) or bool(_STARTER.match(text))
        return dated and bool(_EMAIL.search(text)) and text.count(".") < 14
    if verb and verb.end() >= len(text) - 3:
        return dated and bool(_EMAIL.search(text))
    return False
