"""Where replies and notes are written."""

from inbox.ui.composer.card import Composer

__all__ = ["Composer"]
