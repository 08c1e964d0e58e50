"""Reads the settings file that providers publish for mail programs (Mozilla's autoconfig). It comes from strangers."""

import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MOST_BYTES = 64 * 1024
_DEEPEST = 20
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_SECURITY = {"SSL": "tls", "STARTTLS": "starttls"}  # what is plain is not taken
_SIGN_INS = {
    "password-cleartext": "password",
    "plain": "password",
    "password-encrypted": "password",
    "OAuth2": "oauth2",
}


def read_autoconfig(xml: bytes, address: str) -> dict[str, str]:
    """The form's values; empty for what is no such file, or names no encrypted IMAP and SMTP server."""
    try:
        root = _parse(xml)
    except (expat.ExpatError, ValueError, AssertionError):  # the last: TreeBuilder, of what does not close
        return {}
    incoming = _first(root, "incomingServer", "imap", address)
    outgoing = _first(root, "outgoingServer", "smtp", address)
    if not incoming or not outgoing:
        return {}
    settings = {f"imap_{name}": value for name, value in incoming.items() if name in ("host", "port", "security")}
    settings |= {f"smtp_{name}": value for name, value in outgoing.items() if name in ("host", "port", "security")}
    return settings | {"user": incoming["user"]}


def _parse(xml: bytes) -> Element:
    """The document, without any entity, of a bearable size and depth."""
    if len(xml) > MOST_BYTES:
        raise ValueError("too large")
    builder, depth = TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("too deep")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_what: object) -> None:
        raise ValueError("a document type is not needed here")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.Parse(xml, True)
    return builder.close()


def _first(root: Element, tag: str, kind: str, address: str) -> dict[str, str]:
    """The first server of a kind that we can speak to: providers put the best one first."""
    for found in root.iter(tag):
        if found.get("type") != kind:
            continue
        texts = {each.tag: _filled((each.text or "").strip(), address) for each in reversed(found)}
        ways = [_SIGN_INS.get((each.text or "").strip(), "") for each in found.findall("authentication")]
        host, port = texts.get("hostname", "").lower(), texts.get("port", "")
        security = _SECURITY.get(texts.get("socketType", ""), "")
        is_port = port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536
        if security and is_port and len(host) < 254 and _HOST.fullmatch(host) and (any(ways) or not ways):
            user = texts.get("username", "") or address
            return {"host": host, "port": port, "security": security, "user": user[:320]}
    return {}


def _filled(text: str, address: str) -> str:
    name, _, domain = address.strip().rpartition("@")
    for placeholder, value in (
        ("%EMAILADDRESS%", address.strip()),
        ("%EMAILLOCALPART%", name),
        ("%EMAILDOMAIN%", domain),
    ):
        text = text.replace(placeholder, value)
    return text
