"""Dataclasses whose methods are shared behave as the standard library's do."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import asdict, field, fields, replace
from typing import Any

import pytest

from inbox.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Two numbers."""

    x: int
    y: int = 2
    marks: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Named values only."""

    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    """One more."""

    what: str


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """The same as Point."""

    x: int
    y: int = 2
    marks: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False, repr=False)


@pytest.mark.parametrize("kind", [Point, Standard])
def test_it_is_made_compared_shown_and_copied_like_the_standard_one(kind: Callable[..., Any]) -> None:
    made = kind(1)
    assert (made.x, made.y, made.marks, made.seen) == (1, 2, [], 0)
    assert made == kind(1, 2, [], seen=9)
    assert made != kind(1, 3)
    assert made != (1, 2, [])
    assert kind(1).marks is not kind(1).marks
    assert repr(made) == f"{kind.__name__}(x=1, y=2, marks=[])"
    assert replace(made, y=5) == kind(1, 5)
    assert asdict(made) == {"x": 1, "y": 2, "marks": [], "seen": 0}
    assert copy.copy(made) == made == pickle.loads(pickle.dumps(made))
    assert kind.__match_args__ == ("x", "y", "marks", "seen")  # type: ignore[attr-defined]  # it is a class
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("kind", [Point, Standard])
def test_it_can_not_be_changed(kind: Callable[..., Any]) -> None:
    made = kind(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.x
    assert made.x == 1


@pytest.mark.parametrize("kind", [Point, Standard])
def test_wrong_arguments_are_refused(kind: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        kind()
    with pytest.raises(TypeError):
        kind(1, z=2)


def test_a_hash_follows_the_values() -> None:
    assert hash(Derived(id=1, what="a")) == hash(Derived(id=1, what="a"))
    assert {Derived(id=1, what="a"), Derived(id=1, what="a")} == {Derived(id=1, what="a")}


def test_one_class_extends_another() -> None:
    assert [found.name for found in fields(Derived)] == ["id", "what"]
    assert Base(id=1) != Derived(id=1, what="")
    assert Derived(what="x").id is None
    with pytest.raises(TypeError):
        Derived(1, "x")  # type: ignore[call-arg]  # named values only
