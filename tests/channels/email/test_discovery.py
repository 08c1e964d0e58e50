"""Finding the settings from the address alone: files, names in DNS, servers that answer, and none that lie."""

import threading
import time
from collections.abc import Iterator

import pytest

from inbox.channels.base import Found
from inbox.channels.email.autoconfig import MOST_BYTES, read_autoconfig
from inbox.channels.email.discovery import Places, discover
from inbox.channels.email.passwords import password_help
from inbox.channels.email.providers import _DOMAINS, guess_settings
from inbox.channels.email.settings import read_settings
from inbox.errors import SignInError
from tests.servers.certificates import Authority
from tests.servers.dns import NameServer
from tests.servers.dovecot import Dovecot
from tests.servers.http import Answer, HttpServer, Request
from tests.servers.smtp import SmtpServer

ADDRESS = "ana@tienda-sol.example"
DOMAIN = "tienda-sol.example"
NOWHERE = Places(published=(), directory="", imap=(), smtp=(), asks_dns=False)


def server(kind: str, host: str = "mail.host.example", **fields: str) -> str:
    way = "incoming" if kind in ("imap", "pop3") else "outgoing"
    values = {
        "hostname": host,
        "port": "993" if kind == "imap" else "465",
        "socketType": "SSL",
        "username": "%EMAILADDRESS%",
        "authentication": "password-cleartext",
    } | fields
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if value)
    return f'<{way}Server type="{kind}">{inner}</{way}Server>'


def config(*servers: str) -> bytes:
    body = "".join(servers) or server("imap") + server("smtp")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1"><emailProvider id="x">'
    return f"{head}<domain>{DOMAIN}</domain>{body}</emailProvider></clientConfig>".encode()


@pytest.fixture
def web() -> Iterator[HttpServer]:
    with HttpServer(lambda _: Answer(config())) as made:
        yield made


def look(places: Places, address: str = ADDRESS, *, directory: bool = False, seconds: float = 5) -> Found:
    return discover(address, threading.Event(), directory=directory, places=places, seconds=seconds)


# --- the table ---


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("ana@gmail.com", "imap.gmail.com", "smtp.gmail.com"),
        ("ana@hotmail.es", "outlook.office365.com", "smtp-mail.outlook.com"),
        ("ana@TIENDA.onmicrosoft.com", "outlook.office365.com", "smtp.office365.com"),
        ("ana@yahoo.es", "imap.mail.yahoo.com", "smtp.mail.yahoo.com"),
        ("ana@proton.me", "127.0.0.1", "127.0.0.1"),
        ("ana@movistar.es", "imap.movistar.es", "smtp.movistar.es"),
        ("ana@wanadoo.es", "imap.orange.es", "smtp.orange.es"),
    ],
)
def test_the_great_providers_are_known_without_asking_anybody(address: str, imap: str, smtp: str) -> None:
    found = look(NOWHERE, address)
    assert (found.settings["imap_host"], found.settings["smtp_host"]) == (imap, smtp)
    assert found.sure


def test_every_provider_of_the_table_makes_a_form_that_can_be_read() -> None:
    for domain in _DOMAINS:
        settings = guess_settings(f"ana@{domain}")
        read = read_settings({"address": f"ana@{domain}", **settings, "oauth_client": "x"}, {})
        assert read.imap.security in ("tls", "starttls")
        assert read.smtp.security in ("tls", "starttls")


@pytest.mark.parametrize("address", ["", "ana", "ana@", "@gmail.com", "ana@a b.com", "ana@x/../y", "ana@[::1]"])
def test_what_is_no_address_asks_nobody(address: str, web: HttpServer) -> None:
    assert look(Places(published=(f"{web.url}/{{domain}}",)), address).settings == {}
    assert web.requests == []


def test_who_wants_another_password_says_which_and_where() -> None:
    assert "app password" in password_help("ana@gmail.com", "")[0]
    assert password_help("ana@tienda.example", "imap.gmail.com")[1].startswith("https://myaccount.google.com/")
    assert "Bridge" in password_help("ana@proton.me", "")[0]
    assert password_help("ana@tienda.example", "mail.tienda.example") == ("", "")


# --- files that domains publish ---


def test_a_published_file_fills_the_form_in(web: HttpServer) -> None:
    found = look(Places(published=(f"{web.url}/{{domain}}?emailaddress={{address}}",), asks_dns=False))
    assert found.settings["imap_host"] == "mail.host.example"
    assert found.settings["smtp_security"] == "tls"
    assert found.settings["user"] == ADDRESS
    assert (web.requests[0].path, web.requests[0].query["emailaddress"]) == (f"/{DOMAIN}", [ADDRESS])
    assert not found.sure  # the line was not encrypted: a person looks at the names
    assert "127.0.0.1" in found.words


def test_the_surest_place_is_taken_however_late_it_answers(web: HttpServer) -> None:
    late = threading.Event()

    def answer(request: Request) -> Answer:
        if request.path == "/sure":
            late.wait(5)
            return Answer(config(server("imap", "sure.example"), server("smtp", "sure.example")))
        late.set()
        return Answer(config())

    web.handler = answer
    found = look(Places(published=(f"{web.url}/sure", f"{web.url}/other"), asks_dns=False))
    assert found.settings["imap_host"] == "sure.example"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 404),
        Answer(b"<html><body>Welcome</body></html>"),
        Answer(b"\xff\xfe\x00garbage"),
        Answer(config() + b" " * MOST_BYTES),
        Answer(config(), cut=100),
        Answer(b"", 302, {"Location": "/again"}),
    ],
)
def test_what_is_no_such_file_leads_to_a_guess(web: HttpServer, answer: Answer) -> None:
    web.handler = lambda _: answer
    found = look(Places(published=(f"{web.url}/",), imap=(), smtp=(), asks_dns=False))
    assert found.settings["imap_host"] == f"imap.{DOMAIN}"
    assert not found.sure
    assert "guess" in found.words


def test_nobody_is_waited_for_longer_than_said(web: HttpServer) -> None:
    web.handler = lambda _: Answer(hang=True)
    began = time.monotonic()
    found = look(Places(published=(f"{web.url}/",), imap=(), smtp=(), asks_dns=False), seconds=0.5)
    assert time.monotonic() - began < 3
    assert "guess" in found.words


def test_a_search_that_is_stopped_ends_at_once(web: HttpServer) -> None:
    web.handler = lambda _: Answer(hang=True)
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    discover(ADDRESS, stop, places=Places(published=(f"{web.url}/",), imap=(), smtp=(), asks_dns=False), seconds=1.0)
    assert time.monotonic() - began < 0.9


def test_mozillas_list_is_asked_only_when_a_person_wants_it(web: HttpServer) -> None:
    places = Places(published=(), directory=f"{web.url}/v1.1/{{domain}}", imap=(), smtp=(), asks_dns=False)
    assert "guess" in look(places).words
    assert web.requests == []
    found = look(places, directory=True)
    assert found.settings["imap_host"] == "mail.host.example"
    assert [each.path for each in web.requests] == [f"/v1.1/{DOMAIN}"]
    assert ADDRESS not in str(web.requests)


def test_the_first_encrypted_server_that_takes_a_password_is_read() -> None:
    xml = config(
        server("pop3", "pop.host.example"),
        server("imap", "kerberos.host.example", authentication="GSSAPI"),
        server("imap", "plain.host.example", socketType="plain"),
        server("imap", "IMAP.Host.example", port="143", socketType="STARTTLS", username="%EMAILLOCALPART%"),
        server("smtp", "smtp.%EMAILDOMAIN%", port="587", socketType="STARTTLS"),
    )
    assert read_autoconfig(xml, ADDRESS) == {
        "imap_host": "imap.host.example",
        "imap_port": "143",
        "imap_security": "starttls",
        "smtp_host": f"smtp.{DOMAIN}",
        "smtp_port": "587",
        "smtp_security": "starttls",
        "user": "ana",
    }


BOMB = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)),
        b"]><clientConfig>&a11;</clientConfig>",
    ]
)
FILE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    + config(server("imap", "&f;"), server("smtp")).partition(b"\n")[2]
)


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        FILE,
        b"<a>" * 20_000,
        b"<a>" * 50 + b"</a>" * 50,
        b"<clientConfig>" + b"\x00" * 10,
        config() * 2,
        b"",
        b"<" * 60_000,
        config(server("imap", "a b.example"), server("smtp")),
        config(server("imap", "-x.example"), server("smtp")),
        config(server("imap", "x" * 300), server("smtp")),
        config(server("imap", "http://evil.example/"), server("smtp")),
        config(server("imap", port="99999999999999999999"), server("smtp")),
        config(server("imap", port="²"), server("smtp")),
        config(server("imap", socketType="plain"), server("smtp", socketType="plain")),
        config(server("imap")),
    ],
)
def test_a_hostile_file_is_harmless(xml: bytes) -> None:
    began = time.monotonic()
    assert read_autoconfig(xml, ADDRESS) == {}
    assert time.monotonic() - began < 1


# --- DNS ---


def in_dns(records: dict[tuple[str, str], list[str]], **places: object) -> Found:
    with NameServer(records) as names:
        return look(Places(published=(), directory="", imap=(), smtp=(), resolver=names.place, **places))  # type: ignore[arg-type]  # what a test wants


def test_servers_named_in_dns_are_found_by_weight() -> None:
    found = in_dns(
        {
            (f"_imaps._tcp.{DOMAIN}", "SRV"): ["20 1 993 late.example.", f"10 1 9930 imap.{DOMAIN}."],
            (f"_submissions._tcp.{DOMAIN}", "SRV"): ["0 1 465 smtp.elsewhere.example."],
        }
    )
    assert (found.settings["imap_host"], found.settings["imap_port"]) == (f"imap.{DOMAIN}", "9930")
    assert (found.settings["imap_security"], found.settings["smtp_security"]) == ("tls", "tls")
    assert found.sure


def test_a_name_outside_of_the_domain_is_to_be_looked_at() -> None:
    found = in_dns(
        {
            (f"_imaps._tcp.{DOMAIN}", "SRV"): ["0 1 993 imap.elsewhere.example."],
            (f"_submission._tcp.{DOMAIN}", "SRV"): ["0 1 587 smtp.elsewhere.example."],
        }
    )
    assert (found.settings["smtp_port"], found.settings["smtp_security"]) == ("587", "starttls")
    assert not found.sure


def test_a_service_that_says_there_is_none_is_left_out() -> None:
    found = in_dns({(f"_imaps._tcp.{DOMAIN}", "SRV"): ["0 0 0 ."]})
    assert "guess" in found.words


@pytest.mark.parametrize(
    ("receiver", "imap"),
    [
        ("aspmx.l.google.com.", "imap.gmail.com"),
        ("tiendasol-example.mail.protection.outlook.com.", "outlook.office365.com"),
        ("mx00.ionos.es.", "imap.ionos.es"),
        ("mx1.mail.ovh.net.", "ssl0.ovh.net"),
        ("mx.zoho.eu.", "imappro.zoho.eu"),
    ],
)
def test_who_takes_the_mail_in_tells_the_provider(receiver: str, imap: str) -> None:
    found = in_dns({(DOMAIN, "MX"): ["20 backup.example.", f"10 {receiver}"]})
    assert found.settings["imap_host"] == imap
    assert receiver.rstrip(".") in found.words


def test_a_name_that_only_ends_alike_is_no_provider() -> None:
    assert "guess" in in_dns({(DOMAIN, "MX"): ["10 evilgoogle.com."]}).words


def test_a_name_server_that_says_nothing_is_given_up() -> None:
    with NameServer({}) as names:
        names.silent = True
        began = time.monotonic()
        found = look(Places(published=(), imap=(), smtp=(), resolver=names.place), seconds=0.6)
        assert time.monotonic() - began < 3
    assert "guess" in found.words


# --- servers that answer ---


def answering(dovecot: Dovecot, smtp: SmtpServer, ca_file: str) -> Found:
    tls = (dovecot.tls_port,)
    places = Places(
        published=(),
        imap=(("nowhere.invalid", 993), ("localhost", dovecot.tls_port)),
        smtp=(("localhost", smtp.port),),
        secure_ports=tls,
        ca_file=ca_file,
        asks_dns=False,
    )
    return look(places)


def test_servers_that_answer_and_prove_their_names_are_taken(
    dovecot: Dovecot, smtp_server: SmtpServer, authority: Authority
) -> None:
    found = answering(dovecot, smtp_server, str(authority.ca_file))
    assert (found.settings["imap_host"], found.settings["imap_port"]) == ("localhost", str(dovecot.tls_port))
    assert (found.settings["smtp_port"], found.settings["smtp_security"]) == (str(smtp_server.port), "starttls")
    assert found.sure
    assert smtp_server.accepted == []


def test_servers_that_prove_nothing_are_not_taken(dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    assert "guess" in answering(dovecot, smtp_server, "").words


def test_an_imap_server_with_starttls_is_taken(dovecot: Dovecot, smtp_server: SmtpServer, authority: Authority) -> None:
    places = Places(
        published=(),
        imap=(("localhost", dovecot.port),),
        smtp=(("localhost", smtp_server.port),),
        secure_ports=(),
        ca_file=str(authority.ca_file),
        asks_dns=False,
    )
    assert look(places).settings["imap_security"] == "starttls"


def test_an_account_without_client_id_is_told_so() -> None:
    with pytest.raises(SignInError) as refused:
        read_settings({"address": "ana@outlook.com", "sign_in": "oauth2"}, {})
    assert refused.value.field == "oauth_client"
