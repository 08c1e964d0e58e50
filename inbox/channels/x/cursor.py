"""Where receiving goes on, as text that only this channel reads."""

import contextlib
import json
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Cursor:
    """The newest post or event of each list that was stored; a list that is missing was never read."""

    newest: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """From its text; anything else is a beginning."""
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            return cls({str(name): str(id_) for name, id_ in json.loads(text)["newest"].items()})
        return cls()

    def after(self, name: str, id_: str) -> str:
        """Move a list on, and give the whole as text."""
        self.newest[name] = max(self.newest.get(name, ""), id_, key=order)
        return str(self)

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def order(id_: str) -> tuple[int, str]:
    """Ids in the order of time: they are numbers beyond what JSON's readers hold."""
    return len(id_), id_
