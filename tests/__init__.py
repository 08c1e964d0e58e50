"""The tests; they mirror inbox/. Real servers for them are in servers/."""
