"""Mail that lies in files: mbox, Maildir, single mails, folders and ZIPs of them. Read one mail at a time."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from inbox.channels.email.incoming import to_incoming
from inbox.channels.email.parse import begins_like_mail

__all__ = ["LARGEST_MAIL", "FoundMail", "find_mails", "to_incoming"]

LARGEST_MAIL = 256 << 20
_LARGEST_UNPACKED = 64 << 30  # of one file in a ZIP: a mailbox may be that large, a trap is larger
_LINE = 1 << 16
_ZIP, _OUTLOOK = b"PK\x03\x04", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"!BDN")
_SEPARATOR = re.compile(
    rb"From (?:\S.*)?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2})\b.*\d{1,2}:\d\d"
)
_QUOTED = re.compile(rb">+From ")
_SKIPPED_ENDINGS = frozenset((".msf", ".dat", ".lock", ".index", ".cache", ".log", ".ini", ".js", ".json", ".sqlite"))


@dataclass(frozen=True, slots=True)
class FoundMail:
    """A mail in a file, or a file that is none.

    Attributes:
        path: The file.
        number: Its place in an mbox, from 1; 0 for a file that is one mail.
        raw: The mail; empty where there is a problem.
        problem: English, why it can't be read; else empty.
        seen: Marked as read in a Maildir.
        position: How many bytes of the file are read, for the progress.
    """

    path: Path
    number: int = 0
    raw: bytes = b""
    problem: str = ""
    seen: bool = False
    position: int = 0


def find_mails(path: Path) -> Iterator[FoundMail]:
    """Every mail under a path, in a steady order. What is no mail comes with its problem; nothing is raised."""
    try:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.exists():
            yield from _in_file(path)
        else:
            yield FoundMail(path, problem="There is no such file.")
    except OSError as error:
        yield FoundMail(path, problem=error.strerror or str(error))


def _in_folder(folder: Path) -> Iterator[FoundMail]:
    is_maildir = (folder / "cur").is_dir() and (folder / "new").is_dir()
    for entry in sorted(folder.iterdir()):
        if is_maildir and not entry.is_dir():
            continue  # the server's own lists
        if is_maildir and entry.name == "tmp":
            continue  # not delivered yet
        if entry.is_symlink() and entry.is_dir():
            continue  # it may lead round in a circle
        if not entry.is_dir() and (entry.name.startswith(".") or entry.suffix.lower() in _SKIPPED_ENDINGS):
            continue
        yield from find_mails(entry)


def _in_file(path: Path) -> Iterator[FoundMail]:
    with path.open("rb") as file:
        if file.read(4) == _ZIP:
            yield from _in_zip(path, file)
        else:
            file.seek(0)
            yield from _in_content(path, file)


def _in_content(path: Path, file: IO[bytes]) -> Iterator[FoundMail]:
    start = file.read(4096)
    file.seek(0)
    if start.startswith(b"From "):
        yield from _in_mbox(path, file)
    elif path.suffix.lower() == ".emlx":
        yield _apple_mail(path, file)
    elif not start.strip():
        yield FoundMail(path, problem="The file is empty.")
    elif start.startswith(_OUTLOOK):
        yield FoundMail(path, problem="Outlook's own files are not read: save the messages as .eml or export an mbox.")
    elif not begins_like_mail(start.lstrip(b"\xef\xbb\xbf\r\n")):
        yield FoundMail(path, problem="It does not begin like a mail.")
    else:
        yield _single(path, file)


def _in_zip(path: Path, file: IO[bytes]) -> Iterator[FoundMail]:
    """The mails in a ZIP, read out of it without unpacking it to the disk; a damaged one as far as it goes."""
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                name = Path(entry.filename)
                if not entry.is_dir() and not name.name.startswith(".") and name.suffix.lower() not in _SKIPPED_ENDINGS:
                    yield from (replace(each, position=0) for each in _in_entry(path, archive, entry))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
        yield FoundMail(path, problem="The ZIP is damaged.")


def _in_entry(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[FoundMail]:
    place = path / entry.filename.lstrip("/")
    if entry.flag_bits & 1:
        yield FoundMail(place, problem="It is locked with a password.")
        return
    if entry.file_size > _LARGEST_UNPACKED:
        yield FoundMail(place, problem="It is larger than 64 GB when it is unpacked.")
        return
    try:
        with archive.open(entry) as content:
            is_zip = content.read(4) == _ZIP
            content.seek(0)
            if is_zip:
                yield FoundMail(place, problem="It is a ZIP within a ZIP: unpack it first.")
            else:
                yield from _in_content(place, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        yield FoundMail(place, problem="It is damaged in the ZIP.")


def _single(path: Path, file: IO[bytes]) -> FoundMail:
    raw = file.read(LARGEST_MAIL + 1)
    if len(raw) > LARGEST_MAIL:
        return FoundMail(path, problem="It is larger than 256 MB.")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    flags = path.name.rpartition("2,")[2] if "2," in path.name and path.parent.name in ("cur", "new") else ""
    return FoundMail(path, raw=raw, seen="S" in flags, position=file.tell())


def _apple_mail(path: Path, file: IO[bytes]) -> FoundMail:
    size = file.readline(64).strip()
    if not size.isdigit() or int(size) > LARGEST_MAIL:
        return FoundMail(path, problem="It does not begin like a mail.")
    raw = file.read(int(size))
    return FoundMail(path, raw=raw, position=file.tell())


def _in_mbox(path: Path, file: IO[bytes]) -> Iterator[FoundMail]:
    """The mails of an mbox. A separator follows a blank line and names a date: other ``From `` lines are text."""
    lines: list[bytes] = []
    size = number = 0
    after_blank = True
    while line := file.readline(_LINE):
        if after_blank and line.startswith(b"From ") and (_SEPARATOR.match(line) or number == 0):
            if number:
                yield _from_mbox(path, number, lines, size, file.tell())
            number += 1
            lines, size = [], 0
        else:
            size += len(line)
            if size <= LARGEST_MAIL:
                lines.append(line[1:] if line.startswith(b">") and _QUOTED.match(line) else line)
            else:
                lines.clear()
        after_blank = line in (b"\n", b"\r\n")
    if number:
        yield _from_mbox(path, number, lines, size, file.tell())


def _from_mbox(path: Path, number: int, lines: list[bytes], size: int, position: int) -> FoundMail:
    if size > LARGEST_MAIL:
        return FoundMail(path, number, problem="It is larger than 256 MB.", position=position)
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines.pop()  # the blank line before the next separator is not the mail's
    raw = b"".join(lines)
    if not begins_like_mail(raw[:65536].lstrip(b"\r\n")):
        return FoundMail(path, number, problem="It does not begin like a mail.", position=position)
    return FoundMail(path, number, raw, position=position)
