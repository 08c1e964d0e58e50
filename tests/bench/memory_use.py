"""How much memory this process holds."""

from pathlib import Path


def megabytes() -> float:
    """What is resident of this process's memory, its share of what it shares with others included."""
    return _of("Rss")


def own_megabytes() -> float:
    """What would come free if this process ended: without libraries that others use too, and files that are cached."""
    return _of("Private_Clean") + _of("Private_Dirty")


def _of(name: str) -> float:
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)
