"""Filling in the form: every mistake is told at its field, and nothing goes unencrypted."""

import pytest

from inbox.channels import registry
from inbox.channels.email.providers import guess_settings
from inbox.channels.email.settings import read_settings
from inbox.errors import SignInError, TemporaryChannelError
from tests.channels.email.place import ADDRESS, EmailPlace
from tests.channels.email.scripted import ScriptedServer
from tests.servers.certificates import Authority
from tests.servers.process import free_port
from tests.servers.smtp import SmtpServer


def refused_field(place: EmailPlace, **settings: str) -> str:
    with pytest.raises(SignInError) as refused:
        place.channel(**settings).check()
    assert refused.value.title
    assert refused.value.hint
    return refused.value.field


def test_a_right_form_passes(place: EmailPlace) -> None:
    place.channel().check()
    place.channel(imap_port=str(place.imap.port), imap_security="starttls").check()


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_an_unknown_host_is_named(place: EmailPlace, kind: str) -> None:
    assert refused_field(place, **{f"{kind}_host": "mail.invalid"}) == f"{kind}_host"


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_a_closed_port_is_named(place: EmailPlace, kind: str) -> None:
    assert refused_field(place, **{f"{kind}_port": str(free_port())}) == f"{kind}_port"


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_a_certificate_of_a_stranger_is_refused(place: EmailPlace, kind: str, smtp_server: SmtpServer) -> None:
    if kind == "imap":
        assert refused_field(place, ca_file="") == "imap_host"
    else:
        with pytest.raises(SignInError) as refused:
            place.channel(ca_file="").send(place.reply("Hello"))
        assert refused.value.field == "smtp_host"
        assert smtp_server.accepted == []


def test_a_certificate_for_another_name_is_refused(authority: Authority, place: EmailPlace) -> None:
    with SmtpServer(security="tls", certificate_names=("mail.elsewhere.example",), authority=authority) as server:
        assert refused_field(place, smtp_port=str(server.port), smtp_security="tls") == "smtp_host"


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_the_wrong_kind_of_encryption_is_named(place: EmailPlace, kind: str) -> None:
    port = str(place.imap.port if kind == "imap" else place.smtp.port)
    assert refused_field(place, **{f"{kind}_port": port, f"{kind}_security": "tls"}) == f"{kind}_security"


def test_a_wrong_password_is_named(place: EmailPlace) -> None:
    place.secrets["password"] = "wrong"
    assert refused_field(place) == "password"


def test_a_password_may_have_any_letters(place: EmailPlace) -> None:
    place.imap.set_password(ADDRESS, "contraseña ñ€")
    place.smtp.set_password(ADDRESS, "contraseña ñ€")
    place.secrets["password"] = "contraseña ñ€"
    place.channel().check()


def test_a_missing_folder_is_named(place: EmailPlace) -> None:
    assert refused_field(place, folders="INBOX,Soporte") == "folders"
    assert refused_field(place, sent_folder="Nowhere") == "sent_folder"


@pytest.mark.parametrize("kind", ["imap", "smtp"])
def test_without_encryption_only_this_machine_is_spoken_to(kind: str) -> None:
    with pytest.raises(SignInError) as refused:
        read_settings({"address": ADDRESS, f"{kind}_host": "mail.example", f"{kind}_security": "none"}, {})
    assert refused.value.field == f"{kind}_security"
    read_settings({"address": ADDRESS, f"{kind}_host": "127.0.0.1", f"{kind}_security": "none"}, {})


@pytest.mark.parametrize("port", ["x", "0", "70000", "-1", "²"])
def test_what_is_no_port_is_named(port: str) -> None:
    with pytest.raises(SignInError) as refused:
        read_settings({"address": ADDRESS, "imap_port": port}, {})
    assert refused.value.field == "imap_port"


def test_a_missing_file_of_an_authority_is_named(place: EmailPlace) -> None:
    assert refused_field(place, ca_file="/nowhere/ca.pem") == "ca_file"


def test_an_imap_server_without_starttls_never_sees_the_password(place: EmailPlace) -> None:
    greeting = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
    answer = {b"CAPABILITY": [b"* CAPABILITY IMAP4rev1\r\n"]}
    with ScriptedServer(greeting, answer) as server:
        field = refused_field(place, imap_port=str(server.port), imap_security="starttls")
        assert field == "imap_security"
        assert not any(b"secret" in line for line in server.heard)


def test_an_smtp_server_without_starttls_never_sees_the_password(place: EmailPlace) -> None:
    with SmtpServer(security="none") as server:
        assert refused_field(place, smtp_port=str(server.port), smtp_security="starttls") == "smtp_security"
        assert server.accepted == []


def test_a_server_that_says_nothing_is_given_up(place: EmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.channels.email.imap.CONNECT_SECONDS", 0.3)
    with ScriptedServer(b"", {}) as server, pytest.raises(TemporaryChannelError, match="does not answer"):
        place.channel(imap_port=str(server.port), imap_security="none").check()


def test_settings_are_guessed_from_the_address() -> None:
    assert guess_settings("ana@gmail.com")["imap_host"] == "imap.gmail.com"
    assert guess_settings("ana@gmail.com")["keeps_sent"] == "yes"
    assert guess_settings("ana@telefonica.net")["imap_host"] == "imap.telefonica.net"
    assert guess_settings("Ana@Tienda-Sol.es")["smtp_host"] == "smtp.tienda-sol.es"
    assert guess_settings("nobody") == {}


def test_what_is_given_goes_before_what_is_guessed() -> None:
    settings = read_settings({"address": "ana@gmail.com", "smtp_host": "127.0.0.1", "smtp_security": "none"}, {})
    assert (settings.smtp.host, settings.smtp.port) == ("127.0.0.1", 25)
    assert (settings.imap.host, settings.imap.port) == ("imap.gmail.com", 993)
    assert settings.user == "ana@gmail.com"
    assert settings.keeps_sent
    assert not read_settings({"address": "ana@gmail.com", "keeps_sent": ""}, {}).keeps_sent


def test_the_plugin_fixes_ids_of_our_own_form() -> None:
    plugin = registry.plugin("email")
    one = plugin.new_remote_id({"address": ADDRESS}, 12345)
    assert one != plugin.new_remote_id({"address": ADDRESS}, 12345)
    assert one.startswith("inbox.9ix.")
    assert one.endswith("@example.com")
