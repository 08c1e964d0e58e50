"""Signatures: behind "-- ", under "Kind regards", of telephones and mailing lists, and the lawyers' small print."""

import re
from collections.abc import Sequence

_LONGEST = 20  # lines; what is longer is no signature
_LONGEST_CLOSING = 7
_LONGEST_LINE = 70

_DELIMITER = re.compile(r"\s?(?:--|—|––|__)\s*\Z")
_RULE = re.compile(r"\s*(?:-{3,}|_{3,}|={3,}|\*{3,}|—{2,}|─{3,})\s*\Z")
_DEVICE = (
    r"i-?phon\w*|i-?pad\w*|i-?pods?|i-?mac|macbook|i-?cloud|android\w*|black-?berry|galaxy|samsung|nokia|huawei|"
    r"xiaomi|redmi|htc|pixel|nexus|"
    r"motorola|moto|sony|xperia|lg|oneplus|alcatel|lumia|treo|palm|droid|windows \w+|smart-?phone|mobile\w*|"
    r"m[oó]vil\w*|"
    r"mòbil|telem[oó]vel|celular|cell(?:ular)?|phone|t[ée]l[ée]phone|telefoon|telef[oó]n\w*|telèfon|handy|mobil\w*|"
    r"portable|"
    r"cellulare|smartfon\w*|telefon\w*|puhelim\w*|tablet\w*|device|dispositiv\w*|handheld|ger[äa]t\w*|watch|telefono|"
    r"computer|laptop|телефон\w*|айфон\w*|смартфон\w*|айпад\w*|sakelaiko\w*|mugikor\w*"
)
_APP = (
    r"outlook|gmail|yahoo|proton\w*|tutanota|tuta|spark|superhuman|airmail|sparrow|mailbird|mailbox|polymail|"
    r"bluemail|typeapp|thunderbird|mail|e-?mail|correo|courrier|posta|poczt\w*|gmx|web\.de|hotmail|aol|zoho|hey|"
    r"front|nine|aquamail|k-9|mymail|"
    r"hushmail|mailspring|fastmail|bnymail|newton|edison|libero|orange|zimbra|naver|yandex|mail\.ru|canary|почт\w*"
)
_DEVICES = re.compile(rf"(?<!\w)(?:{_DEVICE})(?!\w)", re.IGNORECASE)
_APPS = re.compile(rf"(?<!\w)(?:{_APP})(?!\w)", re.IGNORECASE)
_MY = (
    r"my|the|a|an|our|mi|el|la|un|una|meu|minha|o meu|a minha|mon|ma|un|l['’]|mein\w*|einem|meiner|mio|mia|il mio|"
    r"mijn|een|min|"
    r"mit|mitt|en|mojego|mojej|mého|můj|můj|moje\w*|моего|моей|мого|моєї|meva|meu|del meu|de mi"
)
_SENT_FROM = re.compile(
    r"[\s*_<(\[|«\"-]*(?P<how>sent (?:from|via|with|using|by|on|through)|posted (?:from|via)|(?:written|typed) on|"
    r"enviad[oa] (?:desde|de|do|da|a partir d[eo]|con|por|atrav[ée]s d[eo]|via|mediante|através do)|"
    r"escrito desde|mandado desde|"
    r"enviat (?:des (?:de|d['’])|des del|de|amb|del)|enviado dende|envoy[ée]e? (?:de|depuis|[àa] partir d[eu]|avec|"
    r"par|via)|"
    r"gesendet (?:von|mit|[üu]ber|aus|via|per)|inviat[oa] (?:da|dal|dall['’]|con|tramite|via)|"
    r"verzonden (?:vanaf|van|vanuit|met|via|door)|verstuurd (?:vanaf|vanuit|met|via)|"
    r"skickat (?:fr[åa]n|med|via)|fr[åa]n min|sendt (?:fra|med|via)|"
    r"wys[łl]an[eoya] (?:z|za pomoc[ąa]|przez)|l[äa]hetetty|odesl[áa]no (?:z|ze|pomoc[íi])|odoslan[ée] (?:z|zo)|"
    r"отправлено (?:с|из|со|через)|надіслано (?:з|із|через)|trimis (?:de pe|din|cu)|elküldve|küldve)(?:(?<=['’])|"
    r"(?!\w))"
    rf"\s*(?P<my>(?:{_MY})(?!\w)\s*)?(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_GET_APP = re.compile(
    r"[\s*_<(\[]*(?:get|download|obt[eé]n(?:er|ga|ir)?|obtener|descarg(?:ar|a|ue)|aconsegui\w*|baix\w+|obter|obtenha|"
    r"t[ée]l[ée]charge[rz]|obtene[zr]|scarica|ottieni|holen sie sich|laden sie|hol dir|download|hämta|skaffa|hent|"
    r"f[åa]|pobierz|uzyskaj|hanki|hankige|stáhn\w+|získejte|скачать|скачайте|завантажити)\s+(?:[oel]\s|l['’])?[\[<(]*"
    rf"(?:{_APP})\W+(?:\w+ )?(?:for|para|pour|f[üu]r|per|voor|f[öo]r|til|dla|pro|для|on|en|the|a|app)(?!\w)",
    re.IGNORECASE,
)
_OTHER_MOBILE = re.compile(
    r"\W*(?:(?:von|diese (?:nachricht|e-?mail|mail) wurde (?:von|mit|[üu]ber)) .{2,60} (?:gesendet|verschickt|"
    r"versandt)\W*\Z|"
    r"von unterwegs gesendet|nire .{1,30}(?:tik|tatik|etik) bidalia|(?:sent|outlook) f[üu]r (?:ios|"
    r"android) (?:beziehen|holen)|"
    r"outlook f[üu]r (?:ios|android|mac)|.{0,12}iPhone ?(?:から|より) ?(?:送信|送付)|"
    r"從我的 ?.{1,15}傳送|从我的 ?.{1,15}发送|"
    r"[发發]自(?:我的)?.{1,20}\Z|(?:나의|내) ?.{1,20}에서 보냄|"
    r"(?:\S+ )?(?:from|via) (?:my )?(?:mobile|phone|iphone|ipad|blackberry|android)(?: \w{1,3})?\W*\Z)",
    re.IGNORECASE,
)
# One of these stands in each line that is looked at closely: most lines hold none.
_MACHINE_WORD = re.compile(
    r"\A[\W_]*(?:sent|posted|written|typed|get|download|enviad|enviat|escrit|mandad|obt|desc|acons|baix|envoy|"
    r"t[ée]l[ée]c|gesendet|holen|laden|hol dir|von|diese|outlook|invia|scarica|ottieni|verzonden|verstuurd|skick|"
    r"fr[åa]n|sendt|hämta|skaffa|hent|få|wys[łl]an|pobierz|uzyskaj|l[äa]hetet|hank|odesl|odosl|stáhn|získej|отправ|"
    r"скача|надісл|завант|trimis|el?küld|nire|küldve)|從我|从我|[发發]自|보냄|iPhone ?(?:から|より)|"
    r"(?:from|via) (?:my )?(?:mobile|phone|iphone|ipad|blackberry|android)",
    re.IGNORECASE,
)
_EXCUSE = re.compile(
    r"excuse|typo|brevity|pardon|sorry|apolog|forgive|errors?|mistakes?|disculp|perd[oó]n|erratas|breve|excus|fautes|"
    r"tippfehler|entschuldig|scus|errori|desculp|erros",
    re.IGNORECASE,
)
_LINK = re.compile(r"<[^<>\s]{3,400}>|\((?:https?:|www\.)[^()\s]{1,400}\)|https?://\S+")
_MARKDOWN = re.compile(r"\[([^\[\]]{1,80})\]")

_CLOSING = re.compile(
    r"[\s*_]*(?:(?:with |my |our )?(?:(?:very |kind|warm|best|many|sincere|good)\w* ){0,3}(?:and )?regards|best wishes|"
    r"all the best|kind wishes|best|cheers|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|rgds|br|kr|"
    r"(?:un |muchos? |reciba[ns]? un |reciban un |mis |con un )?(?:(?:muy )?(?:cordial(?:es)?|afectuoso|atento|"
    r"grato|fuerte) )?(?:saludos?|abrazo)(?: (?:cordial(?:es)?|cordialmente|a tod[oa]s))?|saludos y gracias|"
    r"atentamente|(?:muy )?atte|cordialmente|cordialment|agur bat|"
    r"(?:una |moltes )?(?:cordials? |salutacions? |atentament|ben |salutacions)\w*(?: cordials?)?|salut|una abraçada|"
    r"(?:unha |un )?(?:aperta|saúdo[s]?)|agur|agur bero bat|ondo izan|besarkada bat|adeitasunez|"
    r"(?:mit |viele[n]? |liebe[n]? |beste[n]? |sch[öo]ne[n]? |herzliche[n]? |freundliche[n]? )+(?:gr[üu](?:ß|"
    r"ss)e[n]?|gru(?:ß|ss))"
    r"(?: .{0,20})?|mfg|lg|vg|gr[üu](?:ß|ss)e|hochachtungsvoll|"
    r"(?:bien )?cordialement|bien [àa] vous|(?:sinc[èe]res |meilleures )?salutations(?: distingu[ée]es)?|amicalement|"
    r"(?:con )?(?:i (?:migliori|pi[ùu] cordiali) )?(?:cordiali |distinti |tanti )?saluti|cordialmente|un saluto|"
    r"(?:com os (?:melhores )?|melhores )?cumprimentos|atenciosamente|att|abra[çc]os?|sauda[çc][õo]es|"
    r"(?:met )?(?:vriendelijke|hartelijke)? ?groet(?:en|jes)?|mvg|hoogachtend|"
    r"(?:med )?(?:de )?(?:bedste |venlig |venlige |vennlig |v[äa]nliga |b[äa]sta |beste )?(?:hilsen|hilsner|"
    r"h[äa]lsningar|h[äa]lsning)|"
    r"mvh|dbh|vh|kh|knus|yst[äa]v[äa]llisin terveisin|terveisin|t|"
    r"(?:serdecznie )?pozdrawiam(?: serdecznie)?|z powa[żz]aniem|z wyrazami szacunku|"
    r"с уважением|с наилучшими пожеланиями|всего доброго|з повагою|s pozdravem|s [úu]ctou|üdvözlettel|tisztelettel|"
    r"cu stim[ăa]|saygılarımla|lep pozdrav|με εκτίμηση|敬具|此致|敬礼|祝好|以上)[\s*_,.!;:~-]*\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:[ ,]{1,2}[^\W\d_(][\w.'’()-]*){0,4}[.,]?\Z")
_SIGNED = re.compile(r"\s*(?:[-–—~]{1,2}|/)\s?[A-ZÀ-ÞА-Я][\w.'’-]{1,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}\s*\Z")
_CONTACT = re.compile(
    r"@|www\.|https?:|\+\d|(?<![a-z])(?:t|m|p|f|tel|tlf|tfno|tfn|phone|mobile|cell|fax|m[oó]vil|mob|tl|telefon|"
    r"t[ée]l\w*)"
    r"\s?[.:/ ]+\(?\d|\A[\d\s().+/-]{9,}\Z",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"\s*(?:p\.?\s?[sd]\b|n\.?b\b|note\b|nota\b|pedido|order|ref)", re.IGNORECASE)
_SMALL_PRINT = re.compile(
    r"[\s*_-]*(?:caution\s?:|disclaimer\s?:?|warning\s?: this e-?mail|confidential(?:ity)?(?: notice| note)?\s?:|"
    r"(?:privileged|confidential|legal|important|private) (?:notice|note|information)\s?:|aviso legal|"
    r"aviso de confidencialidad|av[ií]s legal|lege oharra|cl[áa]usula de confidencialidad|confidencialidad\s?:|"
    r"(?:this|the information (?:in|contained in) this) (?:e-?mail|message|communication)\b.{0,80}"
    r"\b(?:confidential|intended|privileged)|est[ea] (?:mensaje|correo|e-?mail|comunicaci[óo]n)\b.{0,80}"
    r"\b(?:confidencial|destinad|dirigid|exclusiv)|antes de imprimir|please consider the environment|"
    r"diese (?:e-?mail|nachricht) (?:enthält|ist).{0,60}vertraulich|ce (?:message|courriel)\b.{0,80}confidentiel|"
    r"questo messaggio\b.{0,80}(?:riservat|confidenzial)|esta mensagem\b.{0,80}confidencia|haftungsausschluss|"
    r"advarsel\s?:|uwaga\s?:|wichtiger hinweis\s?:)",
    re.IGNORECASE,
)
_EXTERNAL = re.compile(
    r"\W*(?:\[?external\]?|caution|attention|warning|atenci[óo]n|achtung)\W.{0,30}"
    r"(?:originated (?:from )?outside|external (?:sender|e-?mail)|correo externo|from outside)",
    re.IGNORECASE,
)


def is_delimiter(lines: Sequence[str], at: int) -> bool:
    """Whether a signature begins here with a mark of its own, and is short enough to be one."""
    line = lines[at]
    if len(line) > 200:
        return False
    if _DELIMITER.match(line):
        return _is_short(lines, at)
    if not _RULE.match(line) or (at + 1 < len(lines) and _RULE.match(lines[at + 1])):
        return False
    return _is_card(lines[at + 1 : at + 60], need=1)


def _is_short(lines: Sequence[str], at: int) -> bool:
    said = 0
    for line in lines[at + 1 : at + 200]:
        stripped = line.strip()
        if stripped.startswith(">"):
            continue
        said += bool(stripped)
        if said > _LONGEST:
            return False
    return True


def is_mobile(line: str) -> bool:
    """Whether a line is what a telephone or a mail program writes under each mail."""
    if len(line) > 200 or not _MACHINE_WORD.search(line):
        return False
    plain = _MARKDOWN.sub(r"\1", _LINK.sub(" ", line)).strip()
    if _GET_APP.match(line) or _GET_APP.match(plain) or _OTHER_MOBILE.match(plain):
        return True
    found = _SENT_FROM.match(plain)
    if not found:
        return False
    clauses = re.split(r"[.,;!–]\s+|\s-\s", found["rest"].strip(' .!)>]*_"»'))
    first = clauses[0].strip()
    if len(first.split()) > 7 or not all(_EXCUSE.search(each) for each in clauses[1:] if each.strip()):
        return False
    return _is_machine(first, owned=bool(found["my"]))


def _is_machine(name: str, *, owned: bool) -> bool:
    if not name:
        return False
    if _DEVICES.search(name):
        return True
    if _APPS.search(name):
        return not owned or len(name.split()) <= 4
    return len(name.split()) <= 4 and name[0].isascii() and (name[0].isupper() or name[0].isdigit())


def is_external_notice(line: str) -> bool:
    """A warning that a server puts over mails from outside."""
    return len(line) < 400 and _EXTERNAL.match(line) is not None


def starts_at(lines: Sequence[str], shown: Sequence[int]) -> int:
    """How many of the shown lines stand before the signature that closes them; ``shown`` are their numbers."""
    keep = _without_small_print(lines, shown)
    keep = _without_mobile_name(lines, shown, keep)
    last = _last_said(lines, shown, keep)
    if last >= 1 and _SIGNED.match(lines[shown[last]]):
        return last
    said = 0
    for place in range(last, max(-1, last - 3 * _LONGEST_CLOSING), -1):
        line = lines[shown[place]]
        if not line.strip():
            continue
        if len(line) < 60 and said and _CLOSING.match(line):
            return place if _is_card([lines[each] for each in shown[place + 1 : last + 1]], need=1) else keep
        said += 1
        if said > _LONGEST_CLOSING or not _is_card_line(line):
            break
    return keep


def _last_said(lines: Sequence[str], shown: Sequence[int], keep: int) -> int:
    last = keep - 1
    while last >= 0 and not lines[shown[last]].strip():
        last -= 1
    return last


def _without_small_print(lines: Sequence[str], shown: Sequence[int]) -> int:
    """Leave out the last paragraphs from where they are the lawyers'."""
    end = len(shown)
    for place in range(max(0, end - 30), end):
        line = lines[shown[place]]
        first = place == 0 or not lines[shown[place - 1]].strip()
        if first and line.strip() and _SMALL_PRINT.match(line[:300]):
            return place
    return end


def _without_mobile_name(lines: Sequence[str], shown: Sequence[int], keep: int) -> int:
    """Leave out a name that stands alone over "via mobile"."""
    last = _last_said(lines, shown, keep)
    if last < 1 or shown[last] + 1 >= len(lines):
        return keep
    below, name = lines[shown[last] + 1], lines[shown[last]].strip()
    alone = not lines[shown[last - 1]].strip()
    if alone and below.strip() and is_mobile(below) and len(name) < 40 and name[0].isupper() and _NAME.match(name):
        return last
    return keep


def _is_card(lines: Sequence[str], *, need: int) -> bool:
    """Whether these lines can be a signature: few, short, and no word of a matter in them."""
    said = 0
    for line in lines:
        if line.startswith(">"):
            break
        if line.strip():
            said += 1
            if said > _LONGEST_CLOSING or not _is_card_line(line):
                return False
    return said >= need


def _is_card_line(line: str) -> bool:
    stripped = line.strip()
    if _CONTACT.search(stripped[:300]):
        return len(stripped) < 200
    if len(stripped) > _LONGEST_LINE or "?" in stripped or _POSTSCRIPT.match(stripped):
        return False
    return len(stripped.split()) <= 7 and not any(sign.isdigit() for sign in stripped)
