"""Sending: what goes out, copies in Sent, refusals, and lines that break at the worst moment."""

import dataclasses
import email
import email.policy
from email.message import EmailMessage

import pytest

from inbox.channels.base import Outgoing, OutgoingFile, Receipt
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError
from tests.channels.contract import fetch
from tests.channels.email.place import EmailPlace, mail
from tests.servers.smtp import Act


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def send(place: EmailPlace, message: Outgoing, **settings: str) -> Receipt:
    channel = place.channel(**settings)
    receipt = channel.send(message)
    channel.close()
    return receipt


def test_a_reply_carries_everything(place: EmailPlace) -> None:
    reply = dataclasses.replace(
        place.reply("¡Hola, Ana!\n.\nUna línea que empieza por un punto: .\n"),
        subject="Re: ¿Dónde está mi pedido nº 365534, el de los zapatos rojos que compré la semana pasada?",
        html="<p>¡Hola, Ana!</p>",
        cc=("Luis@example.net",),
        in_reply_to="m1@example.org",
        references=("m0@example.org", "m1@example.org"),
        files=(OutgoingFile("Factura nº 7 – año 2026.pdf", "application/pdf", b"%PDF-1.4 \x00\xff\r\n.\r\n"),),
    )
    receipt = send(place, reply)
    (taken,) = place.smtp.accepted
    message = read(taken.data)
    assert taken.recipients == ("ana@example.org", "Luis@example.net")
    assert taken.tls
    assert message["Message-ID"] == f"<{reply.remote_id}>"
    assert message["In-Reply-To"] == "<m1@example.org>"
    assert message["References"] == "<m0@example.org> <m1@example.org>"
    assert message["From"] == "Tienda Sol <shop@example.com>"
    assert message["Subject"] == reply.subject
    assert message["Auto-Submitted"] is None
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == reply.text  # type: ignore[union-attr] # there is one
    assert "Hola" in message.get_body(("html",)).get_content()  # type: ignore[union-attr] # there is one
    (file,) = message.iter_attachments()
    assert file.get_filename() == "Factura nº 7 – año 2026.pdf"
    assert file.get_content() == b"%PDF-1.4 \x00\xff\r\n.\r\n"
    assert receipt.raw.replace(b"\r\n", b"\n").strip() == taken.data.replace(b"\r\n", b"\n").strip()


def test_our_own_copy_lies_in_sent_as_read_and_is_known_again(place: EmailPlace) -> None:
    reply = place.reply("It left yesterday.")
    receipt = send(place, reply)
    (copy,) = place.imap.mails("Sent")
    assert copy == receipt.raw
    (message,), _ = fetch(place.channel())
    assert message.remote_id == receipt.remote_id == reply.remote_id
    assert message.outgoing
    assert message.seen


def test_a_server_that_keeps_its_own_copy_gets_no_second_one(place: EmailPlace) -> None:
    send(place, place.reply("Hello"), keeps_sent="yes")
    assert place.imap.mails("Sent") == []


@pytest.mark.expected_log("could not be put into Sent")
def test_a_copy_that_fails_does_not_undo_the_sending(place: EmailPlace) -> None:
    place.imap.stop()
    receipt = send(place, place.reply("Hello"))
    assert receipt.remote_id
    assert len(place.smtp.accepted) == 1


def test_nothing_that_is_typed_can_begin_a_header_field(place: EmailPlace) -> None:
    reply = dataclasses.replace(
        place.reply("Hello"),
        subject="Re: Order\r\nBcc: spy@example.net\r\n\r\nbody",
        from_name="Shop\r\nBcc: spy@example.net",
        in_reply_to="a@b\r\nBcc: spy@example.net",
        files=(OutgoingFile("a\r\nBcc: spy@example.net.txt", "text/plain\r\nX: y", b"x"),),
    )
    send(place, reply)
    (taken,) = place.smtp.accepted
    assert taken.recipients == ("ana@example.org",)
    message = read(taken.data)
    assert message["Bcc"] is None
    assert message["In-Reply-To"] is None
    assert all(part["X"] is None and part["Bcc"] is None for part in message.walk())


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nRCPT TO:<spy@example.net>", "a b@example.org", "ñ@example.org"]
)
def test_what_is_no_address_is_rejected(place: EmailPlace, address: str) -> None:
    with pytest.raises(RejectedMessageError):
        send(place, dataclasses.replace(place.reply("Hello"), to=(address,)))
    assert place.smtp.accepted == []


def test_an_international_domain_is_written_in_ascii(place: EmailPlace) -> None:
    send(place, dataclasses.replace(place.reply("Hello"), to=("ana@españa.example",)))
    (taken,) = place.smtp.accepted
    assert taken.recipients == ("ana@xn--espaa-rta.example",)


def test_one_refused_recipient_does_not_keep_the_others_from_it(place: EmailPlace) -> None:
    place.smtp.reject("gone@example.org", "550 5.1.1 No such user")
    receipt = send(place, dataclasses.replace(place.reply("Hello"), to=("ana@example.org", "gone@example.org")))
    assert receipt.refused == (("gone@example.org", "550 5.1.1 No such user"),)
    assert place.smtp.accepted[0].recipients == ("ana@example.org",)


def test_a_refusal_carries_the_servers_own_words(place: EmailPlace) -> None:
    place.smtp.reject("ana@example.org", "550 5.1.1 Mailbox does not exist")
    with pytest.raises(RejectedMessageError, match=r"5\.1\.1 Mailbox does not exist"):
        send(place, place.reply("Hello"))
    place.smtp.at("body", "552 5.3.4 Message too big")
    place.smtp.rejected_recipients.clear()
    with pytest.raises(RejectedMessageError, match="Message too big"):
        send(place, place.reply("Hello"))


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "body"])
def test_a_server_that_is_busy_is_tried_again(place: EmailPlace, stage: str) -> None:
    place.smtp.at(stage, "451 4.3.0 Try later")  # type: ignore[arg-type] # one of its stages
    with pytest.raises(TemporaryChannelError, match="Try later"):
        send(place, place.reply("Hello"))
    assert place.smtp.accepted == []


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data"])
def test_a_line_that_breaks_before_the_content_is_temporary(place: EmailPlace, stage: str) -> None:
    handed_over: list[int] = []
    place.smtp.at(stage, Act.DROP)  # type: ignore[arg-type] # one of its stages
    reply = dataclasses.replace(place.reply("Hello"), on_handover=lambda: handed_over.append(1))
    with pytest.raises(TemporaryChannelError):
        send(place, reply)
    assert handed_over == []


@pytest.mark.parametrize("stage", ["body", "stored"])
def test_a_line_that_breaks_after_the_content_leaves_it_unknown(place: EmailPlace, stage: str) -> None:
    handed_over: list[int] = []
    place.smtp.at(stage, Act.DROP)  # type: ignore[arg-type] # one of its stages
    reply = dataclasses.replace(place.reply("Hello"), on_handover=lambda: handed_over.append(1))
    with pytest.raises(OutcomeUnknownError):
        send(place, reply)
    assert handed_over == [1]


def test_what_lies_in_sent_is_not_sent_again(place: EmailPlace) -> None:
    reply = place.reply("Hello")
    send(place, reply)
    receipt = send(place, dataclasses.replace(reply, maybe_sent=True))
    assert receipt.remote_id == reply.remote_id
    assert len(place.smtp.accepted) == 1


def test_what_does_not_lie_in_sent_is_sent_where_the_server_keeps_copies(place: EmailPlace) -> None:
    send(place, dataclasses.replace(place.reply("Hello"), maybe_sent=True), keeps_sent="yes")
    assert len(place.smtp.accepted) == 1


def test_where_we_keep_the_copies_a_missing_one_proves_nothing(place: EmailPlace) -> None:
    with pytest.raises(OutcomeUnknownError):
        send(place, dataclasses.replace(place.reply("Hello"), maybe_sent=True))
    assert place.smtp.accepted == []


def test_while_sent_can_not_be_looked_at_nothing_is_sent_again(place: EmailPlace) -> None:
    place.imap.stop()
    with pytest.raises(TemporaryChannelError):
        send(place, dataclasses.replace(place.reply("Hello"), maybe_sent=True), keeps_sent="yes")
    assert place.smtp.accepted == []


def test_a_wrong_password_is_for_a_person_to_mend(place: EmailPlace) -> None:
    place.smtp.set_password("shop@example.com", "another")
    with pytest.raises(SignInError) as refused:
        send(place, place.reply("Hello"))
    assert refused.value.field == "password"


def test_a_blind_copy_reaches_its_reader_and_nobody_learns_of_it(place: EmailPlace) -> None:
    reply = dataclasses.replace(place.reply("Hello"), cc=("luis@example.net",), bcc=("boss@example.com",))
    receipt = send(place, reply)
    (taken,) = place.smtp.accepted
    assert taken.recipients == ("ana@example.org", "luis@example.net", "boss@example.com")
    assert b"boss" not in taken.data
    assert b"boss" not in receipt.raw
    assert read(taken.data)["Cc"] == "luis@example.net"


def test_pasted_pictures_stand_in_the_text_and_files_beside_it(place: EmailPlace) -> None:
    reply = dataclasses.replace(
        place.reply("Two pictures"),
        html='<p>One <img src="cid:p1@inbox"> two <img src="cid:p2@inbox"></p>',
        files=(
            OutgoingFile("a.png", "image/png", b"first", content_id="p1@inbox"),
            OutgoingFile("rest.pdf", "application/pdf", b"%PDF"),
            OutgoingFile("b.png", "image/png", b"second", content_id="p2@inbox"),
            OutgoingFile("gone.png", "image/png", b"deleted from the text", content_id="p3@inbox"),
        ),
    )
    send(place, reply)
    (taken,) = place.smtp.accepted
    message = read(taken.data)
    shape = [part.get_content_type() for part in message.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
        "application/pdf",
        "image/png",
    ]
    inline = [part for part in message.walk() if part["Content-ID"]]
    assert [part["Content-ID"] for part in inline] == ["<p1@inbox>", "<p2@inbox>"]
    assert all(part.get_content_disposition() == "inline" for part in inline)
    assert [part.get_filename() for part in message.iter_attachments()] == ["rest.pdf", "gone.png"]


def flagged(place: EmailPlace) -> bytes:
    with place.imap.client() as client:
        client.select("INBOX", readonly=True)
        found: bytes = client.search(None, "ANSWERED SEEN")[1][0]
        return found


def test_an_answered_mail_is_marked_on_the_server_only_where_that_is_wanted(place: EmailPlace) -> None:
    for number in (1, 2):
        place.imap.deliver(mail(number))
    reply = dataclasses.replace(place.reply("It left yesterday."), in_reply_to="m2@example.org")
    send(place, reply)
    assert flagged(place) == b""
    send(place, reply, marks_answered="yes")
    assert flagged(place) == b"2"


@pytest.mark.expected_log("could not be marked on the server")
def test_a_mark_that_fails_does_not_undo_the_sending(place: EmailPlace) -> None:
    reply = dataclasses.replace(place.reply("It left yesterday."), in_reply_to="m2@example.org")
    send(place, reply, marks_answered="yes", folders="Gone")
    assert len(place.smtp.accepted) == 1
