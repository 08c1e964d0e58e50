"""Finds a channel's plugin by its kind: the built-in packages, and those that others install. Imports lazily."""

import importlib
from functools import lru_cache
from importlib.metadata import entry_points
from typing import cast

from inbox.channels.base import Manifest, Plugin
from inbox.errors import SettingsError

GROUP = "inbox.channels"
_BUILT_IN = ("email", "demo", "telegram", "feed", "mastodon", "x", "bluesky")


@lru_cache(maxsize=1)
def _installed() -> dict[str, str]:
    """Kinds of packages that others installed, and the module of each. A built-in kind can't be replaced."""
    return {each.name: each.value for each in entry_points(group=GROUP) if each.name not in _BUILT_IN}


def kinds() -> tuple[str, ...]:
    """Every kind there is, the built-in ones first."""
    return (*_BUILT_IN, *sorted(_installed()))


@lru_cache
def plugin(kind: str) -> Plugin:
    """The plugin of a kind. Raises SettingsError for one that is not there or can't be loaded."""
    module = f"inbox.channels.{kind}" if kind in _BUILT_IN else _installed().get(kind)
    if module is None:
        raise SettingsError("There is no channel “{kind}”", "Install the package that brings it.", kind=kind)
    try:
        return cast(Plugin, importlib.import_module(module))
    except ImportError as error:
        raise SettingsError(
            "The channel “{kind}” can't be loaded: {reason}", "Install its package again.", kind=kind, reason=str(error)
        ) from error


def manifest(kind: str) -> Manifest:
    """What a kind of channel can do, and what its form asks for."""
    return plugin(kind).MANIFEST
