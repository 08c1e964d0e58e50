"""What the providers want instead of the ordinary password, and the page where a person gets it."""

from inbox.channels.email.providers import provider_at, provider_for
from inbox.i18n import tr


def password_help(address: str, imap_host: str) -> tuple[str, str]:
    """(hint, page) for an address, or for the server that was found for it; empty for other providers."""
    provider = provider_for(address) or provider_at(imap_host.strip().lower())
    if provider is None or not provider.help:
        return "", ""
    return _hint(provider.help), _PAGES[provider.help]


_PAGES = {
    "google": "https://myaccount.google.com/apppasswords",
    "microsoft": "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    "yahoo": "https://login.yahoo.com/account/security",
    "aol": "https://login.aol.com/account/security",
    "icloud": "https://account.apple.com/account/manage",
    "proton": "https://proton.me/support/protonmail-bridge-install",
    "zoho": "https://accounts.zoho.com/home#security/app_password",
    "fastmail": "https://app.fastmail.com/settings/security/apps",
    "gmx": "https://www.gmx.net/mail/imap/",
}


def _hint(name: str) -> str:
    return {
        "google": tr(
            "Gmail wants an app password: Google account › Security › 2-Step Verification › App passwords. "
            "Sixteen letters; paste them here."
        ),
        "microsoft": tr(
            "Microsoft takes no passwords from mail programs any more: choose signing in in the browser. "
            "Your firm registers the program once in Microsoft Entra."
        ),
        "yahoo": tr("Yahoo wants an app password: Account info › Security › Generate app password."),
        "aol": tr("AOL wants an app password: Account info › Security › Generate app password."),
        "icloud": tr("iCloud wants an app-specific password: account.apple.com › Sign-In and Security."),
        "proton": tr(
            "Proton Mail is read through its Bridge, which must run on this computer: enter the password that the "
            "Bridge shows, and under “Servers and more” the certificate that it exports."
        ),
        "zoho": tr("Zoho wants an app password where two-step sign-in is on: Security › App passwords."),
        "fastmail": tr("Fastmail wants an app password: Settings › Privacy & Security › App passwords."),
        "gmx": tr(
            "GMX and WEB.DE: first allow IMAP in the webmail's settings; with two-step sign-in, an app password."
        ),
    }[name]
