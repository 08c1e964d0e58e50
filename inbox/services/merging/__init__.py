"""Two customers who are one person: merging them, splitting them again, and who might be the same."""

from inbox.services.merging.fields import preview
from inbox.services.merging.joining import merge
from inbox.services.merging.parting import unmerge
from inbox.services.merging.suggesting import suggestions

__all__ = ["merge", "preview", "suggestions", "unmerge"]
