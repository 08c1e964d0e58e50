"""What a mail's head tells of its sender, and whose word counts."""

import pytest

from inbox.channels.email.sender import SenderSigns, imitates, owner, read_sender

HOP = "Received: from out.bank.example by mx.host.example with ESMTPS id 1; Sun, 22 Nov 2026 10:00:00 +0000"
SAYS_PASS = "Authentication-Results: mx.host.example; dmarc=pass (p=REJECT) header.from=bank.example"
SAYS_FAIL = (
    "Authentication-Results: mx.host.example;\r\n dkim=none; spf=fail smtp.mailfrom=evil.example;"
    "\r\n dmarc=fail header.from=bank.example"
)


def read(*lines: str, sender: str = "Ana <ana@bank.example>", own: tuple[str, ...] = ()) -> SenderSigns:
    head = "\r\n".join([*lines, f"From: {sender}", "Subject: x"])
    return read_sender(head.encode() + b"\r\n\r\nAuthentication-Results: mx.host.example; dmarc=pass", own)


def test_what_the_receiving_server_says_counts() -> None:
    good, bad = read(SAYS_PASS, HOP), read(HOP, SAYS_FAIL)
    assert (good.confirmed, good.method, good.domain) == (True, "DMARC", "bank.example")
    assert (bad.confirmed, bad.method) == (False, "DMARC")


def test_spf_alone_tells_of_a_failure_where_nothing_was_signed() -> None:
    result = "Authentication-Results: mx.host.example; spf=softfail smtp.mailfrom=ana@bank.example"
    assert (read(result, HOP).confirmed, read(result, HOP).method) == (False, "SPF")
    assert read(result + "; dkim=pass header.d=bank.example", HOP).confirmed is None


@pytest.mark.parametrize(
    "lines",
    [
        (HOP, "Authentication-Results: mx.evil.example; dmarc=pass header.from=bank.example"),
        ("ARC-Authentication-Results: i=1; mx.host.example; dmarc=pass", HOP),
        (HOP, "Received: from a by mx.evil.example; x", SAYS_PASS),
        (SAYS_PASS,),
        (SAYS_PASS, "Received: from a by mx.evil.example; x"),
        (HOP, SAYS_PASS.replace("bank.example", "evil.example")),
        (HOP, "X-Authentication-Results: mx.host.example; dmarc=pass"),
        (HOP, "Authentication-Results: mx.host.example; none"),
        (HOP, "Authentication-Results: (mx.host.example; dmarc=pass)"),
        (),
    ],
)
def test_nobody_elses_word_counts(lines: tuple[str, ...]) -> None:
    assert read(*lines).confirmed is None


def test_only_the_topmost_results_count() -> None:
    assert read(HOP, SAYS_FAIL, SAYS_PASS).confirmed is False


def test_a_result_in_a_comment_is_none() -> None:
    assert read(HOP, "Authentication-Results: mx.host.example; dmarc=fail (dmarc=pass) x=y").confirmed is False


def test_microsoft_does_not_say_who_it_is() -> None:
    hop = "Received: from a by AM0PR01.eurprd01.prod.outlook.com (2603::1) with SMTP; x"
    result = (
        "Authentication-Results: spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=x; dmarc=pass action=none "
        "header.from=bank.example;compauth=pass"
    )
    assert read(hop, result).confirmed is True
    assert read(HOP, result).confirmed is None


@pytest.mark.parametrize(
    ("domain", "like"),
    [
        ("paypa1.com", "paypal.com"),
        ("раураl.com", "paypal.com"),
        ("xn--pypal-4ve.com", "paypal.com"),
        ("rnicrosoft.com", "microsoft.com"),
        ("paypal.com.security.example", "paypal.com"),
        ("bbvå.es", "bbva.es"),
        ("casaverde.co", ""),
        ("casavedre.example", "casaverde.example"),
        ("casaverd.example", "casaverde.example"),
        ("casaverdee.example", "casaverde.example"),
        ("casaverbe.example", "casaverde.example"),
        ("mail.casaverde.example", ""),
        ("paypal.com", ""),
        ("mail.com", ""),
        ("email.com", ""),
        ("españa.es", ""),
        ("почта.рф", ""),
        ("casarural.example", ""),
        ("", ""),
    ],
)
def test_domains_that_are_easily_taken_for_others(domain: str, like: str) -> None:
    assert imitates(domain, ("casaverde.example",)) == like


def test_mixed_alphabets_are_shown_as_servers_write_them() -> None:
    assert read(sender="a@xn--80ak6aa92e.com").written == "xn--80ak6aa92e.com"
    assert read(sender="a@xn--espaa-rta.es").written == ""


def test_a_name_that_shows_another_address() -> None:
    assert read(sender='"jefe@casaverde.example" <x@evil.example>').claimed == "jefe@casaverde.example"
    assert read(sender='"ana@bank.example" <ana@mail.bank.example>').claimed == ""


def test_answers_to_another_domain() -> None:
    assert read("Reply-To: cobros@evil.example").reply_to == ("cobros@evil.example",)
    assert read("Reply-To: Ana <ana@news.bank.example>").reply_to == ()


def test_who_registered_a_domain() -> None:
    assert [owner(one) for one in ("a@b.c.example.com.es", "x.example.es", "example.es", "localhost")] == [
        "example.com.es", "example.es", "example.es", "localhost",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw", [b"", b"From:", b"\xff\xfe\x00", b"From: <@>\r\n", b"From: a@xn--\xff\r\n\r\n", b"\r\n"]
)
def test_nothing_makes_it_fail(raw: bytes) -> None:
    read_sender(raw)
