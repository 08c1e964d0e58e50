"""``python3 run.py score DIR [-v]``: read real mails, replies or mailboxes and compare with what their sources expect.

``DIR`` holds ``expected.jsonl`` and the files that it names; each record says what its source says, and what it
leaves out is not scored. ``format`` in a record tells what the file is: "text" or "html" (a reply with its
quotation), "thread" (an mbox), and none for a raw mail.
"""

import argparse
import html
import json
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Fields = Mapping[str, Any]

_SPACE = re.compile(r"[\s\u00a0\u200b\u200c\u200d\u2060\ufeff]+")
_ABOUT = frozenset(("file", "ref", "format", "notes", "group"))
_OF_FILES = ("filename", "content_type", "size", "sha256")
_SHOWN = {"text_contains": "text", "html_contains": "html", "to_contains": "to", "attachment_count": "attachments"}


# --- reading


def read(raw: bytes, kind: str) -> Fields:
    """What the program makes of a file of the folder."""
    from inbox.channels.email.parse import parse_fields
    from inbox.channels.email.quotes import visible_body

    if kind == "thread":
        return {"groups": group([re.sub(rb"\A[^\n]*\n", b"", each) for each in _mails_of(raw)])}
    if kind:
        return {"reply_text": visible_body(raw.decode("utf-8", "replace"), kind)}
    return parse_fields(raw)


def _mails_of(mbox: bytes) -> list[bytes]:
    return [each for each in re.split(rb"(?m)(?=^From )", mbox) if each.strip()]


def group(mails: Sequence[bytes]) -> list[list[int]]:
    """Which mails end up in one conversation, by their places, when they come in one after the other."""
    from inbox.channels.base import Batch
    from inbox.channels.email.incoming import to_incoming
    from inbox.services import accounts, ingest, seeding
    from inbox.services.tables import messages
    from inbox.store.db import Database

    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "inbox.db")
        database.open()
        with database.writing() as s:
            seeding.seed(s)
            account = accounts.add(s, "email", "Score", {"address": "score@inbox.invalid"})
        found: dict[int, list[int]] = {}
        places: dict[str, int] = {}
        for place, raw in enumerate(mails):
            message = to_incoming(raw, ())
            places.setdefault(message.remote_id, place)
            with database.writing() as s:
                ingest.store_batch(s, account, Batch([message], str(place)))
        with database.reading() as s:
            for row in s.execute(messages.select()):
                found.setdefault(row.conversation_id, []).append(places[row.remote_id])
        database.close()
    return list(found.values())


# --- comparing


def spaced(value: object) -> str:
    """In one form of Unicode, with single blanks."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", str(value))).strip()


def unspaced(value: object) -> str:
    """In one form of Unicode, without blanks."""
    return _SPACE.sub("", unicodedata.normalize("NFC", str(value)))


def holds(wanted: Iterable[object], found: Iterable[object]) -> bool:
    """Whether every wanted value is there, as often as it is wanted."""
    left = list(found)
    for each in wanted:
        if each not in left:
            return False
        left.remove(each)
    return True


def _lower(values: Iterable[str]) -> list[str]:
    return [each.lower() for each in values]


def _bare(page: str) -> str:
    page = re.sub(r"(?is)<!--.*?-->", "", page)
    page = re.sub(r"(?is)<(script|style|title)\b.*?</\1\s*>", "", page)
    return html.unescape(re.sub(r"(?s)<[a-zA-Z/!?][^>]*>", "", page))


def _seconds(value: str) -> int:
    time_ = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return int((time_ if time_.tzinfo else time_.replace(tzinfo=UTC)).timestamp())


def _meets(wanted: Fields, file: Fields) -> bool:
    """Whether a file of the mail is the one that is wanted, as far as that is described."""
    return not any(
        ("filename" in wanted and spaced(wanted["filename"]) != spaced(file["filename"]),
         "content_type" in wanted and wanted["content_type"].lower() != file["content_type"].lower(),
         "size" in wanted and wanted["size"] != file["size"],
         "sha256" in wanted and wanted["sha256"] != file["sha256"])
    )  # fmt: skip


def _all_met(wanted: Sequence[Fields], files: Sequence[Fields]) -> bool:
    """Whether every wanted file is met by one of its own."""
    taken: dict[int, int] = {}

    def find(place: int, seen: set[int]) -> bool:
        for number, file in enumerate(files):
            if number not in seen and _meets(wanted[place], file):
                seen.add(number)
                if number not in taken or find(taken[number], seen):
                    taken[number] = place
                    return True
        return False

    return all(find(place, set()) for place in range(len(wanted)))


def _files_right(name: str, wanted: Sequence[Fields], got: Fields) -> bool:
    files = got["attachments"]
    if name == "attachments":
        return _all_met(wanted, files)
    part = name.partition(":")[2]
    plain = spaced if part == "filename" else lambda value: str(value).lower()
    return holds([plain(each[part]) for each in wanted if part in each], [plain(each[part]) for each in files])


def _reply_right(name: str, wanted: Any, reply: str) -> bool:
    if name == "reply_text":
        return spaced(wanted.replace("*", "")) == spaced(reply.replace("*", ""))
    reply = unspaced(reply.replace("*", ""))
    if name == "reply_nows":
        return reply == unspaced(wanted.replace("*", ""))
    hits = [unspaced(each.replace("*", "")) in reply for each in wanted]
    return all(hits) if name == "reply_contains" else not any(hits)


_COMPARED: dict[str, Callable[[Any, Fields], bool]] = {
    "to_contains": lambda wanted, got: holds(_lower(wanted), got["to"]),
    "text_contains": lambda wanted, got: all(unspaced(each) in unspaced(got["text"]) for each in wanted),
    "html_contains": lambda wanted, got: all(unspaced(each) in unspaced(_bare(got["html"])) for each in wanted),
    "groups": lambda wanted, got: sorted(map(sorted, wanted)) == sorted(map(sorted, got["groups"])),
    "thread_sizes": lambda wanted, got: sorted(wanted) == sorted(map(len, got["groups"])),
    "attachment_count": lambda wanted, got: (
        wanted in (len(got["attachments"]), sum(not each["inline"] for each in got["attachments"]))
    ),
    "from_name": lambda wanted, got: spaced(wanted).strip('"') == spaced(got["from_name"]).strip('"'),
    "to": lambda wanted, got: sorted(_lower(wanted)) == sorted(got["to"]),
    "cc": lambda wanted, got: sorted(_lower(wanted)) == sorted(got["cc"]),
    "date_utc": lambda wanted, got: got["date_utc"] is not None and _seconds(wanted) == _seconds(got["date_utc"]),
    "message_id": lambda wanted, got: _id(wanted) == got["message_id"],
    "in_reply_to": lambda wanted, got: _id(wanted) == got["in_reply_to"],
    "references": lambda wanted, got: [_id(each) for each in wanted] == got["references"],
    "bounce_recipients": lambda wanted, got: set(_lower(wanted)) == set(got["bounce_recipients"]),
    "dsn_status": lambda wanted, got: set(wanted) <= set(got["dsn_status"]),
    "from_address": lambda wanted, got: wanted.lower() == got["from_address"].strip().lower(),
}


def _id(value: object) -> str:
    value = (value[0] if value else "") if isinstance(value, list) else value
    return str(value).strip().strip("<>").strip()


def is_right(name: str, record: Fields, got: Fields) -> bool:
    """Whether one field of a record is read as it is wanted."""
    wanted = record[name.partition(":")[0]]
    if name.startswith("attachments"):
        return _files_right(name, wanted, got)
    if name.startswith("reply_"):
        return _reply_right(name, wanted, got["reply_text"])
    if name in _COMPARED:
        return _COMPARED[name](wanted, got)
    if isinstance(wanted, bool):
        return wanted == bool(got[name])
    return spaced(wanted) == spaced(got[name])


def fields_of(record: Fields) -> list[str]:
    """What of a record is compared. Of files every property is compared on its own as well, but not counted."""
    names = [name for name in record if name not in _ABOUT]
    if "attachments" in record:
        names += [f"attachments:{part}" for part in _OF_FILES if any(part in each for each in record["attachments"])]
    return names


# --- counting


@dataclass
class Score:
    """What was right: of each field (right, all), and of each case whether all of it was."""

    fields: dict[str, list[int]] = field(default_factory=dict)
    cases: dict[str, bool] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def totals(self) -> tuple[int, int, int, int]:
        """(fields right, fields, cases right, cases)."""
        counted = [numbers for name, numbers in self.fields.items() if ":" not in name]
        right, every = sum(each[0] for each in counted), sum(each[1] for each in counted)
        return right, every, sum(self.cases.values()), len(self.cases)


def score(folder: Path) -> Score:
    """Read every file of a folder and compare."""
    result = Score()
    for record in _records(folder):
        name = record["file"]
        result.cases.setdefault(name, True)
        got: Fields = {}
        try:
            got = read((folder / name).read_bytes(), record.get("format") or "")
        except Exception as error:  # noqa: BLE001  a parser that raises is wrong in every field, and is told of
            result.failures.append(f"{name}: {type(error).__name__}: {error}")
        for each in fields_of(record):
            right = bool(got) and is_right(each, record, got)
            numbers = result.fields.setdefault(each, [0, 0])
            numbers[0] += right
            numbers[1] += 1
            result.cases[name] &= right
            if not right:
                shown = got.get("reply_text" if each.startswith("reply_") else _SHOWN.get(each, each.partition(":")[0]))
                wanted = record[each.partition(":")[0]]
                result.wrong.append(f"-- {each} {name}\n   wanted {str(wanted)[:400]}\n   got    {str(shown)[:400]}")
    return result


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def report(result: Score, seconds: float, *, verbose: bool) -> Iterator[str]:
    """The lines that are printed."""
    if verbose:
        yield from result.wrong
        yield from (f"raised {each}" for each in result.failures)
    right, every, passed, cases = result.totals()
    for name, (good, count) in [*sorted(result.fields.items()), ("ALL (without sub-rows)", (right, every))]:
        yield f"{name:26s} {good:5d} / {count:<5d} {100 * good / max(1, count):5.1f}%"
    sources: dict[str, list[int]] = {}
    for name, good in result.cases.items():
        numbers = sources.setdefault(name.partition("-")[0], [0, 0])
        numbers[0] += good
        numbers[1] += 1
    by_source = " ".join(f"{name} {good}/{count}" for name, (good, count) in sorted(sources.items()))
    yield f"{'cases fully right':26s} {passed:5d} / {cases:<5d} {100 * passed / max(1, cases):5.1f}%   {by_source}"
    yield f"files {cases}, raised {len(result.failures)}, {seconds:.1f} s"


def main(args: Sequence[str]) -> int:
    """Print the score of a folder; 0 if it could be read, whatever the score is."""
    parser = argparse.ArgumentParser(prog="run.py score", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each difference")
    options = parser.parse_args(args)
    start = time.perf_counter()
    try:
        result = score(options.folder)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {options.folder} can't be scored ({error}).\nIt must hold expected.jsonl.\n")
        return 1
    for line in report(result, time.perf_counter() - start, verbose=options.verbose):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
