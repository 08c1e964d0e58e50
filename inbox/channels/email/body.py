"""Which parts of a mail are its text, and which are files (after RFC 8621, section 4.1.4)."""

import re
from dataclasses import dataclass, field, replace

from inbox.channels.email import charsets, cms, filenames, headers, html, mime, tnef
from inbox.channels.email.mime import Part

_MEDIA = ("image/", "audio/", "video/")
_TEXTS = ("text/plain", "text/html")
_DEEPEST, _MOST_NESTED = 3, 20  # mails in a mail that says nothing itself
_SPACE_STUFFED = re.compile(r"^ (?=[ >]|From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """A part that is no body. ``part`` says where it lies; behind a ``!`` stands a file in a text or in an envelope."""

    filename: str
    content_type: str
    size: int
    part: str
    content_id: str = ""
    inline: bool = False


@dataclass(slots=True)
class Layout:
    """The parts of a mail by their use."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Body:
    """What is read of a mail's parts."""

    text: str
    html: str
    files: tuple[File, ...]


def lay_out(root: Part) -> Layout:
    """Sort the parts of a mail into text, HTML and files."""
    layout = Layout()
    _sort([root], "mixed", False, layout.html, layout.text, layout.files)
    return layout


def _is_body(part: Part, place: int, parent: str) -> bool:
    if part.disposition == "attachment":
        return False
    if part.content_type not in _TEXTS and not part.content_type.startswith(_MEDIA):
        return False
    if part.content_type in _TEXTS and part.filename and not (place == 0 and part.disposition != "inline"):
        return False
    if part.content_type.startswith(_MEDIA):
        return place == 0 or parent != "related"
    return place == 0 or not (part.filename or (parent == "related" and part.content_id))


def _sort(
    parts: list[Part],
    parent: str,
    in_alternative: bool,
    html_body: list[Part] | None,
    text_body: list[Part] | None,
    files: list[Part],
) -> None:
    texts = -1 if text_body is None else len(text_body)
    htmls = -1 if html_body is None else len(html_body)
    for place, part in enumerate(parts):
        if part.is_multipart:
            kind = part.content_type.partition("/")[2]
            _sort(part.children, kind, in_alternative or kind == "alternative", html_body, text_body, files)
        elif not _is_body(part, place, parent):
            files.append(part)
        elif parent == "alternative":
            chosen = {"text/plain": text_body, "text/html": html_body}.get(part.content_type)
            (files if chosen is None else chosen).append(part)
        else:
            if in_alternative:
                html_body = None if part.content_type == "text/plain" else html_body
                text_body = None if part.content_type == "text/html" else text_body
            _add(part, html_body, text_body, files)
    if parent == "alternative" and text_body is not None and html_body is not None:
        _lend(texts, htmls, text_body, html_body)


def _add(part: Part, html_body: list[Part] | None, text_body: list[Part] | None, files: list[Part]) -> None:
    for chosen in (text_body, html_body):
        if chosen is not None:
            chosen.append(part)
    if part.content_type.startswith(_MEDIA):
        files.append(part)


def _lend(texts: int, htmls: int, text_body: list[Part], html_body: list[Part]) -> None:
    """An alternative that has one kind only stands for the other too."""
    if texts == len(text_body) and htmls != len(html_body):
        text_body.extend(html_body[htmls:])
    elif htmls == len(html_body) and texts != len(text_body):
        html_body.extend(text_body[texts:])


def read_body(root: Part, *, want_text: bool = True, depth: int = 0) -> Body:
    """The text, the HTML and the list of files of a mail. ``depth``: in how many others it lies."""
    layout = lay_out(root)
    files: list[File] = []
    envelope = tnef.Envelope()
    for number, part in enumerate(layout.files, start=1):
        files.append(_file(part, number))
        if _is_envelope(part):
            envelope = _open_envelope(part, depth)
            files[-1:] = _unpacked(files[-1], envelope)
    for part in layout.text:
        if part.filename and part.content_type in _TEXTS:  # it is shown, and can be saved under its name
            files.append(replace(_file(part, len(files) + 1), inline=True))
    pieces: list[str] = []
    if want_text:
        for part in layout.text:
            if part.content_type in _TEXTS:
                text, found = _part_text(part)
                pieces.append(text)
                files.extend(found)
    page = _page(layout.html) or (envelope.html if not any(piece.strip() for piece in pieces) else "")
    text = "\n\n".join(piece.strip("\n") if len(layout.text) > 1 else piece for piece in pieces if piece.strip())
    if want_text and not text.strip() and page:
        text = html.to_text(page)
    if want_text and not text.strip() and not page:
        text = envelope.text or _last_resort(layout.files, depth)
    return Body(text, page, tuple(files))


def part_string(part: Part) -> str:
    """A text part decoded, with plain line ends."""
    charset = part.charset
    content = part.content()
    if not charset and part.content_type == "text/html":
        charset = html.charset_of(content)
    text = charsets.decode(content, charset)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _part_text(part: Part) -> tuple[str, list[File]]:
    if part.content_type == "text/html":
        return html.to_text(part_string(part)), []
    files: list[File] = []
    if part.may_hold_files:
        found, rest = mime.uu_files(part.body)
        for number, (name, content) in enumerate(found, start=1):
            safe = filenames.safe_name(name, "", number)
            files.append(File(safe, "application/octet-stream", len(content), f"{part.number}!uu{number}"))
        if found:
            text = charsets.decode(
                rest if part.encoding.endswith("uuencode") else mime.decode_transfer(rest, part.encoding), part.charset
            )
            return text.replace("\r\n", "\n"), files
    text = part_string(part)
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return text, files


def unflow(text: str, delete_space: bool) -> str:
    """Join the soft lines of RFC 3676."""
    if " \n" not in text:
        return _SPACE_STUFFED.sub("", text)
    out: list[list[str]] = []  # the pieces of each line
    depth_before = -1
    flowing = False
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        if content.startswith(" "):
            content = content[1:]
        if flowing and depth == depth_before and content != "-- ":
            out[-1].append(content)
        else:
            out.append([(">" * depth + " " if depth else ""), content])
        flowing = content.endswith(" ") and content != "-- "
        if flowing and delete_space:
            out[-1][-1] = out[-1][-1][:-1]
        depth_before = depth
    return "\n".join("".join(pieces) for pieces in out)


def _page(parts: list[Part]) -> str:
    """The HTML to show: empty where no part of it is HTML."""
    if not any(part.content_type == "text/html" for part in parts):
        return ""
    pieces = []
    for part in parts:
        if part.content_type == "text/html":
            pieces.append(part_string(part))
        elif part.content_type == "text/plain":
            pieces.append(html.from_text(_part_text(part)[0]))
    return "\n".join(piece for piece in pieces if piece.strip())


def _last_resort(parts: list[Part], depth: int) -> str:
    """A mail whose only content is an odd kind of text, or another mail, still says something."""
    pieces = []
    for part in parts[:_MOST_NESTED]:
        if part.disposition == "attachment":
            continue
        if part.content_type in ("text/enriched", "text/richtext"):
            return html.to_text(part_string(part).replace("<<", "&lt;"))
        if part.content_type in ("text/markdown", "text/x-markdown"):
            return part_string(part)
        if part.content_type in ("message/rfc822", "message/global") and depth < _DEEPEST:
            pieces.append(read_body(mime.read(part.content()), depth=depth + 1).text)
    return "\n\n".join(piece for piece in pieces if piece.strip())


def _file(part: Part, number: int) -> File:
    name = part.filename
    if not name and part.content_type == "message/rfc822":
        name = _subject_name(part)
    inline = part.disposition == "inline" or (bool(part.content_id) and part.disposition != "attachment")
    safe = filenames.safe_name(name, part.content_type, number)
    return File(safe, part.content_type, content_size(part), part.number, part.content_id, inline)


def _is_envelope(part: Part) -> bool:
    kind = part.content_type
    return kind in tnef.TYPES or kind in cms.TYPES or part.filename.lower() in ("winmail.dat", "smime.p7m")


def _open_envelope(part: Part, depth: int) -> tnef.Envelope:
    """What lies in Outlook's envelope, or in a signature that wraps what it signs."""
    content = part.content()
    inner = b"" if depth >= _DEEPEST else cms.unwrap(content)
    if not inner:
        return tnef.unpack(content)
    root = mime.read(inner)
    found = read_body(root, depth=depth + 1)
    files = [
        tnef.Packed(file.filename, file.content_type, part_content(root, file.part, depth + 1), file.content_id)
        for file in found.files
    ]
    return tnef.Envelope(found.text, found.html, files)


def _unpacked(file: File, envelope: tnef.Envelope) -> list[File]:
    """The files of an envelope, and the envelope behind them; itself alone where no file is in it."""
    if not envelope.files:
        return [file]
    found = []
    for number, each in enumerate(envelope.files, start=1):
        content_type = each.content_type or filenames.type_of(each.filename)
        name = filenames.safe_name(each.filename, content_type, number)
        size, part = len(each.content), f"{file.part}!in{number}"
        found.append(File(name, content_type, size, part, each.content_id, bool(each.content_id)))
    return [*found, replace(file, inline=True)]


def _subject_name(part: Part) -> str:
    head, _ = headers.split_head(part.content(), 0, 65536)
    subject = headers.decoded(head[b"subject"][0]) if b"subject" in head else ""
    return f"{subject}.eml" if subject else ""


def content_size(part: Part) -> int:
    """How many bytes a part holds when decoded."""
    return len(part.content())


def part_content(root: Part, number: str, depth: int = 0) -> bytes:
    """The content of a file by the number that its ``File`` names; empty for a wrong one."""
    number, _, inner = number.partition("!")
    part = mime.find(root, number)
    if part is None or not inner:
        return part.content() if part is not None else b""
    if inner.startswith("in"):
        found = [each.content for each in _open_envelope(part, depth).files]
    else:
        found = [content for _, content in mime.uu_files(part.body)[0]]
    place = inner.removeprefix("in").removeprefix("uu")
    return found[int(place) - 1] if place.isdigit() and 0 < int(place) <= len(found) else b""
