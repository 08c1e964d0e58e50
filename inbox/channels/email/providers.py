"""Where the great and the Spanish providers keep their mail servers, to fill the form in from the address alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's servers.

    Attributes:
        keeps_sent: Its SMTP server puts a copy into the Sent folder by itself.
        app_password: It refuses the ordinary password: one for programs must be made on its website.
    """

    imap_host: str
    smtp_host: str
    smtp_port: int = 587
    smtp_security: str = "starttls"
    imap_port: int = 993
    imap_security: str = "tls"
    keeps_sent: bool = False
    app_password: bool = False


_GMAIL = Provider("imap.gmail.com", "smtp.gmail.com", 465, "tls", keeps_sent=True, app_password=True)
_OUTLOOK = Provider("outlook.office365.com", "smtp-mail.outlook.com", keeps_sent=True, app_password=True)
_MICROSOFT_365 = Provider("outlook.office365.com", "smtp.office365.com", keeps_sent=True, app_password=True)
_YAHOO = Provider("imap.mail.yahoo.com", "smtp.mail.yahoo.com", 465, "tls", keeps_sent=True, app_password=True)
_AOL = Provider("imap.aol.com", "smtp.aol.com", 465, "tls", keeps_sent=True, app_password=True)
_ICLOUD = Provider("imap.mail.me.com", "smtp.mail.me.com", app_password=True)
_GMX = Provider("imap.gmx.net", "mail.gmx.net")
_GMX_COM = Provider("imap.gmx.com", "mail.gmx.com")
_GMX_ES = Provider("imap.gmx.es", "mail.gmx.es")
_WEB_DE = Provider("imap.web.de", "smtp.web.de")
_IONOS_ES = Provider("imap.ionos.es", "smtp.ionos.es", 465, "tls")
_IONOS_DE = Provider("imap.ionos.de", "smtp.ionos.de", 465, "tls")
_IONOS_COM = Provider("imap.ionos.com", "smtp.ionos.com", 465, "tls")
_ARSYS = Provider("imap.serviciodecorreo.es", "smtp.serviciodecorreo.es")
_OVH = Provider("ssl0.ovh.net", "ssl0.ovh.net", 465, "tls")
_MOVISTAR = Provider("imap.movistar.es", "smtp.movistar.es")
_TELEFONICA = Provider("imap.telefonica.net", "smtp.telefonica.net")
_ORANGE_ES = Provider("imap.orange.es", "smtp.orange.es", 465, "tls")
_DINAHOSTING = Provider("imap.dinaserver.com", "smtp.dinaserver.com", 465, "tls")
_STRATO = Provider("imap.strato.com", "smtp.strato.com", 465, "tls")
_STRATO_ES = Provider("imap.strato.es", "smtp.strato.es", 465, "tls")
_STRATO_DE = Provider("imap.strato.de", "smtp.strato.de", 465, "tls")
_ZOHO = Provider("imap.zoho.com", "smtp.zoho.com", 465, "tls", keeps_sent=True)
_ZOHO_EU = Provider("imap.zoho.eu", "smtp.zoho.eu", 465, "tls", keeps_sent=True)
_FASTMAIL = Provider("imap.fastmail.com", "smtp.fastmail.com", 465, "tls", app_password=True)

_DOMAINS: dict[str, Provider] = {
    domain: provider
    for domains, provider in (
        ("gmail.com googlemail.com", _GMAIL),
        (
            "outlook.com outlook.es hotmail.com hotmail.es hotmail.fr hotmail.it hotmail.co.uk live.com live.es "
            "msn.com outlook.fr outlook.de outlook.it outlook.pt",
            _OUTLOOK,
        ),
        ("onmicrosoft.com", _MICROSOFT_365),
        ("yahoo.com yahoo.es yahoo.fr yahoo.de yahoo.it yahoo.co.uk ymail.com rocketmail.com", _YAHOO),
        ("aol.com", _AOL),
        ("icloud.com me.com mac.com", _ICLOUD),
        ("gmx.net gmx.de gmx.at gmx.ch", _GMX),
        ("gmx.com gmx.fr gmx.us", _GMX_COM),
        ("gmx.es", _GMX_ES),
        ("web.de", _WEB_DE),
        ("ionos.es 1and1.es", _IONOS_ES),
        ("ionos.de 1und1.de online.de", _IONOS_DE),
        ("ionos.com 1and1.com", _IONOS_COM),
        ("arsys.es", _ARSYS),
        ("ovh.net ovh.com ovh.es ovh.fr", _OVH),
        ("movistar.es", _MOVISTAR),
        ("telefonica.net terra.es", _TELEFONICA),
        ("orange.es wanadoo.es eresmas.com", _ORANGE_ES),
        ("dinahosting.com", _DINAHOSTING),
        ("strato.com", _STRATO),
        ("strato.es", _STRATO_ES),
        ("strato.de", _STRATO_DE),
        ("zoho.com zohomail.com", _ZOHO),
        ("zoho.eu zohomail.eu", _ZOHO_EU),
        ("fastmail.com fastmail.fm fastmail.es", _FASTMAIL),
    )
    for domain in domains.split()
}


def provider_for(address: str) -> Provider | None:
    """The provider of an address, where its domain tells."""
    domain = address.rpartition("@")[2].strip().lower()
    return _DOMAINS.get(domain) or (_MICROSOFT_365 if domain.endswith(".onmicrosoft.com") else None)


def guess_settings(address: str) -> dict[str, str]:
    """The settings that the address alone suggests, by field name; empty for what is no address."""
    domain = address.rpartition("@")[2].strip().lower()
    if "@" not in address or not domain:
        return {}
    provider = provider_for(address) or Provider(f"imap.{domain}", f"smtp.{domain}")
    return {
        "user": address.strip(),
        "imap_host": provider.imap_host,
        "imap_port": str(provider.imap_port),
        "imap_security": provider.imap_security,
        "smtp_host": provider.smtp_host,
        "smtp_port": str(provider.smtp_port),
        "smtp_security": provider.smtp_security,
        "keeps_sent": "yes" if provider.keeps_sent else "",
    }
