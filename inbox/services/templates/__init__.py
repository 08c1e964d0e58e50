"""Replies prepared beforehand: which an agent may use, filled for a conversation, and edited."""

from inbox.services.template_text import check
from inbox.services.templates.choosing import every as list, find
from inbox.services.templates.editing import delete, preview, save
from inbox.services.templates.filling import render

__all__ = ["check", "delete", "find", "list", "preview", "render", "save"]
