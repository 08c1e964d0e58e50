"""The Bluesky channel."""
