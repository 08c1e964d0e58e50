"""Files that do harm when they are opened: what is said of them, by their names. Loads nothing of the database."""

import re

from inbox.i18n import tr

_ENDINGS = {
    "program": "exe com scr pif cpl msi msp msix appx jar app dmg pkg deb rpm apk run bin dll sys ocx xll wll gadget",
    "script": "js jse vbs vbe wsf wsh ws ps1 ps1xml psm1 psd1 bat cmd sh bash command hta py pyw rb pl php reg inf sct"
    " scf msh jnlp ksh csh zsh vb",
    "link": "lnk url desktop webloc website library-ms search-ms settingcontent-ms appref-ms theme",
    "disk": "iso img vhd vhdx udf vmdk",
    "macros": "docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm one onepkg iqy slk",
    "page": "html htm xhtml shtml mht mhtml svg svgz xht chm",
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
_RUNS = ("program", "script", "link", "disk")
_ARCHIVES = ("zip", "rar", "7z", "gz", "bz2", "xz", "tar", "tgz", "cab", "arj", "ace", "z", "lzh", "zipx")
_HARMLESS = r"pdf|docx?|xlsx?|pptx?|odt|ods|txt|rtf|csv|jpe?g|png|gif|bmp|tiff?|webp|mp[34]|eml|zip"
_DOUBLE = re.compile(rf"\.(?:{_HARMLESS})[\s._]*\.\w{{1,16}}\Z", re.IGNORECASE)
_PASSWORD = re.compile(
    r"\b(?:contrase[ñn]as?|clave|palabra\s+de\s+paso|password|passcode|passwort|kennwort|mot\s+de\s+passe|senha|"
    r"contrasenya|pasahitza|contrasinal)\b",
    re.IGNORECASE,
)


def ending(filename: str) -> str:
    """The ending that decides what opens a file, in lower case and without its dot."""
    return filename.rstrip(" .").rpartition(".")[2].lower() if "." in filename else ""


def runs(filename: str) -> bool:
    """Whether opening the file runs it."""
    return _KINDS.get(ending(filename), "") in _RUNS


def why_dangerous(filename: str, text: str = "") -> str:
    """A sentence about a file that is to be mistrusted; empty for others. ``text`` is of the message that brings it."""
    last = ending(filename)
    kind = _KINDS.get(last, "")
    if kind and kind != "page" and _DOUBLE.search(filename):
        return tr("«{name}» poses as a document, and is none.", name=filename)
    if kind == "program":
        return tr("«{name}» is a program.", name=filename)
    if kind == "script":
        return tr("«{name}» is a script: opening it runs it.", name=filename)
    if kind == "link":
        return tr("«{name}» is a shortcut that can start anything.", name=filename)
    if kind == "disk":
        return tr("«{name}» is a disk image, which no virus scanner looks into.", name=filename)
    if kind == "macros":
        return tr("«{name}» can carry macros, which are programs.", name=filename)
    if kind == "page":
        return tr("«{name}» is a web page: don't type a password into it.", name=filename)
    if last in _ARCHIVES and _PASSWORD.search(text):
        return tr("«{name}» is locked with a password, so that no virus scanner can look into it.", name=filename)
    return ""
