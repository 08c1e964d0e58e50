"""X."""


def visible_reply(text: str) -> str:
    """X."""
    return text
