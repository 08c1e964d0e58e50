"""How the outcome of a bulk action is told."""

import sys
from typing import TYPE_CHECKING

from inbox.cli.command import Command, print_json
from inbox.i18n import tr

if TYPE_CHECKING:
    from inbox.services.rows import BulkResult


def say_bulk(command: Command, result: "BulkResult") -> int:
    """What passed, and what was refused with its reasons; the exit code is 1 where something was refused."""
    if command.as_json:
        print_json(result)
    else:
        for id_ in result.done:
            print(tr("{id}: done", id=id_))
    for refusal in result.refused:
        print(f"error: {refusal.title}. {' '.join(refusal.reasons)}".strip(), file=sys.stderr)
    return 1 if result.refused else 0
