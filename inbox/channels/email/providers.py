"""Where the great and the Spanish providers keep their mail servers, to fill the form in from the address alone."""

from inbox.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's servers. ``{domain}`` in a host is the address's own.

    Attributes:
        keeps_sent: Its SMTP server puts a copy into the Sent folder by itself.
        help: The name of the hint about the password that it wants; see ``passwords``.
        sign_in: ``oauth2`` where it takes no password at all.
        is_sure: Its own pages say so; else the servers are tried before they are taken.
    """

    imap_host: str
    smtp_host: str
    smtp_port: int = 587
    smtp_security: str = "starttls"
    imap_port: int = 993
    imap_security: str = "tls"
    keeps_sent: bool = False
    help: str = ""
    sign_in: str = ""
    is_sure: bool = True


def _tls(imap_host: str, smtp_host: str, *, keeps_sent: bool = False, help: str = "", is_sure: bool = True) -> Provider:
    return Provider(imap_host, smtp_host, 465, "tls", keeps_sent=keeps_sent, help=help, is_sure=is_sure)


_GMAIL = _tls("imap.gmail.com", "smtp.gmail.com", keeps_sent=True, help="google")
# Microsoft takes no passwords any more, not even those for programs: since 2022 at firms, since 2024 at persons.
_OUTLOOK = Provider(
    "outlook.office365.com", "smtp-mail.outlook.com", keeps_sent=True, help="microsoft", sign_in="oauth2"
)
_MICROSOFT_365 = Provider(
    "outlook.office365.com", "smtp.office365.com", keeps_sent=True, help="microsoft", sign_in="oauth2"
)
_YAHOO = _tls("imap.mail.yahoo.com", "smtp.mail.yahoo.com", keeps_sent=True, help="yahoo")
_AOL = _tls("imap.aol.com", "smtp.aol.com", keeps_sent=True, help="aol")
_ICLOUD = Provider("imap.mail.me.com", "smtp.mail.me.com", help="icloud")
_PROTON = Provider("127.0.0.1", "127.0.0.1", 1025, "starttls", 1143, "starttls", keeps_sent=True, help="proton")
_ZOHO = _tls("imap.zoho.com", "smtp.zoho.com", keeps_sent=True, help="zoho")
_ZOHO_EU = _tls("imap.zoho.eu", "smtp.zoho.eu", keeps_sent=True, help="zoho")
_ZOHO_FIRM = _tls("imappro.zoho.com", "smtppro.zoho.com", keeps_sent=True, help="zoho")
_ZOHO_EU_FIRM = _tls("imappro.zoho.eu", "smtppro.zoho.eu", keeps_sent=True, help="zoho")
_FASTMAIL = _tls("imap.fastmail.com", "smtp.fastmail.com", help="fastmail")
_GMX = Provider("imap.gmx.net", "mail.gmx.net", help="gmx")
_IONOS_ES = _tls("imap.ionos.es", "smtp.ionos.es")
_ARSYS = Provider("imap.serviciodecorreo.es", "smtp.serviciodecorreo.es")
_STRATO_ES = _tls("imap.strato.es", "smtp.strato.es")
_OVH = _tls("ssl0.ovh.net", "ssl0.ovh.net")
_ORANGE_ES = _tls("imap.orange.es", "smtp.orange.es")
_NOMINALIA = _tls("imap.securemail.pro", "authsmtp.securemail.pro", is_sure=False)
_ACENS = _tls("imap.servidor-correo.net", "smtp.servidor-correo.net", is_sure=False)


def _own(domain: str) -> Provider:
    """The servers that a provider would name after itself; tried before they are taken."""
    return Provider(f"imap.{domain}", f"smtp.{domain}", is_sure=False)


_DOMAINS: dict[str, Provider] = {
    domain: provider
    for domains, provider in (
        ("gmail.com googlemail.com", _GMAIL),
        (
            "outlook.com outlook.es hotmail.com hotmail.es hotmail.fr hotmail.it hotmail.de hotmail.co.uk live.com "
            "live.es live.fr live.it msn.com outlook.fr outlook.de outlook.it outlook.pt",
            _OUTLOOK,
        ),
        ("onmicrosoft.com", _MICROSOFT_365),
        ("yahoo.com yahoo.es yahoo.fr yahoo.de yahoo.it yahoo.co.uk ymail.com rocketmail.com", _YAHOO),
        ("aol.com aim.com", _AOL),
        ("icloud.com me.com mac.com", _ICLOUD),
        ("proton.me protonmail.com protonmail.ch pm.me", _PROTON),
        ("gmx.net gmx.de gmx.at gmx.ch", _GMX),
        ("gmx.com gmx.fr gmx.us", Provider("imap.gmx.com", "mail.gmx.com", help="gmx")),
        ("gmx.es", Provider("imap.gmx.es", "mail.gmx.es", help="gmx")),
        ("mail.com", Provider("imap.mail.com", "smtp.mail.com")),
        ("web.de", Provider("imap.web.de", "smtp.web.de", help="gmx")),
        ("ionos.es 1and1.es", _IONOS_ES),
        ("ionos.de 1und1.de online.de", _tls("imap.ionos.de", "smtp.ionos.de")),
        ("ionos.com 1and1.com", _tls("imap.ionos.com", "smtp.ionos.com")),
        ("arsys.es", _ARSYS),
        ("ovh.net ovh.com ovh.es ovh.fr", _OVH),
        ("movistar.es", Provider("imap.movistar.es", "smtp.movistar.es")),
        ("telefonica.net terra.es terra.com", Provider("imap.telefonica.net", "smtp.telefonica.net")),
        ("orange.es wanadoo.es eresmas.com amena.es amena.com", _ORANGE_ES),
        ("jazztel.es jazzfree.com", _own("jazztel.es")),
        ("vodafone.es", _own("vodafone.es")),
        ("ono.com", _own("ono.com")),
        ("euskaltel.net euskalnet.net", _own("euskaltel.net")),
        ("mundo-r.com mundo-r.net", _own("mundo-r.com")),
        ("telecable.es", _own("telecable.es")),
        ("dinahosting.com", _tls("imap.dinaserver.com", "smtp.dinaserver.com")),
        ("nominalia.com", _NOMINALIA),
        ("acens.com", _ACENS),
        ("hostalia.com", _own("hostalia.com")),
        ("cdmon.com", _own("cdmon.com")),
        ("strato.com", _tls("imap.strato.com", "smtp.strato.com")),
        ("strato.es", _STRATO_ES),
        ("strato.de", _tls("imap.strato.de", "smtp.strato.de")),
        ("zoho.com zohomail.com", _ZOHO),
        ("zoho.eu zohomail.eu", _ZOHO_EU),
        ("fastmail.com fastmail.fm fastmail.es", _FASTMAIL),
        ("free.fr", _tls("imap.free.fr", "smtp.free.fr")),
        ("libero.it", _tls("imapmail.libero.it", "smtp.libero.it")),
        ("sapo.pt", _tls("imap.sapo.pt", "smtp.sapo.pt")),
    )
    for domain in domains.split()
}
# How the names of the servers end that take a domain's mail in: they tell where a firm has its own domain.
_RECEIVERS: tuple[tuple[str, Provider], ...] = (
    (".google.com", _GMAIL),
    (".googlemail.com", _GMAIL),
    (".mail.protection.outlook.com", _MICROSOFT_365),
    (".mx.microsoft", _MICROSOFT_365),
    (".yahoodns.net", _YAHOO),
    (".mail.icloud.com", _ICLOUD),
    (".protonmail.ch", _PROTON),
    (".messagingengine.com", _FASTMAIL),
    (".zoho.eu", _ZOHO_EU_FIRM),
    (".zoho.com", _ZOHO_FIRM),
    (".ionos.es", _IONOS_ES),
    (".1and1.es", _IONOS_ES),
    (".kundenserver.de", _IONOS_ES),
    (".serviciodecorreo.es", _ARSYS),
    (".mail.ovh.net", _OVH),
    (".rzone.de", _STRATO_ES),
    (".securemail.pro", _NOMINALIA),
    (".servidor-correo.net", _ACENS),
)


def domain_of(address: str) -> str:
    """The domain of an address as DNS writes it; empty for what is no address."""
    name, at, domain = address.strip().rpartition("@")
    if not (name and at and domain) or any(each in domain for each in " /\\?#:%@[]"):
        return ""
    try:
        return domain.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def provider_for(address: str) -> Provider | None:
    """The provider of an address, where its domain tells."""
    domain = domain_of(address)
    return _DOMAINS.get(domain) or (_MICROSOFT_365 if domain.endswith(".onmicrosoft.com") else None)


def provider_behind(receiver: str) -> Provider | None:
    """The provider whose server takes a domain's mail in, by that server's name."""
    name = "." + receiver.lower().rstrip(".")
    return next((provider for ending, provider in _RECEIVERS if name.endswith(ending)), None)


def provider_at(imap_host: str) -> Provider | None:
    """The provider that has this IMAP server."""
    known = (*_DOMAINS.values(), *(provider for _, provider in _RECEIVERS))
    return next((provider for provider in known if provider.imap_host == imap_host), None)


def settings_of(provider: Provider, address: str) -> dict[str, str]:
    """The form's values for a provider's servers."""
    return {
        "user": address.strip(),
        "imap_host": provider.imap_host,
        "imap_port": str(provider.imap_port),
        "imap_security": provider.imap_security,
        "smtp_host": provider.smtp_host,
        "smtp_port": str(provider.smtp_port),
        "smtp_security": provider.smtp_security,
        "keeps_sent": "yes" if provider.keeps_sent else "",
    } | ({"sign_in": provider.sign_in} if provider.sign_in else {})


def guess_settings(address: str) -> dict[str, str]:
    """The settings that the address alone suggests, by field name; empty for what is no address."""
    domain = domain_of(address)
    if not domain:
        return {}
    return settings_of(provider_for(address) or _own(domain), address)
