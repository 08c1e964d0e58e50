"""Where the mail before begins without marks: its title ("-----Original Message-----") or its head (From, Sent, To)."""

import re
from collections.abc import Sequence

_TITLE = (
    r"original message|original appointment|original email|original mail|reply message|replied message|"
    r"mensaje original|mensaje citado|correo original|missatge original|mensagem original|mensaxe orixinal|"
    r"jatorrizko mezua|message d.origine|message original|message initial|"
    r"urspr(?:ü|ue|u)ngliche (?:nachricht|mail|e-mail)|"
    r"originalnachricht|original-nachricht|messaggio originale|messaggio originario|oorspronkelijk bericht|"
    r"origineel bericht|original besked|oprindelig (?:besked|meddelelse|e-mail)|ursprungligt meddelande|"
    r"ursprungligt e-postmeddelande|originalmeddelande|original meddelande|opprinnelig melding|original melding|"
    r"wiadomo[śs][ćc] (?:oryginalna|pierwotna)|oryginalna wiadomość|alkuper[äa]inen viesti|исходное сообщение|"
    r"оригинальное сообщение|первоначальное сообщение|оригінальне повідомлення|původní (?:zpráva|e-mail)|"
    r"pôvodná správa|eredeti üzenet|mesaj original|mesajul original|orijinal mesaj|özgün ileti|αρχικό μήνυμα|"
    r"原始邮件|原始郵件|原邮件|元のメッセージ|オリジナルメッセージ|원본 메시지|원본 메일|"
    r"reply above this line|please (?:do not write below|type your reply above) this line|"
    r"(?:please )?(?:reply|write|respond) above this line|escriba su respuesta (?:encima|por encima)"
)
_FORWARDED = (
    r"begin forwarded message|(?:start of )?forwarded (?:message|email|mail|by .{1,40})|inicio del mensaje reenviado|"
    r"mensaje reenviado|missatge reenviat|mensagem (?:encaminhada|reencaminhada)|mensaxe reenviada|"
    r"birbidalitako mezua|message transf[ée]r[ée]|message r[ée]exp[ée]di[ée]|d[ée]but du message .{3,20}|"
    r"weitergeleitete (?:nachricht|mail|e-mail)|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"messaggio inoltrato|inizio (?:del )?messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht|"
    r"vidarebefordrat (?:meddelande|mail|brev)|videresendt (?:besked|melding|meddelelse|e-mail)|"
    r"v[äa]litetty viesti|edelleenlähetetty viesti|wiadomość przekazana dalej|przekazana wiadomość|"
    r"пересылаемое сообщение|пересланное сообщение|переслане повідомлення|přeposlaná zpráva|továbbított üzenet|"
    r"iletilmiş mesaj|转发的邮件|转发邮件|轉寄郵件|転送されたメッセージ|전달된 메시지"
)
_DECORATION = " \t\r\xa0*_-=~#—–>"
_AS_TITLE = re.compile(rf"(?:{_TITLE})(?!\w).{{0,80}}\Z", re.IGNORECASE)
_AS_WHOLE_TITLE = re.compile(rf"(?:{_TITLE})\s*[:：]?\Z", re.IGNORECASE)
_AS_FORWARD = re.compile(rf"(?:{_FORWARDED})\s*[:：]?\Z", re.IGNORECASE)
_RULE = re.compile(r"\s*[_\-=*─—]{3,}\s*\Z")

_LABELS = {
    "from": "from de von da van fra från od lähettäjä от від feladó kimden gönderen 发件人 寄件者 差出人 보낸사람 "
    "보낸_사람 pošiljatelj saatja siuntėjas sūtītājs nork nondik desde de_la από expéditeur "
    "expediteur remitente remetente mittente absender afzender avsender avsändare 発信者 odesílatel "
    "odosielateľ",
    "sent": "sent enviado enviado_el enviado_em enviada enviada_em enviat enviat_el bidalia noiz gesendet "
    "gesendet_am envoyé envoyé_le envoye inviato inviato_il verzonden verzonden_op sendt skickat "
    "lähetetty wysłano wysłane отправлено надіслано odesláno odoslané elküldve gönderilme_tarihi "
    "发送时间 送信日時 보낸_날짜 寄件日期 傳送時間 trimis poslané poslano saadetud išsiųsta gönderildi",
    "date": "date fecha data datum dato dátum päivämäärä дата tarih 日付 日期 날짜 时间 ημερομηνία",
    "to": "to para a an à al per_a per nori à_l'attention_de aan til till do vastaanottaja кому komu "
    "címzett kime alıcı 收件人 宛先 받는사람 받는_사람 adressaat prima 收件者 prejemnik προς către destinataire "
    "destinataires destinatario destinatário empfänger",
    "cc": "cc cco bcc kopie kopi kopia kopio copia cópia còpia копия копія 抄送 참조 副本 kopija dw ccn "
    "reply-to responder_a antwort_an répondre_à rispondi_a importance importancia wichtigkeit "
    "organization organisation organización attachments vedhæftet anlagen pièces_jointes adjuntos",
    "subject": "subject asunto assumpte assunto asuntoa gaia betreff objet oggetto onderwerp emne ämne aihe "
    "temat тема předmět predmet tárgy konu 主题 件名 제목 主旨 θέμα teema subiect sujet",
}
_KIND = {label.replace("_", " "): kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(r"[\s>*_|]*(?P<label>[^\W\d_][^\W\d_'’\-]*(?: [^\W\d_][^\W\d_'’]{0,13}){0,2})\s?[*_]*\s?[:：][*_]*")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]+\.\w|mailto:")
_WHEN = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|(?:19|20)\d\d")
_LONGEST_TITLE = 160
_MOST_HEAD_LINES = 14
_MOST_BLANKS = 4
_FEWEST_STRANGE = 4


def is_forward(line: str) -> bool:
    """Whether what follows is forwarded: that is what the customer wants to show."""
    return len(line) < _LONGEST_TITLE and _AS_FORWARD.match(line.strip(_DECORATION)) is not None


def is_rule(line: str) -> bool:
    """A line of dashes or the like."""
    return _RULE.match(line) is not None


def begins_original(lines: Sequence[str], at: int) -> bool:
    """Whether all that follows is the mail before."""
    line = lines[at]
    if len(line) < _LONGEST_TITLE:
        title = line.strip(_DECORATION)
        before = len(line) - len(line.lstrip(_DECORATION))
        if before >= 2 and line[:before].strip() and _AS_TITLE.match(title):
            return True
        framed = before >= 3 and (not title or len(line) - len(line.rstrip(_DECORATION)) >= 3)
        if (framed or _AS_WHOLE_TITLE.match(title)) and is_head(lines, _next(lines, at), after_title=True):
            return True
    return is_head(lines, at)


def head_end(lines: Sequence[str], at: int) -> int:
    """Behind the last line of the head that begins at a line, or behind its title."""
    last = at
    for number in range(at, min(len(lines), at + _MOST_HEAD_LINES)):
        if label_of(lines[number]) or _LABEL.match(lines[number]):
            last = number
    return last + 1


def label_of(line: str) -> str:
    """Which field of a head a line holds ("from", "sent", "date", "to", "cc", "subject"); empty for none."""
    found = _LABEL.match(line[:60])
    return _KIND.get(found["label"].lower(), "") if found else ""


def is_head(lines: Sequence[str], at: int, *, after_title: bool = False) -> bool:
    """Whether the head of a mail begins here: sender, time, recipients and subject, one below the other."""
    if at >= len(lines) or not _has_colon(lines[at]):
        return False
    first = label_of(lines[at])
    if first in ("cc", "to") or not (first or _begins_labels(lines, at)):
        return False
    kinds, block = _fields(lines, at)
    addressed, dated = bool(_ADDRESS.search(block)), bool(_WHEN.search(block))
    if not first:
        return addressed and dated
    if kinds.isdisjoint(("from", "sent", "date")):
        return False
    if len(kinds) >= 3:
        return "subject" in kinds or addressed or after_title or (dated and {"from", "sent"} <= kinds)
    return kinds >= {"from"} and len(kinds) == 2 and addressed and (dated or after_title or "subject" in kinds)


def _has_colon(line: str) -> bool:
    return ":" in line[:60] or "：" in line[:60]


def _fields(lines: Sequence[str], at: int) -> tuple[set[str], str]:
    """The fields of what may be a head, and its text."""
    kinds: set[str] = set()
    taken: list[str] = []
    blanks = 0
    for line in lines[at : at + _MOST_HEAD_LINES]:
        if not line.strip():
            blanks += 1
            if blanks > _MOST_BLANKS:
                break
            continue
        kind = label_of(line)
        if kind in kinds and kind not in ("to", "cc"):
            break
        if kind:
            kinds.add(kind)
        taken.append(line[:300])
    return kinds, "\n".join(taken)


def _begins_labels(lines: Sequence[str], at: int) -> bool:
    """Whether four lines with labels, in whatever language, begin here."""
    if at and _LABEL.match(lines[at - 1][:60]):
        return False
    block = lines[at : at + _FEWEST_STRANGE]
    return len(block) == _FEWEST_STRANGE and all(_LABEL.match(line[:60]) for line in block)


def _next(lines: Sequence[str], at: int) -> int:
    """The next line that says something."""
    at += 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at
