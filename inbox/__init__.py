"""One inbox for every channel on which customers write."""

__version__ = "0.1.0"
