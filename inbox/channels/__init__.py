"""The channels: one folder each, always the same file names."""
