"""What a figure is, how it is measured and how it is printed."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        value: In ``unit``.
        floor: The least that the same machine needs for the same thing in the same run; ``None`` where the target is
            an absolute time.
        target: In words, as ``performance.md`` of the project's owner has it.
        ok: Whether the target was met in this run. It decides nothing; it is read.
    """

    name: str
    value: float
    unit: str
    target: str
    ok: bool
    floor: float | None = None

    def print(self) -> None:
        """One JSON line on stdout."""
        line = {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": None if self.floor is None else round(self.floor, 3),
            "ratio": None if not self.floor else round(self.value / self.floor, 2),
            "target": self.target,
            "ok": self.ok,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure whose target is an absolute limit."""
    return Figure(name, value, unit, f"<= {limit:g} {unit}", value <= limit)


def ratio_at_most(name: str, value: float, unit: str, floor: float, limit: float) -> Figure:
    """A figure whose target is a multiple of its floor."""
    return Figure(name, value, unit, f"<= {limit:g} x floor", value <= limit * floor, floor)


def ratio_at_least(name: str, value: float, unit: str, floor: float, limit: float) -> Figure:
    """A figure (a rate) whose target is a part of its floor."""
    return Figure(name, value, unit, f">= {limit:g} x floor", value >= limit * floor, floor)


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)
