"""A customer's own fields in a merge: what is empty is filled, and what was filled can be taken out again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from inbox.errors import NotFoundError
from inbox.states import Tier
from inbox.store.models import Customer

_SINGLE = ("name", "company", "language", "preferred_channel")
_SHOWN = (*_SINGLE, "tier", "tags", "notes")


def preview(s: Session, survivor_id: int, absorbed_id: int) -> dict[str, tuple[str, str]]:
    """Field -> (the survivor's value, the absorbed one's), where they differ."""
    survivor, absorbed = (s.get(Customer, id_) for id_ in (survivor_id, absorbed_id))
    if survivor is None or absorbed is None:
        raise NotFoundError("There is no such customer any more", "Somebody may have merged it.")
    both = {name: (_shown(getattr(survivor, name)), _shown(getattr(absorbed, name))) for name in _SHOWN}
    return {name: values for name, values in both.items() if values[0] != values[1]}


def fill(survivor: Customer, absorbed: Customer) -> dict[str, Any]:
    """Give the survivor what it lacks; answers what that was, for ``take_out``."""
    given: dict[str, Any] = {}
    for name in _SINGLE:
        value = getattr(absorbed, name)
        if value and not getattr(survivor, name):
            given[name] = value
            setattr(survivor, name, value)
    if absorbed.tier < survivor.tier:  # A before B before C
        given["tier"] = [survivor.tier.value, absorbed.tier.value]
        survivor.tier = absorbed.tier
    if tags := [tag for tag in absorbed.tags if tag not in survivor.tags]:
        given["tags"] = tags
        survivor.tags = [*survivor.tags, *tags]
    if consents := {name: value for name, value in absorbed.consents.items() if name not in survivor.consents}:
        given["consents"] = consents
        survivor.consents = {**survivor.consents, **consents}
    if absorbed.notes and absorbed.notes not in survivor.notes:
        given["notes"] = absorbed.notes
        survivor.notes = "\n\n".join(filter(None, (survivor.notes, absorbed.notes)))
    return given


def take_out(survivor: Customer, given: Mapping[str, Any]) -> None:
    """Undo ``fill``; what a person has changed since then stays as it is."""
    for name in _SINGLE:
        if name in given and getattr(survivor, name) == given[name]:
            setattr(survivor, name, "")
    if "tier" in given and survivor.tier == given["tier"][1]:
        survivor.tier = Tier(given["tier"][0])
    if "tags" in given:
        survivor.tags = [tag for tag in survivor.tags if tag not in given["tags"]]
    if "consents" in given:
        taken: Mapping[str, Any] = given["consents"]
        survivor.consents = {name: value for name, value in survivor.consents.items() if taken.get(name) != value}
    if "notes" in given:
        kept = survivor.notes.replace(given["notes"], "", 1)
        survivor.notes = "\n\n".join(part for part in kept.split("\n\n") if part.strip())


def combined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """What two fillings from the same customer gave together."""
    made = {**first, **second}
    if "tags" in first and "tags" in second:
        made["tags"] = [*first["tags"], *second["tags"]]
    if "consents" in first and "consents" in second:
        made["consents"] = {**first["consents"], **second["consents"]}
    if "tier" in first and "tier" in second:
        made["tier"] = second["tier"]
    return made


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
