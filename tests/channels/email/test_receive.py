"""Receiving: order, what is new, other folders, changed UIDs, lines that break."""

import imaplib
import json
import threading
import time

import pytest

from inbox.channels.email import history, imap, sync
from inbox.channels.email.ids import make_message_id
from inbox.channels.email.imap import Imap
from inbox.errors import SignInError, TemporaryChannelError
from inbox.states import MessageKind
from tests.channels.contract import Listener, fetch
from tests.channels.email.place import ADDRESS, EmailPlace, mail
from tests.servers.slow_line import SlowLine


def test_history_comes_newest_first_in_batches(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_MAILS", 10)
    for number in range(1, 36):
        place.imap.deliver(mail(number))
    batches = []
    with Listener(place.channel()) as listener:
        while (batch := listener.next()).messages:
            batches.append(batch)
    assert [len(batch.messages) for batch in batches] == [10, 10, 10, 5]
    assert all(batch.backfill for batch in batches)
    assert [batch.remaining for batch in batches] == [25, 15, 5, 0]
    highest = [max(int(message.subject.split()[1]) for message in batch.messages) for batch in batches]
    assert highest == [35, 25, 15, 5]


def test_new_mail_goes_before_the_rest_of_the_history(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_MAILS", 10)
    monkeypatch.setattr(sync, "LOOK_SECONDS", 0.0)
    for number in range(1, 31):
        place.imap.deliver(mail(number))
    channel = place.channel()
    batches = channel.receive("", threading.Event())
    assert next(batches).backfill
    place.imap.deliver(mail(99, "It is urgent!"))
    news = next(batches)
    assert [message.text.strip() for message in news.messages] == ["It is urgent!"]
    assert not news.backfill
    assert next(batches).backfill
    channel.close()
    assert list(batches) == []


def test_a_broken_off_history_goes_on_where_it_was(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_MAILS", 10)
    for number in range(1, 26):
        place.imap.deliver(mail(number))
    channel = place.channel()
    batches = channel.receive("", threading.Event())
    first = next(batches)
    channel.close()
    assert list(batches) == []
    place.imap.deliver(mail(99, "Meanwhile."))
    with Listener(place.channel(), first.cursor) as listener:
        news = listener.next()
        rest = listener.until_quiet()
    assert [message.text.strip() for message in news.messages] == ["Meanwhile."]
    assert not news.backfill
    ids = {message.remote_id for message in (*first.messages, *news.messages, *rest)}
    assert len(ids) == 26
    assert len(first.messages) + len(news.messages) + len(rest) == 26


def test_the_servers_push_is_heard_within_seconds(place: EmailPlace) -> None:
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        for number in range(1, 4):
            place.imap.deliver(mail(number))
            assert [message.subject for message in listener.next(seconds=5).messages] == [f"Order {number}"]
            assert not listener.next().messages


def test_without_push_the_server_is_asked(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Imap, "can_idle", property(lambda _: False))
    monkeypatch.setattr(sync, "POLL_SECONDS", 0.1)
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        place.imap.deliver(mail(1))
        assert [message.subject for message in listener.next(seconds=5).messages] == ["Order 1"]


def test_nothing_is_marked_as_read(place: EmailPlace) -> None:
    place.imap.deliver(mail(1))
    place.imap.deliver(mail(2), flags="S")
    messages, _ = fetch(place.channel())
    assert {message.subject: message.seen for message in messages} == {"Order 1": False, "Order 2": True}
    with place.imap.client() as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_what_was_answered_from_another_program_is_ours(place: EmailPlace) -> None:
    sent = mail(
        1, "We sent it.", sender=f"Shop <{ADDRESS}>", To="Ana <ana@example.org>", In_Reply_To="<m0@example.org>"
    )
    place.imap.deliver(sent, folder="Sent")
    (message,), _ = fetch(place.channel())
    assert message.outgoing
    assert message.counterpart is not None
    assert (message.counterpart.handle, message.counterpart.name) == ("ana@example.org", "Ana")
    assert message.thread_keys == ("m0@example.org",)


def test_a_copy_of_ours_is_known_again_in_every_folder(place: EmailPlace) -> None:
    own_id = make_message_id(5, "example.com")
    fields = {"Message_ID": f"<{own_id}>", "To": "ana@example.org"}
    place.imap.deliver(mail(1, "Text", sender=ADDRESS, **fields), folder="Sent")
    place.imap.deliver(mail(1, "Text\r\n\r\nA list's footer", sender=ADDRESS, **fields))
    messages, _ = fetch(place.channel())
    assert [message.remote_id for message in messages] == [own_id, own_id]
    assert all(message.outgoing for message in messages)


def test_a_copy_to_which_the_server_gave_another_id_is_known_again(place: EmailPlace) -> None:
    own_id = make_message_id(5, "example.com")
    fields = {"Message_ID": "<new@server.example>", "X_Microsoft_Original_Message_ID": f"<{own_id}>"}
    place.imap.deliver(mail(1, "Text", sender=ADDRESS, To="ana@example.org", **fields), folder="Sent")
    (message,), _ = fetch(place.channel())
    assert (message.remote_id, message.own_key) == (own_id, "new@server.example")


def test_two_mails_that_share_an_id_are_both_kept(place: EmailPlace) -> None:
    place.imap.deliver(mail(1, "The first."))
    place.imap.deliver(mail(1, "Another mail of a machine that numbers badly."))
    messages, _ = fetch(place.channel())
    assert len({message.remote_id for message in messages}) == 2


def test_two_mails_that_differ_in_their_head_only_are_both_kept(place: EmailPlace) -> None:
    place.imap.deliver(b"Auto-Submitted: auto-replied\r\n" + mail(1))
    place.imap.deliver(b"Auto-Submitted: auto-forwarded\r\n" + mail(1))
    messages, _ = fetch(place.channel())
    assert len({message.remote_id for message in messages}) == 2


def test_one_mail_in_two_folders_has_one_id(place: EmailPlace) -> None:
    with place.imap.client() as client:
        client.create("Archive")
    place.imap.deliver(mail(1))
    place.imap.deliver(b"Received: from a by b; Mon, 02 Nov 2026 11:00:00 +0100\r\n" + mail(1), folder="Archive")
    messages, _ = fetch(place.channel(folders="INBOX, Archive"))
    assert len(messages) == 2
    assert len({message.remote_id for message in messages}) == 1


def test_changed_uids_repeat_ids_but_no_news(place: EmailPlace) -> None:
    with place.imap.client() as client:
        client.create("Support")
        client.append("Support", "", "", mail(1))
    channel_settings = {"folders": "Support"}
    before, cursor = fetch(place.channel(**channel_settings))
    with place.imap.client() as client:
        client.delete("Support")
        client.create("Support")
        client.append("Support", "", '"01-Jan-2020 10:00:00 +0000"', mail(1))
        client.append("Support", "", "", mail(2, "Came in meanwhile."))
    with Listener(place.channel(**channel_settings), cursor) as listener:
        news, history = listener.next(), listener.next()
        listener.until_quiet()
    assert (
        json.loads(listener.cursor)["folders"]["Support"]["validity"]
        != json.loads(cursor)["folders"]["Support"]["validity"]
    )
    assert [message.text.strip() for message in news.messages] == ["Came in meanwhile."]
    assert not news.backfill
    assert [message.remote_id for message in history.messages] == [message.remote_id for message in before]
    assert history.backfill


def test_big_mails_are_fetched_in_small_batches(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_BYTES", 500_000)
    for number in range(1, 7):
        place.imap.deliver(mail(number, ("x" * 70 + "\r\n") * 4000))
    with Listener(place.channel()) as listener:
        sizes = []
        while (batch := listener.next()).messages:
            sizes.append(sum(len(message.raw) for message in batch.messages))
    assert len(sizes) == 6
    assert max(sizes) < 500_000


def test_a_lost_line_is_temporary_and_loses_nothing(place: EmailPlace) -> None:
    place.imap.deliver(mail(1))
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        place.imap.kill()
        with pytest.raises(TemporaryChannelError):
            listener.next()
    place.imap.deliver(mail(2))
    place.imap.start()
    messages, _ = fetch(place.channel(), listener.cursor)
    assert [message.subject for message in messages] == ["Order 2"]


def test_a_server_that_stops_in_order_is_temporary(place: EmailPlace) -> None:
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        place.imap.stop()
        with pytest.raises(TemporaryChannelError):
            listener.next(seconds=30)  # Dovecot's processes take about ten to leave their clients


@pytest.mark.expected_log("The mail folder Gone is not there")
def test_a_folder_that_is_gone_does_not_stop_the_others(place: EmailPlace) -> None:
    place.imap.deliver(mail(1))
    messages, _ = fetch(place.channel(folders="INBOX,Gone"))
    assert [message.subject for message in messages] == ["Order 1"]


@pytest.mark.expected_log("can't be read: it starts over")
def test_a_cursor_that_can_not_be_read_starts_over(place: EmailPlace) -> None:
    place.imap.deliver(mail(1))
    messages, _ = fetch(place.channel(), '{"folders": {"INBOX": {"odd": 1}}}')
    assert len(messages) == 1


def test_a_form_on_our_website_is_answered_to_who_filled_it_in(place: EmailPlace) -> None:
    place.imap.deliver(mail(1, sender=f"Web <{ADDRESS}>", Reply_To="Luis <luis@example.net>"))
    (message,), _ = fetch(place.channel())
    assert message.author.handle == "luis@example.net"
    assert not message.outgoing


def test_times_are_never_in_the_future(place: EmailPlace) -> None:
    place.imap.deliver(mail(1, Date="Mon, 02 Nov 2099 10:00:00 +0000"))
    place.imap.deliver(mail(2, Date="Mon, 02 Nov 1899 10:00:00 +0000"))
    place.imap.deliver(mail(3, Date="Thu, 05 Nov 2026 10:00:00 +0100"))
    messages, _ = fetch(place.channel())
    times = {message.subject: message.sent_at for message in messages}
    assert times["Order 1"].year < 2099
    assert times["Order 2"].year > 2000
    assert times["Order 3"].isoformat() == "2026-11-05T09:00:00+00:00"


def test_a_changed_password_is_for_a_person_to_mend(place: EmailPlace) -> None:
    place.refuse_sign_in()
    with pytest.raises(SignInError) as refused:
        next(iter(place.channel().receive("", threading.Event())))
    assert refused.value.field == "password"


def test_an_automatic_reply_and_a_bounce_are_told_apart(place: EmailPlace) -> None:
    place.imap.deliver(mail(1, "I am away.", Auto_Submitted="auto-replied"))
    place.imap.deliver(mail(2, "Thanks!", Auto_Submitted="no"))
    messages, _ = fetch(place.channel())
    assert {message.subject: message.kind for message in messages} == {
        "Order 1": MessageKind.AUTOMATIC,
        "Order 2": MessageKind.TEXT,
    }


def test_what_was_read_in_another_program_is_told(place: EmailPlace) -> None:
    for number in (1, 2, 3):
        place.imap.deliver(mail(number))
    _, cursor = fetch(place.channel())
    with place.imap.client() as client:
        client.select("INBOX")
        client.store("2", "+FLAGS", "\\Seen")
    with Listener(place.channel(), cursor) as listener:
        assert listener.next().seen == ["m2@example.org"]
        assert listener.next().seen == ()
        with place.imap.client() as client:
            client.select("INBOX")
            client.store("3", "+FLAGS", "\\Seen")
        assert listener.next().seen == ["m3@example.org"]
    with Listener(place.channel(), listener.cursor) as listener:
        assert listener.next().seen == ()


def test_a_mail_moved_or_deleted_elsewhere_changes_nothing_here(place: EmailPlace) -> None:
    with place.imap.client() as client:
        client.create("Archive")
    for number in (1, 2, 3):
        place.imap.deliver(mail(number))
    before, cursor = fetch(place.channel(folders="INBOX, Archive"))
    with place.imap.client() as client:
        client.select("INBOX")
        client.copy("1", "Archive")
        client.store("1:2", "+FLAGS", "\\Deleted")
        client.expunge()
    place.imap.deliver(mail(4))
    after, _ = fetch(place.channel(folders="INBOX, Archive"), cursor)
    moved, new = sorted(after, key=lambda each: each.subject)
    assert moved.remote_id in {each.remote_id for each in before}
    assert new.subject == "Order 4"


def test_new_mail_does_not_wait_for_the_history_on_a_slow_line(place: EmailPlace) -> None:
    for number in range(1, 201):
        place.imap.deliver(mail(number, ("x" * 70 + "\r\n") * 280))  # 20 kB each: the line takes ten seconds for all
    with SlowLine(place.imap.port, 400_000) as line:
        channel = place.channel(imap_host="127.0.0.1", imap_port=str(line.port), imap_security="none")
        with Listener(channel) as listener:
            assert listener.next().backfill
            place.imap.deliver(mail(999, "It is urgent!"))
            began = time.monotonic()
            while (batch := listener.next()).backfill:
                assert batch.remaining, "the history came first"
            waited = time.monotonic() - began
    assert [message.text.strip() for message in batch.messages] == ["It is urgent!"]
    assert waited < 4


def test_a_mail_of_fifty_megabytes_comes_whole(place: EmailPlace) -> None:
    place.imap.deliver(mail(1, ("x" * 998 + "\r\n") * 50_000))
    place.imap.deliver(mail(2))
    messages, _ = fetch(place.channel())
    assert {message.subject: len(message.raw) > 50_000_000 for message in messages} == {
        "Order 1": True,
        "Order 2": False,
    }


@pytest.mark.expected_log("The mail folder Support is not there")
def test_a_folder_renamed_while_we_listen_stops_nothing(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "IDLE_SECONDS_BESIDE_OTHERS", 0.2)
    with place.imap.client() as client:
        client.create("Support")
        client.append("Support", "", "", mail(1))
    settings = {"folders": "INBOX, Support"}
    with Listener(place.channel(**settings)) as listener:
        assert [message.subject for message in listener.until_quiet()] == ["Order 1"]
        with place.imap.client() as client:
            client.rename("Support", "Old")
        with pytest.raises(TemporaryChannelError):
            listener.next()
    place.imap.deliver(mail(2))
    messages, _ = fetch(place.channel(**settings), listener.cursor)
    assert [message.subject for message in messages] == ["Order 2"]


@pytest.mark.expected_log("The mail folder Gone is not there")
def test_an_account_whose_only_folder_is_gone_is_for_a_person_to_mend(place: EmailPlace) -> None:
    with pytest.raises(SignInError, match="Gone") as refused:
        next(iter(place.channel(folders="Gone").receive("", threading.Event())))
    assert refused.value.field == "folders"


def test_after_a_sleep_of_the_computer_the_line_is_not_trusted(
    place: EmailPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        monkeypatch.setattr(imap, "_SLEPT_SECONDS", 0.5)  # now each second of waiting looks like a sleep
        with pytest.raises(TemporaryChannelError) as slept:
            listener.next()
    assert slept.value.retry_after == 0


def append_old(place: EmailPlace, number: int, days: int, folder: str = "INBOX") -> None:
    """A mail that reached the server some days ago."""
    with place.imap.client() as client:
        came = imaplib.Time2Internaldate(time.time() - days * 86_400)
        client.append(folder, "", came, mail(number))


def test_what_is_older_than_asked_for_stays_on_the_server(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_MAILS", 2)  # so that some come by the first page, and some by the list
    for number, days in enumerate((800, 200, 500, 40, 5, 300, 2), 1):
        append_old(place, number, days)
    some, cursor = fetch(place.channel(history="92"))
    assert {message.subject for message in some} == {"Order 4", "Order 5", "Order 7"}
    nothing, cursor = fetch(place.channel(history="92"), cursor)
    assert nothing == []
    more, cursor = fetch(place.channel(history="365"), cursor)
    assert {message.subject for message in more} >= {"Order 2", "Order 6"}
    assert not {message.subject for message in more} & {"Order 1", "Order 3"}
    everything, cursor = fetch(place.channel(history="all"), cursor)
    assert {message.subject for message in everything} >= {"Order 1", "Order 3"}
    assert fetch(place.channel(history="92"), cursor)[0] == []


def test_new_mail_with_an_old_date_is_fetched_all_the_same(place: EmailPlace) -> None:
    _, cursor = fetch(place.channel(history="31"))
    append_old(place, 1, 400)
    messages, _ = fetch(place.channel(history="31"), cursor)
    assert [message.subject for message in messages] == ["Order 1"]
