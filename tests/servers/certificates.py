"""A certificate authority of our own, for servers that speak TLS."""

import os
import ssl
from pathlib import Path

import trustme


class Authority:
    """Signs server certificates. Clients trust it with ``SSL_CERT_FILE=<ca_file>``; no file outside ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))

    def files(self, *names: str) -> tuple[Path, Path]:
        """Certificate chain and private key for the host names or addresses, as PEM files."""
        stem = "_".join(names).replace("*", "any")
        chain, key = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        if chain.exists():
            return chain, key  # a running server reads them again with each process that it starts
        issued = self._ca.issue_cert(*names)
        for certificate in issued.cert_chain_pems:
            certificate.write_to_path(str(chain), append=True)
        issued.private_key_pem.write_to_path(str(key))
        os.chmod(key, 0o600)
        return chain, key

    def server_context(self, *names: str) -> ssl.SSLContext:
        """A context for a server that answers to the names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.files(*names))
        return context
