"""Which sentences of a text are questions, in Spanish and English, marked or not; and which are mere courtesy.

Pure functions on the text that an agent is writing: what is found is only *offered* as a clarifying question.
"""

import re
import unicodedata

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.I)
_MARKED = re.compile(r"¿[^¿?\n]*(?:\n[^¿?\n]+)*\?|¿[^¿?.!\n]+")
_SENTENCE = re.compile(r"[^.!?…\n]+(?:\.(?=\w)[^.!?…\n]+)*[.!?…]*", re.S)
_BLANKS = re.compile(r"\s+")
_QUOTED = re.compile(r"^\s*>.*$", re.M)

# The long ones are compiled when they are used first (``re`` keeps them): that takes 10 ms of a start.
_OPENERS = (
    r"^(?:(?:hola|buenos d[ií]as|buenas(?: tardes| noches)?|(?:muchas |mil )?gracias|perfecto|perdona|perdone"
    r"|disculpa|disculpe"
    r"|de acuerdo|vale|muy bien|bueno|bien|entonces|por favor|y|e|pero|pues|o|no|s[ií]|claro|oye|oiga|adem[aá]s"
    r"|por cierto|ok|okay|eh"
    r"|hi|hello|hey|dear|thanks|thank you|thank you very much|thanks a lot|great|perfect|good|nice|sure|alright"
    r"|all right|fine|yes|yeah"
    r"|yep|no|and|but|or|so|then|also|please|well|sorry|excuse me|oh|ah|actually|just|now|ps|btw|by the"
    r" way)\b[\s,.:;!–—-]*)+"
)
_CALLED = re.compile(r"^[A-ZÁÉÍÓÚÑ][\w'-]+(?:\s[A-ZÁÉÍÓÚÑ][\w'-]+)?\s*[,:]\s+(?=\w)")

_SPANISH = (
    r"^(?:(?:a|ante|con|contra|de|desde|durante|en|entre|hacia|hasta|para|por|según|sin|sobre|al"
    r"|del)\s+)?(?:el\s+|la\s+)?"
    r"(?:qué|quién(?:es)?|cuál(?:es)?|cuándo|dónde|adónde|cómo|cuánt[oa]s?)\b(?!\s+(?:bien|bueno|buena|pena"
    r"|lástima|alegría|ilusión"
    r"|no|va|suerte|maravilla|horror|rico|raro)\b)"
    r"|^(?:me|nos)\s+(?:puede|puedes|pueden|podéis|podría|podrías|podrían|dice|dices|indica|indicas|confirma"
    r"|confirmas|envía|envías"
    r"|manda|mandas|pasa|pasas|facilita|facilitas|da|das|deja|dejas|permite|permites)\b"
    r"|^(?:podr[ií]a|podr[ií]as|podr[ií]an|podr[ií]ais|podemos|puedo)\s"
    r"|^(?:puede|puedes|pueden|podéis)\s+(?:usted\s+)?(?:decir|indicar|enviar|confirmar|mandar|pasar|facilitar"
    r"|dar|explicar|contar|adjuntar)"
    r"(?:me|nos|le)?\b"
    r"|^(?:le|te|os|les)\s+(?:importar[ií]a|gustar[ií]a|parece|viene|vendr[ií]a|va bien|interesa|ha|han|llegó"
    r"|funciona|queda|sirve)\b"
    r"|^(?:ser[ií]a|es)\s+posible\b|^ser[ií]as?\s+tan\s+amable"
    r"|^(?:tiene|tienes|tienen|tenéis)\s+(?:usted|ya|algún|alguna|a mano|el número|la factura|copia|fotos|otr[oa])\b"
    r"|^(?:ha|has|han|habéis)\s+\w+(?:ado|ido|to|cho|sto)\b"
    r"|^(?:quiere|quieres|quieren|desea|deseas|prefiere|prefieres|necesita|necesitas)\s+\w+.*\so\s"
    r"|^(?:quiere|quieres|desea|prefiere)\s+que\b"
    r"|^(?:sabe|sabes|recuerda|recuerdas|sabéis)\s+(?:si|qué|quién|cuál|cuándo|dónde|cómo|cuánt[oa]s?|usted|el|la)\b"
    r"|^hay\s+(?:algún|alguna|alguien|algo)\b|^se\s+trata\s+de\s.*\so\s"
)
_ENGLISH = (
    r"^(?:(?:in|on|at|by|for|to|from|with|of|about|since|until)\s+)?(?:what|which|whose)\b(?!\s+(?:i|we|you|he"
    r"|she|they|it|a|an|the\s\w+\s\w+s)\b)"
    r"(?:'s|'re)?(?:\s+[\w'-]+){0,4}?\s*(?:'s\b|\b(?:is|are|was|were|am|do|does|did|have|has|had|can|could|will"
    r"|would|should|shall|may|might"
    r"|kind|happens|happened|about|if|else|went|made|makes|caused|took|works)\b)"
    r"|^(?:who|when|where|why|whom)(?:'s|'re|'d|'ll|\s+(?:is|are|was|were|do|does|did|have|has|had|can|could|will"
    r"|would|should|shall|else|not)\b)"
    r"|^(?:since|until|from|by)\s+when\b"
    r"|^how(?:'s|\s+(?:is|are|was|were|do|does|did|have|has|can|could|will|would|should|come|about|much|many|long"
    r"|often|far|old|soon|big|urgent|late)\b)"
    r"|^(?:do|don't|have|haven't|can|can't|could|couldn't|will|won't|would|wouldn't|are|aren't|were|am|did|didn't"
    r"|shall|may)\s+"
    r"(?:you|we|i|they|he|she|it|any|anyone|anybody|somebody|someone|there|these|those|u)\b"
    r"|^(?:is|isn't|was|wasn't|does|doesn't|did|didn't|has|hasn't|will|can|could|would|are|were)\s+"
    r"(?:you|we|he|she|it|there|this|that|these|those|the|your|my|our|his|her|its|their|any|anyone|anybody"
    r"|someone|everything|anything)\b"
    r"|^(?:any|anyone|anybody)\s+(?:idea|ideas|chance|news|others?|other|suggestions?|thoughts?|luck|know|knows"
    r"|have|has|else|questions?)\b"
    r"|^(?:is|are|was|were|did|does|has|can|will)\s+[A-Z0-9][\w-]*\s+\w"
)
_STATEMENT = re.compile(
    r"^(?:should|had|were)\s+(?:you|we|i|they)\b|^(?:will|would)\s+(?:be|have|do)\b|^may\s+(?:you|it|they|this)\b", re.I
)
_LATER = (
    r"(?:[,;:]|\b(?:and|but|so|y|pero))\s+(?P<tail>(?:(?:could|can|would|will|do|did|have)\s+(?:you|we|i|u)\b"
    r"|what(?:'s|\s+(?:is|are|was|time))\b"
    r"|where\s+(?:is|are|do|can)\b|how\s+(?:much|many|long|do|can|is|are)\b|(?:me|nos)\s+(?:puede|podr[ií]a|dice"
    r"|indica|confirma)s?\b"
    r"|podr[ií]as?\s|(?:a|de|en|por|para|con|desde)?\s*(?:qué|cuál|cuándo|dónde|cómo|cuánt[oa]s?|quién)\s).*)$"
)


def find_questions(text: str) -> list[str]:
    """The sentences of a text that are questions, in its order, as they stand there."""
    text = _ADDRESS.sub(lambda found: "_" * len(found.group()), plain) if (plain := _QUOTED.sub("", text)) else ""
    found: list[tuple[int, str]] = []
    rest = text
    for match in _MARKED.finditer(text):
        found.append((match.start(), plain[match.start() : match.end()]))
        rest = rest[: match.start()] + "\n" * (match.end() - match.start()) + rest[match.end() :]
    for match in _SENTENCE.finditer(rest):
        sentence = plain[match.start() : match.end()]
        if _is_question(sentence.strip()):
            found.append((match.start(), sentence))
    found.sort()
    return [_BLANKS.sub(" ", sentence).strip() for _, sentence in found if len(sentence.strip(" ¿?")) > 1]


def _is_question(sentence: str) -> bool:
    if sentence.endswith("?"):
        return True
    if sentence.endswith("!"):
        return False
    core = _core(sentence)
    if not core or _STATEMENT.match(core):
        return False
    return bool(
        re.match(_SPANISH, core, re.I) or re.match(_ENGLISH, core, re.I) or re.search(_LATER, core, re.I | re.S)
    )


def _core(sentence: str) -> str:
    """A sentence without greeting, connecting words and the name that it calls."""
    core = sentence.strip(" \t\n\"'«»“”()-–—*•·")
    for _ in range(3):
        shorter = _CALLED.sub("", re.sub(_OPENERS, "", core, flags=re.I))
        if shorter == core:
            break
        core = shorter
    return core


# --- courtesy ----------------------------------------------------------------------------------------------------

_TAIL = (
    r"(?: (?:hoy|today|ahora|now|por favor|please|mas|more|usted|senor\w*|sir|madam|entonces|then|en que|que|that"
    r"|i|we|can|could|may|do|help|"
    r"pueda|podamos|ayudarle|ayudarte|ayudar|assist|for|you|with|on|in|this|le|te|la|el|esta|this|morning"
    r"|afternoon|evening|tarde|manana|"
    r"manana|tarde|noche|doing|everything|todo|yo|nosotros|nos|this matter|asunto|consulta|your|su|tu"
    r"|mientras tanto|meanwhile))*"
)
_COURTESIES = (
    r"(?:"
    r"(?:en )?que (?:mas )?(?:le |te |os |les )?(?:puedo|podemos|podria|podriamos|puede|se le|se te) ?(?:ayudar"
    r"|atender|servir|ofrecer)?(?:le|te|os|les)?"
    r"(?: en algo)?(?: mas)?"
    r"|en que (?:puedo|podemos|podria|podriamos) (?:ser\w*|ayudar\w*|atender\w*|servir\w*)(?: de ayuda| utiles?)?"
    r"|como (?:le |te )?(?:puedo|podemos|podria) (?:ayudar|atender)(?:le|te|os|les)?"
    r"|(?:le |te |os )?(?:puedo|podemos|podria) (?:ayudar|atender)(?:le|te|os|les)?(?: yo)? en (?:algo|alguna"
    r" otra cosa|alguna cosa)(?: mas)?"
    r"|(?:necesita|necesitas|quiere|quieres|desea|deseas|precisa) (?:algo|alguna cosa|cualquier cosa|alguna otra"
    r" cosa|ayuda)(?: mas)?"
    r"|(?:hay|queda) (?:algo|alguna cosa|alguna otra cosa)(?: mas)?(?: en (?:lo|la) que)?(?: (?:pueda|podamos"
    r"|puedo|podemos))?(?: ayudar(?:le|te)?)?"
    r"|(?:alguna|tiene alguna|tienes alguna|le queda alguna|te queda alguna)(?: otra)? (?:cosa|duda|pregunta"
    r"|consulta|cuestion)(?: mas)?"
    r"|algo mas|nada mas|como (?:esta|estas|estan|estais|se encuentra|le va|te va|va|van las cosas|va todo|lo lleva)"
    r"|que tal(?: (?:esta|estas|todo|le va|te va|el dia|va))?|que hay|todo bien|verdad|no|si|eh|ok|okay|vale|de"
    r" acuerdo|no cree|no le parece|no es asi"
    r"|(?:le|te|os|les) parece(?: bien)?|(?:esta|estas|estamos) de acuerdo|(?:ha quedado|queda|quedo)(?: todo)?"
    r" (?:claro|resuelt[oa]s?)"
    r"(?: (?:su|tu|sus|tus) (?:duda|dudas|consulta|pregunta|preguntas|problema|asunto))?"
    r"|(?:he|hemos) (?:resuelto|aclarado|respondido)(?: a)? (?:su|tu|sus|tus) (?:duda|dudas|consulta|pregunta"
    r"|preguntas)"
    r"|(?:se )?(?:ha|he) (?:resuelto|aclarado) (?:su|tu) (?:duda|consulta|pregunta)"
    r"|(?:le|te) (?:ha|he) (?:sido|servido)(?: de)? (?:utiles?|ayuda)"
    r"|(?:me )?(?:permite|permites|puede esperar|puedes esperar|le importa esperar)(?: un)?(?: momento| minuto|"
    r" segundo)?"
    r"|(?:sigue|sigues|continua|esta|estas) (?:ahi|en linea|conectad[oa]|todavia ahi)"
    r"|(?:hola|buenos dias|buenas tardes|buenas)"
    r"|how (?:may|can|could|might) (?:i|we) (?:help|assist|be of (?:help|assistance|service)|serve)(?: you)?"
    r"|(?:what|how) (?:can|may|could) (?:i|we) (?:do|help)(?: for)?(?: you)?(?: with)?"
    r"|(?:can|may|could) (?:i|we) (?:help|assist|be of (?:help|assistance))(?: you)?(?: with)?(?: (?:anything"
    r"|something))?(?: else)?"
    r"|(?:is|was) there (?:anything|something)(?: else)?|(?:do you|would you|did you) (?:need|want|like|have)(?:"
    r" to (?:ask|know|add|say))? "
    r"(?:anything|something|any help|help|any (?:other |more |further )?(?:questions?|doubts?|queries"
    r"|concerns))(?: else)?"
    r"|(?:anything|something|what|any other questions?|any questions?|any (?:other|further|more) (?:questions?"
    r"|queries|doubts?|help))(?: else)?"
    r"|how (?:are|were) (?:you|things|we)(?: going)?|how do you do|how(?:'s| is) (?:it|everything|your day|the"
    r" day)(?: going)?|what(?:'s| is) up"
    r"|(?:are you )?(?:ok|okay|alright|all right|there|still there)|(?:is|was) (?:that|this|it|everything|all)(?:"
    r" all)? (?:ok|okay|alright|all right|fine|clear|right)"
    r"|(?:does|did|do) (?:that|this|it) (?:help|work|make sense|sound (?:good|ok|okay|right|fine)|answer (?:your"
    r"|the) questions?)(?: for you)?"
    r"|(?:have|did) (?:i|we) (?:answer(?:ed)?|solved?|resolved?) (?:your|all your) (?:questions?|queries|query"
    r"|problem|issue)"
    r"|(?:could|can|would) you (?:wait|hold(?: on)?|bear with (?:me|us)|mind (?:waiting|holding))(?: for)?(?: a|"
    r" one)?(?: moment| minute| second| while)?"
    r"|right|isn't it|doesn't it|don't you think|aren't you|(?:do you )?agreed?|(?:do you )?understand|you know"
    r"|really|de verdad|en serio"
    r")" + _TAIL
)
_POLITE = (
    r"^(?:(?:hola|buenos dias|buenas(?: tardes| noches)?|(?:muchas )?gracias(?: por [a-z ]{0,40}?)?|y|pero"
    r"|entonces|por favor|perfecto|bien|muy bien"
    r"|vale|hi|hello|good (?:morning|afternoon|evening)|thanks?(?: you)?(?: for [a-z ]{0,40}?)?|and|so|but|well"
    r"|please|dear [a-z]+"
    r"|perdone|disculpe|sorry|senor[a]?(?: [a-z]+)?|don [a-z]+|dona [a-z]+) )+(?=[a-z])"
)


def is_courtesy(text: str) -> bool:
    """Whether a question is only polite: "¿En qué puedo ayudarle?", "¿Algo más?", "How are you?". It never counts."""
    folded = " ".join(re.sub(r"[^\w' ]+", " ", fold(text)).split())
    if not folded:
        return True
    shapes = {folded, re.sub(_POLITE, "", folded), _without_name(folded)}
    return any(re.fullmatch(_COURTESIES, part) for part in shapes if part)


_NO_NAMES = {"what", "which", "cual", "que", "cuando", "donde", "when", "where", "your", "su"}


def _without_name(folded: str) -> str:
    """Without a name that is called first or last: "Ana, ¿algo más?"."""
    first, _, rest = folded.partition(" ")
    return folded if first in _NO_NAMES else rest


def fold(text: str) -> str:
    """Lower case without accents, white space in one piece."""
    letters = unicodedata.normalize("NFD", text.replace("’", "'").casefold())
    return _BLANKS.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()
