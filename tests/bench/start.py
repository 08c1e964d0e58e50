"""From the start of the process to the first painted frame, and to everything loaded; beside an empty window."""

from collections.abc import Iterator, Sequence

from tests.bench.figures import Figure, median, ratio_at_most
from tests.bench.probes import probe
from tests.bench.profiles import profile

_ROUNDS = 9


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Medians of processes started in turns, in milliseconds."""
    folder = profile("window", 100_000)
    (folder / "settings.json").write_text('{"language": "es"}')  # the window in the size in which it is made
    probe("window", folder, "prepare")
    probe("empty")
    floor, painted, ready = [], [], []
    for _ in range(_ROUNDS):
        empty, real = probe("empty"), probe("window", folder)
        if not real["rows"]:
            raise RuntimeError("the first frame had no rows")
        floor.append((empty["painted"] - empty["began"]) * 1000)
        painted.append((real["painted"] - real["began"]) * 1000)
        ready.append((real["ready"] - real["began"]) * 1000)
    for name, values, limit in (("start-window", painted, 1.3), ("start-ready", ready, 4)):
        if name in wanted:
            yield ratio_at_most(name, median(values), "ms", median(floor), limit)
