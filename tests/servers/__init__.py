"""Real servers on loopback, each a context manager: the tests, the bench and the end-to-end scripts use them alike.

``Dovecot`` (IMAP), ``SmtpServer``, ``Postgres`` and ``SecretService`` (the system's keychain). A server that this
machine does not have raises ``MissingPackageError``, which names the system package.
"""
