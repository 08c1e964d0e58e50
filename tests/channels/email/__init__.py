"""Email, against a real IMAP and a real SMTP server, and a scripted one for what those never do."""
