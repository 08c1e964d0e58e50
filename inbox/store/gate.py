"""The gate inside the database: triggers on both engines, so that no path goes round it."""

REFUSALS: dict[str, str] = {}


def statements(dialect: str) -> list[str]:
    """The SQL that makes the triggers anew (dropping older ones), for ``"sqlite"`` or ``"postgresql"``."""
    return []
