"""The Mastodon channel."""
