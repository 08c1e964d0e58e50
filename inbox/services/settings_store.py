"""The settings that everybody on a database shares, each with its default and its type."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import SettingsChanged
from inbox.services import template_text
from inbox.states import Role
from inbox.store.db import record
from inbox.store.models import Agent, Setting

Value = str | bool | int | float

DEFAULTS: dict[str, Value] = {
    "company.name": "",
    "company.phone": "",
    "company.email": "",
    "company.web": "",
    "language": "es",  # of a reply, where the customer's is not known
    "undo_seconds": 5.0,  # how long a reply can be taken back
    "waivers_allowed": False,  # a supervisor may let a case pass without its questions
    "greeting": "",  # what a first reply begins with; empty: nothing
    "listening": "hint",  # before a chat is answered: "off", "hint" or "hold" for five seconds
    "target_wait_seconds": 120.0,  # mean wait until the first reply
}
_CHOICES = {"listening": ("off", "hint", "hold")}
_FOR_ADMINISTRATORS = ("waivers_allowed",)


def text(s: Session, name: str) -> str:
    """A setting that is a text."""
    value = _get(s, name)
    return value if isinstance(value, str) else str(value)


def number(s: Session, name: str) -> float:
    """A setting that is a number."""
    value = _get(s, name)
    return float(value) if isinstance(value, int | float) else float(DEFAULTS[name])


def is_on(s: Session, name: str) -> bool:
    """A setting that is a switch."""
    return _get(s, name) is True


def every(s: Session) -> dict[str, Value]:
    """All settings, with the default where nothing was set."""
    stored = {row.name: row.value for row in s.scalars(select(Setting).where(Setting.name.in_(DEFAULTS)))}
    return {name: stored.get(name, default) for name, default in DEFAULTS.items()}


def change(s: Session, name: str, value: Value) -> None:
    """Set one. Raises RuleError for a wrong type, or where only an administrator may."""
    default = _default(name)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        raise RuleError(
            "The setting {name} can't take this value", "It must be like {example}.", name=name, example=default
        )
    if isinstance(value, float) and value < 0:
        raise RuleError("The setting {name} can't be negative", "Give 0 or more.", name=name)
    if name == "greeting":
        template_text.check(str(value))
    if name in _CHOICES and value not in _CHOICES[name]:
        raise RuleError(
            "The setting {name} can't take this value",
            "Known are: {names}.",
            name=name,
            names=", ".join(_CHOICES[name]),
        )
    if name in _FOR_ADMINISTRATORS:
        require_role(s, s.info.get("agent_id"), Role.ADMIN)
    row = s.get(Setting, name)
    if row is None:
        s.add(Setting(name=name, value=value))
    else:
        row.value = value
    s.flush()
    record(s, SettingsChanged(what=name))


def require_role(s: Session, agent_id: int | None, *roles: Role) -> Agent:
    """The agent, if it has one of the roles. Raises RuleError."""
    agent = s.get(Agent, agent_id) if agent_id is not None else None
    if agent is None or not agent.active or agent.role not in roles:
        if Role.SUPERVISOR in roles:
            raise RuleError("Only a supervisor may do this", "Ask a supervisor to do it.")
        raise RuleError("Only an administrator may do this", "Ask an administrator to do it.")
    return agent


def _get(s: Session, name: str) -> Value:
    default = _default(name)
    row = s.get(Setting, name)
    return default if row is None or row.value is None else row.value


def _default(name: str) -> Value:
    if name not in DEFAULTS:
        raise NotFoundError("There is no setting {name}", "Known are: {names}.", name=name, names=", ".join(DEFAULTS))
    return DEFAULTS[name]
