"""The demo channel."""
