"""Where receiving goes on, as text that only this channel reads."""

import contextlib
import json
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Cursor:
    """What was stored last.

    Attributes:
        begun: The first look is over; what comes now is news.
        newest: The newest notification.
        older: Below this notification the history is still to be fetched; empty where it is complete.
        edited: The newest edit, ISO 8601.
        held: The newest change among the people whose notifications the server holds back.
        streams: A hashtag -> its newest post. A search -> the posts found last, apart by spaces.
    """

    begun: bool = False
    newest: str = ""
    older: str = ""
    edited: str = ""
    held: str = ""
    streams: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """From its text; anything else is a beginning."""
        with contextlib.suppress(ValueError, TypeError):
            return cls(**json.loads(text))
        return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))
