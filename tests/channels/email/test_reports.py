"""Delivery reports of every kind of server, automatic answers and lists: told apart, with recipient, code and words."""

import pytest

from inbox.channels.email.incoming import to_incoming
from inbox.channels.email.parse import ParsedMail, parse
from inbox.states import MessageKind

ANA, EVA = "ana@remote.example", "eva@remote.example"


def text_mail(head: str, text: str) -> bytes:
    """A mail of one text part to shop@example.com."""
    head = "\n".join(line.strip() for line in head.strip().splitlines())
    return f"To: shop@example.com\n{head}\n\n{text}".replace("\n", "\r\n").encode()


def report_mail(groups: str, words: str = "Sorry.", head: str = "From: MAILER-DAEMON@mx.example") -> bytes:
    """A mail with the three parts of RFC 3464."""
    return (
        f"{head}\nTo: shop@example.com\nSubject: Mail status\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=q\n\n"
        f"--q\n\n{words}\n--q\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{groups}\n"
        "--q\nContent-Type: message/rfc822\n\nMessage-ID: <one@example.com>\nSubject: =?utf-8?q?Su_a=C3=B1o?=\n"
        "To: someone@remote.example\n\nHello\n--q--\n"
    ).encode()


def told(mail: ParsedMail) -> tuple[bool, list[tuple[str, str]]]:
    return mail.nature.bounce, [(each.recipient, each.status) for each in mail.nature.reports]


POSTFIX = """This is the mail system at host mx.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<ana@remote.example>: host mx.remote.example[192.0.2.4] said: 550 5.1.1
    <ana@remote.example>: Recipient address rejected: User unknown (in reply
    to RCPT TO command)
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana@remote.example
    host mx.remote.example [192.0.2.4]
    SMTP error from remote mail server after RCPT TO:<ana@remote.example>:
    550 5.1.1 Mailbox not known
  eva@remote.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <shop@example.com>
Message-ID: <two@example.com>
To: ana@remote.example, eva@remote.example, someone@remote.example
Subject: Your order

Text
"""
QMAIL = """Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@remote.example>:
192.0.2.4 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name (#5.1.1)
Giving up on 192.0.2.4.

<eva@remote.example>:
This message is looping: it already has my Delivered-To line. (#5.4.6)

--- Below this line is a copy of the message.

Return-Path: <shop@example.com>
Message-ID: <two@example.com>
To: someone@remote.example

Text
"""
SENDMAIL = """The original message was received at Mon, 2 Nov 2026 10:00:00 +0100
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<ana@remote.example>
    (reason: 550 5.1.1 <ana@remote.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.remote.example.:
>>> RCPT To:<ana@remote.example>
<<< 550 5.1.1 <ana@remote.example>... User unknown

   ----- Original message follows -----

Return-Path: <shop@example.com>
To: someone@remote.example
"""
OLD_SENDMAIL = """   ----- Transcript of session follows -----
While talking to mx.remote.example:
>>> RCPT To:<ana@remote.example>
<<< 550 <ana@remote.example>... User unknown
550 <ana@remote.example>... User unknown

   ----- Unsent message follows -----
Received: by mx.example.com; Mon, 2 Nov 92 10:00:00 EST
To: someone@remote.example
"""
EXCHANGE_2003 = """Your message

  To:      Ana
  Subject: Your order
  Sent:    Mon, 2 Nov 2026 10:00:00 +0100

did not reach the following recipient(s):

ana@remote.example on Mon, 2 Nov 2026 10:00:05 +0100
    The e-mail account does not exist at the organization this message was
sent to.  Check the e-mail address, or contact the recipient directly to
find out the correct address.
    <mx.example.com #5.1.1 smtp;550 5.1.1 unknown>
"""
EXCHANGE_2007 = """Delivery has failed to these recipients or distribution lists:

ana@remote.example
The recipient's e-mail address was not found in the recipient's e-mail system.

Diagnostic information for administrators:

Generating server: mx.example.com

ana@remote.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:

Received: from a.example.com by b.example.com
"""
COURIER = """This is a delivery status notification from mx.example.com,
running the Courier mail server, version 0.65.

The original message was received on Mon, 2 Nov 2026 10:00:00 +0100

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<ana@remote.example>:
    mx.remote.example [192.0.2.4]:
>>> RCPT TO:<ana@remote.example>
<<< 550 5.1.1 <ana@remote.example>... User Unknown

---------------------------------------------------------------------------
"""
GMAIL = """Delivery to the following recipient failed permanently:

     ana@remote.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain.
The error that the other server returned was: 550 5.1.1 User unknown

----- Original message -----

Received: by 10.0.0.1 with SMTP id x;
Message-ID: <two@example.com>
"""
DOMINO = """Your message

  Subject: Your order

was not delivered to:

  ana@remote.example

because:

  User ana (ana@remote.example) not listed in public Name & Address Book
"""
YAHOO = """Sorry, we were unable to deliver your message to the following address.

<ana@remote.example>:
Remote  host said: 550 5.1.1 <ana@remote.example>... User Unknown
 [RCPT_TO]

--- Below this line is a copy of the message.
"""
GMX = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"ana@remote.example":
SMTP error from remote server after RCPT command:
host: mx.remote.example
5.1.1 <ana@remote.example>... User Unknown

--- The header of the original message is following. ---
"""
EINS_UND_EINS = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. The following addresses failed:

    <ana@remote.example>: message size exceeds limit

For explanation visit http://mx.example.com/

--- The header of the original message is following. ---

From: shop@example.com
"""
MAILMARSHAL = """Your message:
   From:    shop@example.com
   Subject: Your order

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
   ana@remote.example

Additional Information
======================
Original Sender:    <shop@example.com>
Sender-MTA:         <10.0.0.1>
Attempted delivery: Mon, 2 Nov 2026
"""
SURFCONTROL = """Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: ana@remote.example

Mon 02 Nov 2026 10:00:00 +0100
Failed to send to identified host,
ana@remote.example: [192.0.2.4], 550 ana@remote.example: unknown user
--- Message non-deliverable.
"""
MAILFOUNDRY = """Unable to deliver message to: <ana@remote.example>
Delivery failed for the following reason:
Server mx.remote.example failed with: 550 <ana@remote.example> No such user here

This has been a permanent failure.  No further delivery attempts will be made.
"""
MESSAGING_SERVER = """This report relates to a message you sent with the following header fields:

  Message-id: <two@example.com>
  Date: Mon, 02 Nov 2026 10:00:00 +0100
  From: Shop <shop@example.com>
  To: someone@remote.example
  Subject: Your order

Your message cannot be delivered to the following recipients:

  Recipient address: ana@remote.example
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <ana@remote.example>... User Unknown
"""
SMARTERMAIL = """Could not deliver message to the following recipient(s):

Failed Recipient: ana@remote.example
Reason: Remote host said: 550 5.1.1 The email account that you tried to reach does not exist.

   -- The header and top 20 lines of the message follows --
"""
IMAIL = """User mailbox exceeds allowed size: ana@remote.example

Original message follows.

Received: from shop [192.0.2.9] by mx.remote.example
To: someone@remote.example
"""
AU = """Each of the following recipients was rejected by a remote
mail server.

    Recipient: <ana@remote.example>
    >>> RCPT TO:<ana@remote.example>
    <<< 550 <ana@remote.example>: User unknown
--------------------------------------------------
"""
JAMES = """Hi. This is the James mail server at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
ana@remote.example

Error message:
550 5.1.1 User unknown

  Message details:
  Subject: Your order
  To: someone@remote.example
"""
NOTES = """------- Failure Reasons  --------

User not listed in public Name & Address Book
ana@remote.example

------- Returned Message --------

To: someone@remote.example
"""
BULLETS = """    This is an automatically generated Delivery Status Notification.

Delivery to the following recipients was aborted after 2 second(s):

  * ana@remote.example
"""
ARROWS = """  ----- The following addresses had permanent fatal errors -----

>>> ana@remote.example

   ----- Non-delivered information -----
Recipient not found. 550 5.1.1
"""
TELEPHONES = """Error: No valid recipients for this MM

Message details:
  Subject: Your order
  MAIL FROM: shop@example.com
  RCPT TO: ana@remote.example
"""
OLD_EXCHANGE = """Your message

  Subject: Your order

did not reach the following recipient(s):

c=US;a= ;p=x;o=y;dda:SMTP=ana@remote.example; on Mon, 2 Nov 2026
    The recipient name is not recognized
    MSEXCH:IMS:x:y:z 0 (000C05A6) Unknown Recipient
"""
SPANISH = """No se ha podido entregar el mensaje al destinatario siguiente:

  ana@remote.example

Motivo: 550 5.1.1 El usuario no existe
"""
GERMAN = """Ihre Nachricht konnte nicht zugestellt werden:

<ana@remote.example>: 550 5.1.1 Empfänger unbekannt
"""
DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\nSubject: Returned mail"


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        ("From: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail", POSTFIX, [(ANA, "5.1.1")]),
        (DAEMON, EXIM, [(ANA, "5.1.1"), (EVA, "")]),
        ("From: MAILER-DAEMON@mx.example\nSubject: failure notice", QMAIL, [(ANA, "5.1.1"), (EVA, "5.4.6")]),
        (DAEMON, SENDMAIL, [(ANA, "5.1.1")]),
        (DAEMON, OLD_SENDMAIL, [(ANA, "")]),
        ("From: System Administrator <postmaster@x.example>\nSubject: Undeliverable: Your order", EXCHANGE_2003,
         [(ANA, "5.1.1")]),
        ("From: postmaster@example.com\nSubject: Undeliverable: Your order", EXCHANGE_2007, [(ANA, "5.1.1")]),
        ("From: postmaster@x.example\nSubject: NOTICE: mail delivery status.", COURIER, [(ANA, "5.1.1")]),
        ("From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\nSubject: Delivery Status Notification "
         "(Failure)", GMAIL, [(ANA, "5.1.1")]),
        ("From: Postmaster@x.example\nSubject: DELIVERY FAILURE: User ana not listed", DOMINO, [(ANA, "")]),
        ("From: MAILER-DAEMON@yahoo.example\nSubject: Failure Notice", YAHOO, [(ANA, "5.1.1")]),
        ("From: MAILER-DAEMON@gmx.example\nSubject: Mail delivery failed: returning message to sender", GMX,
         [(ANA, "5.1.1")]),
        ("From: Mail Delivery System <mailer-daemon@x.example>\nSubject: Mail delivery failed: returning message to "
         "sender", EINS_UND_EINS, [(ANA, "")]),
        ('From: <postmaster@x.example>\nSubject: Undeliverable Mail: "Your order"', MAILMARSHAL, [(ANA, "5.1.1")]),
        ("From: Mail Delivery System <postmaster@x.example>\nSubject: Message could not be delivered", SURFCONTROL,
         [(ANA, "")]),
        ("From: <>\nReturn-Path: <>\nSubject: Message delivery has failed", MAILFOUNDRY, [(ANA, "")]),
        ("From: Internet Mail Delivery <postmaster@x.example>\nSubject: Delivery Notification: Delivery has failed",
         MESSAGING_SERVER, [(ANA, "5.1.1")]),
        ("From: System Administrator <sysadmin@x.example>\nReturn-Path: <>\nSubject: Delivery Failure", SMARTERMAIL,
         [(ANA, "5.1.1")]),
        ("From: Postmaster <postmaster@x.example>\nSubject: Undeliverable Mail", IMAIL, [(ANA, "")]),
        ("From: Postmaster@x.example\nSubject: Mail System Error - Returned Mail", AU, [(ANA, "")]),
        ("From: postmaster@x.example\nSubject: [BOUNCE]", JAMES, [(ANA, "5.1.1")]),
        ("From: postmaster@x.example\nSubject: No se puede entregar: Su pedido", SPANISH, [(ANA, "5.1.1")]),
        ("From: Mail Router <notes@x.example>\nSubject: Undeliverable message", NOTES, [(ANA, "")]),
        ("From: <noreply@x.example>\nReturn-Path: <>\nSubject: Delivery status notification", BULLETS, [(ANA, "")]),
        ("From: MAILER-DAEMON@x.example\nSubject: FAILURE NOTICE :", ARROWS, [(ANA, "5.1.1")]),
        ("From: post_master@x.example\nSubject: Undeliverable Message", TELEPHONES, [(ANA, "")]),
        ("From: System Administrator <postmaster@x.example>\nSubject: Undeliverable: Your order", OLD_EXCHANGE,
         [(ANA, "")]),
        ("From: mailer-daemon@x.example\nSubject: Unzustellbar", GERMAN, [(ANA, "5.1.1")]),
        ("From: postmaster@x.example\nSubject: FALLO EN LA ENTREGA: Su pedido",
         "no se entregó a:\n\n  **ana@remote.example**\n\nporque el usuario no está", [(ANA, "")]),
        ("From: noc@x.example\nSubject: Undelivered Mail Returned to Sender", POSTFIX, [(ANA, "5.1.1")]),
        (f"{DAEMON}\nX-Failed-Recipients: eva@remote.example", EXIM, [(EVA, "")]),
    ],
)  # fmt: skip
def test_servers_that_say_it_in_words(head: str, text: str, expected: list[tuple[str, str]]) -> None:
    mail = parse(text_mail(head, text))
    assert told(mail) == (True, expected)
    assert mail.nature.auto_generated
    assert not mail.nature.delayed


def test_the_mail_that_came_back_is_found_in_the_text() -> None:
    nature = parse(text_mail(DAEMON, EXIM)).nature
    assert (nature.original_id, nature.original_subject) == ("two@example.com", "Your order")
    assert nature.reports[0].diagnostic == "550 5.1.1 Mailbox not known"


WARNING = """    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- Transcript of session follows -----
<ana@remote.example>... Deferred: Connection timed out with mx.remote.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
"""
EXIM_WARNING = """A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.com.

The address to which the message has not yet been delivered is:

  ana@remote.example
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals.
"""


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("From: MAILER-DAEMON@x.example\nSubject: Warning: could not send message for past 4 hours", WARNING),
        ("From: MAILER-DAEMON@x.example\nSubject: Mail status", WARNING),
        ("From: Mail Delivery System <mailer-daemon@x.example>\nSubject: Warning: message 1abc-2 delayed 24 hours",
         EXIM_WARNING),
        ("From: mailer-daemon@x.example\nSubject: Information", EXIM_WARNING),
    ],
)  # fmt: skip
def test_a_delay_is_no_failure(head: str, text: str) -> None:
    nature = parse(text_mail(head, text)).nature
    assert (nature.bounce, nature.delayed, nature.auto_generated) == (False, True, True)
    assert [each.recipient for each in nature.reports] == [ANA]
    message = to_incoming(text_mail(head, text), ())
    assert message.kind is MessageKind.AUTOMATIC
    assert message.bounces == ()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("Final-Recipient: RFC822; Ana@Remote.example\nAction: failed\nStatus: 5.1.1\n"
         "Diagnostic-Code: smtp; 550 5.1.1 no", (True, [(ANA, "5.1.1")])),
        ("Original-Recipient: rfc822; ana@remote.example\nFinal-Recipient: rfc822; eva@remote.example\n"
         "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; delivery time expired", (True, [(EVA, "4.4.7")])),
        ("Final-Recipient: rfc822; ana@remote.example\nAction: failed\nStatus: 5.0.0\n"
         "Diagnostic-Code: smtp; 550-5.7.26 unauthenticated", (True, [(ANA, "5.7.26")])),
        ("Final-Recipient: rfc822; ana@remote.example\nStatus: 5.2.2", (True, [(ANA, "5.2.2")])),
        ("Final-Recipient: rfc822; ana@remote.example\nStatus: 4.7.0", (False, [(ANA, "4.7.0")])),
        ("Final-Recipient: rfc822; ana@remote.example\nAction: delayed\nStatus: 4.4.1", (False, [(ANA, "4.4.1")])),
        ("Final-Recipient: rfc822; ana@remote.example\nAction: relayed\nStatus: 2.6.0", (False, [(ANA, "2.6.0")])),
        ("Final-Recipient: rfc822; ana@remote.example\nAction: delivered\nStatus: 2.0.0\n\n"
         "Final-Recipient: rfc822; eva@remote.example\nAction: failed (gone)\nStatus: 5.1.1 (bad address)",
         (True, [(ANA, "2.0.0"), (EVA, "5.1.1")])),
        ("Final-Recipient: rfc822; ana@remote.example\nAction: expired\nStatus: 4.4.7", (True, [(ANA, "4.4.7")])),
    ],
)  # fmt: skip
def test_reports_of_rfc_3464(groups: str, expected: tuple[bool, list[tuple[str, str]]]) -> None:
    mail = parse(report_mail(groups))
    assert told(mail) == expected
    if mail.nature.bounce:
        assert (mail.nature.original_id, mail.nature.original_subject) == ("one@example.com", "Su año")


def test_a_report_that_says_little_is_completed_from_the_words_beside_it() -> None:
    words = "An error has occurred:\n\nana@remote.example: 550 5.7.25 Reverse DNS validation failed"
    group = "Final-Recipient: rfc822; ana@remote.example\nAction: failed\nStatus: 5.0.0"
    (report,) = parse(report_mail(group, words)).nature.reports
    assert (report.status, report.diagnostic) == (
        "5.7.25",
        "ana@remote.example: 550 5.7.25 Reverse DNS validation failed",
    )


def test_a_failure_is_of_the_address_that_was_written_to_and_final_whatever_its_code() -> None:
    group = (
        "Original-Recipient: rfc822; ana@remote.example\nFinal-Recipient: rfc822; eva@elsewhere.example\n"
        "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 451 4.4.7 expired"
    )
    (bounce,) = to_incoming(report_mail(group), ()).bounces
    assert (bounce.recipient, bounce.status, bounce.permanent) == (ANA, "4.4.7", True)
    assert bounce.diagnostic == "451 4.4.7 expired"


@pytest.mark.parametrize(
    "fields",
    [
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "X-Autorespond: Su pedido",
        "Precedence: auto_reply",
        "X-Apple-Action: vacation",
        "Delivered-To: autoresponder",
        "Subject: Respuesta automática: Su pedido",
        "Subject: Automatic reply: Your order",
        "Subject: Re: Out of Office: Your order",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_commande?=",
        "Subject: Abwesenheitsnotiz: Bestellung",
        "Subject: Fora de l'oficina",
    ],
)
def test_machines_that_answer(fields: str) -> None:
    raw = text_mail(f"From: ana@remote.example\n{fields}", "I am away until Monday. Your mail was not delivered to me.")
    nature = parse(raw).nature
    assert nature.auto_generated
    assert nature.auto_reply
    assert not nature.bounce
    assert to_incoming(raw, ()).kind is MessageKind.AUTOMATIC


def test_whoever_asks_for_no_automatic_answer_is_a_machine() -> None:
    raw = text_mail("From: ana@remote.example\nX-Auto-Response-Suppress: DR, OOF, AutoReply", "Your order was sent.")
    assert parse(raw).nature.auto_generated
    assert not parse(raw).nature.auto_reply


def test_a_server_without_a_servers_name_is_known_by_its_empty_return_path() -> None:
    head = "From: Example <noreply@x.example>\nReturn-Path: <>\nAuto-Submitted: auto-replied\nSubject: Undelivered Mail"
    assert told(parse(text_mail(head, POSTFIX))) == (True, [(ANA, "5.1.1")])


def test_an_absence_told_with_an_empty_return_path_is_no_bounce() -> None:
    raw = text_mail(
        "From: ana@remote.example\nReturn-Path: <>\nAuto-Submitted: auto-replied\nSubject: Re: Order",
        "My mailbox is full and my address does not exist any more: write to eva@remote.example",
    )
    assert not parse(raw).nature.bounce
    assert parse(raw).nature.auto_reply


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Undeliverable parcel", "My parcel was not delivered. The courier says: address not found."),
        ("Failure notice", "You told me 550 euros for ana@remote.example"),
        ("Fwd: Undelivered Mail Returned to Sender", POSTFIX),
        ("Re: Delivery problem", "The delivery to the following address failed: 5.1.1 Main Street"),
        ("Delivery delayed?", "When will it come?"),
    ],
)
def test_a_customer_who_speaks_of_deliveries_is_no_bounce(subject: str, text: str) -> None:
    raw = text_mail(f"From: Ana <ana@remote.example>\nSubject: {subject}", text)
    assert not parse(raw).nature.bounce
    assert to_incoming(raw, ()).kind is MessageKind.TEXT


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_other_reports_are_automatic_and_no_bounces(kind: str) -> None:
    raw = report_mail("Final-Recipient: rfc822; ana@remote.example").replace(b"delivery-status", kind.encode())
    nature = parse(raw).nature
    assert (nature.bounce, nature.auto_generated, nature.auto_reply) == (False, True, True)


@pytest.mark.parametrize(
    "field", ["List-Id: <news.example.com>", "List-Unsubscribe: <https://x.example/u>", "Mailing-List: list x@x.y",
              "Precedence: list", "X-BeenThere: x@x.example"],
)  # fmt: skip
def test_lists_and_newsletters(field: str) -> None:
    assert parse(text_mail(f"From: ana@remote.example\n{field}", "News")).nature.mailing_list


def test_forms_of_a_no_reply_address_are_no_machines() -> None:
    assert parse(text_mail("From: no-reply@x.example\nSubject: Code", "1234")).nature.auto_generated
    form = text_mail("From: noreply@x.example\nReply-To: ana@remote.example\nSubject: Form", "Hello")
    assert not parse(form).nature.auto_generated
