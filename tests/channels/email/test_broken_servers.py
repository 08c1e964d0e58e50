"""Servers that break off, lie, or talk nonsense: always one of the three errors, never a lost or a doubled mail."""

import contextlib
import threading

import pytest

from inbox.channels.base import Incoming
from inbox.channels.email import imap, settings as email_settings, sync
from inbox.channels.email.cursor import load_cursor
from inbox.errors import TemporaryChannelError
from inbox.states import MessageKind
from tests.channels.contract import Listener, fetch
from tests.channels.email.place import EmailPlace, mail
from tests.channels.email.scripted import Answer, ScriptedServer

GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
RAW = mail(1, "Where is my parcel?")
SELECTED = [
    b"* 1 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n",
]
SUMMARY = b'* 1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "02-Nov-2026 10:00:00 +0100" FLAGS ())\r\n' % len(RAW)
BODY = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(RAW), RAW)


def script(**changes: Answer) -> dict[bytes, Answer]:
    """A mailbox with one mail; ``changes`` replace the answers of some commands."""
    answers: dict[bytes, Answer] = {
        b"CAPABILITY": [b"* CAPABILITY IMAP4rev1\r\n"],
        b"EXAMINE": SELECTED,
        b"FETCH": [b"* 1 FETCH (UID 1)\r\n"],
        b"UID FETCH 1 (RFC822.SIZE": [SUMMARY],
        b"UID FETCH 1 (BODY": [BODY],
        b"UID SEARCH": [b"* SEARCH 1\r\n"],
    }
    names = {"summary": b"UID FETCH 1 (RFC822.SIZE", "body": b"UID FETCH 1 (BODY"}
    return answers | {names.get(name, name.upper().encode()): answer for name, answer in changes.items()}


def opened(place: EmailPlace, server: ScriptedServer) -> dict[str, str]:
    return {"imap_host": "127.0.0.1", "imap_port": str(server.port), "imap_security": "none"}


def test_the_script_itself_is_a_mailbox_with_one_mail(place: EmailPlace) -> None:
    with ScriptedServer(GREETING, script()) as server:
        (message,), cursor = fetch(place.channel(**opened(place, server)))
    assert message.text.strip() == "Where is my parcel?"
    assert load_cursor(cursor)["INBOX"].low == 1


@pytest.mark.parametrize(
    "answer",
    [
        [BODY[: len(BODY) // 2], b"DROP"],
        [b"DROP"],
        [b"* BYE going down\r\n", b"DROP"],
        [b"* 1 FETCH (UID 1 BODY[] {99999999}\r\nshort", b"DROP"],
        [b"* garbage ((( \x00\xff\r\n", b"DROP"],
        [b"\x00\xff\xfe nonsense\r\n"],
        [b'* 1 FETCH (UID 1 BODY[] "unterminated\r\n'],
    ],
    ids=["mid-literal", "no answer", "bye", "lying size", "garbage", "no protocol", "unterminated string"],
)
def test_a_line_cut_while_fetching_loses_and_doubles_nothing(place: EmailPlace, answer: Answer) -> None:
    with ScriptedServer(GREETING, script(body=answer)) as server:
        channel = place.channel(**opened(place, server))
        with pytest.raises(TemporaryChannelError):
            next(channel.receive("", threading.Event()))
        channel.close()
    with ScriptedServer(GREETING, script()) as server:
        messages, _ = fetch(place.channel(**opened(place, server)))
    assert [message.text.strip() for message in messages] == ["Where is my parcel?"]


def test_a_mail_that_the_server_can_not_give_is_listed_with_its_words(place: EmailPlace) -> None:
    with ScriptedServer(GREETING, script(body=[b"TAG NO the file is corrupt\r\n"])) as server:
        (message,), _ = fetch(place.channel(**opened(place, server)))
    assert message.kind is MessageKind.UNREADABLE
    assert "the file is corrupt" in message.problem


def test_a_mail_deleted_between_two_commands_is_passed_over(place: EmailPlace) -> None:
    with ScriptedServer(GREETING, script(body=[])) as server:
        messages, cursor = fetch(place.channel(**opened(place, server)))
    assert messages == []
    assert load_cursor(cursor)["INBOX"].low == 1


def test_a_server_that_hangs_in_an_answer_is_given_up(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert email_settings.READ_SECONDS <= 60
    monkeypatch.setattr(imap, "READ_SECONDS", 0.3)
    with ScriptedServer(GREETING, script(body=[BODY[:40], b"HANG", b"TAG "])) as server:
        channel = place.channel(**opened(place, server))
        with pytest.raises(TemporaryChannelError, match="does not answer"):
            next(channel.receive("", threading.Event()))


def test_closing_does_not_wait_for_a_server_that_hangs(place: EmailPlace) -> None:
    with ScriptedServer(b"", {}) as server:
        channel = place.channel(**opened(place, server))
        with Listener(channel) as listener:
            channel.close()
            listener.join(seconds=3)


@pytest.mark.parametrize("words", [b"[UNAVAILABLE] Try again later", b"[LIMIT] Too many connections"])
def test_a_sign_in_refused_for_now_is_temporary(place: EmailPlace, words: bytes) -> None:
    with ScriptedServer(GREETING, script(login=[b"TAG NO " + words + b"\r\n"])) as server:
        channel = place.channel(**opened(place, server))
        with pytest.raises(TemporaryChannelError):
            next(channel.receive("", threading.Event()))


@pytest.mark.parametrize("answer", [[b"TAG NO [OVERQUOTA] full\r\n"], [b"* BYE\r\n", b"DROP"]], ids=["full", "gone"])
@pytest.mark.expected_log("could not be put into Sent")
def test_a_full_mailbox_does_not_undo_the_sending(place: EmailPlace, answer: Answer) -> None:
    listed = [b'* LIST (\\HasNoChildren \\Sent) "." Sent\r\n']
    with ScriptedServer(GREETING, script(list=listed, append=answer)) as server:
        channel = place.channel(**opened(place, server))
        channel.send(place.reply("It left yesterday."))
        channel.close()
    assert any(b"APPEND" in line for line in server.heard)
    assert len(place.arrived()) == 1


def test_a_dead_line_is_noticed_when_idle_is_renewed(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "READ_SECONDS", 0.3)
    monkeypatch.setattr(sync, "IDLE_SECONDS", 0.3)
    silent: Answer = [b"HANG", b"TAG "]  # no FIN ever comes: the server only stops to speak
    answers = script(capability=[b"* CAPABILITY IMAP4rev1 IDLE\r\n"], idle=[b"+ idling\r\n", *silent])
    answers |= {b"LOGIN": [], b"LIST": [], b"NOOP": [], b"": silent}  # the last one is for DONE
    greeting = b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n"
    with ScriptedServer(greeting, answers) as server, Listener(place.channel(**opened(place, server))) as listener:
        listener.until_quiet()
        with pytest.raises(TemporaryChannelError, match="does not answer"):
            listener.next()


@pytest.mark.parametrize("command", ["examine", "status", "search", "summary", "noop", "list"])
@pytest.mark.parametrize(
    "answer",
    [[b"TAG NO not now\r\n"], [b"TAG BAD what?\r\n"], [b"* BYE enough\r\n", b"DROP"], [b"DROP"], [b"\x00((( \xff\r\n"]],
    ids=["no", "bad", "bye", "cut", "garbage"],
)
def test_whatever_a_server_answers_is_one_of_our_errors_or_passed_over(
    place: EmailPlace, monkeypatch: pytest.MonkeyPatch, command: str, answer: Answer
) -> None:
    monkeypatch.setattr(sync, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(sync, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(imap, "READ_SECONDS", 0.5)
    stop = threading.Event()
    with ScriptedServer(GREETING, script(**{command: answer})) as server:
        channel = place.channel(**opened(place, server))
        received: list[Incoming] = []
        with contextlib.suppress(TemporaryChannelError):
            for batch in channel.receive("", stop):
                received += batch.messages
                if not batch.messages:
                    stop.set()
        channel.close()
    assert [message.text.strip() for message in received] in ([], ["Where is my parcel?"])
    with ScriptedServer(GREETING, script()) as server:
        messages, _ = fetch(place.channel(**opened(place, server)))
    assert [message.text.strip() for message in messages] == ["Where is my parcel?"]
