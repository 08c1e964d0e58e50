"""The settings: one window with its sections at the left; each change is kept at once."""
