"""Who works here: finding oneself by the system's user name, adding and changing agents and teams."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import SettingsChanged
from inbox.services.rows import AgentRow, TeamRow
from inbox.states import Role
from inbox.store.db import record
from inbox.store.models import Agent, Team

_CHANGEABLE = frozenset({"name", "email", "login", "role", "team_id", "signature", "active"})


def current(s: Session, login: str, name: str) -> AgentRow:
    """The agent whom the system's user name signs in. The first one there is becomes the administrator.

    An agent whom somebody has added by name, without a login, is the one who signs in under this name first.
    """
    agent = s.scalars(select(Agent).where(Agent.login == login, Agent.active)).first()
    if agent is None:
        agent = s.scalars(select(Agent).where(Agent.name == name, Agent.login == "", Agent.active)).first()
        if agent is None:
            agent = _make(s, name=_free_name(s, name or login), role=_first_role(s))
        agent.login = login
        s.flush()
        record(s, SettingsChanged(what="agents"))
    return _row(agent)


def rows(s: Session, inactive: bool = False) -> list[AgentRow]:
    """The agents by name; also those who left, if asked for."""
    found = s.scalars(select(Agent).order_by(func.lower(Agent.name)))
    return [_row(agent) for agent in found if agent.active or inactive]


def add(
    s: Session,
    name: str,
    *,
    email: str = "",
    role: Role = Role.AGENT,
    team_id: int | None = None,
    login: str = "",
    signature: str = "",
) -> int:
    """Add an agent. The first one is the administrator."""
    _require_free(s, name)
    _require_administrator(s)
    role = Role.ADMIN if _first_role(s) is Role.ADMIN else role
    agent = _make(s, name=name.strip(), role=role, email=email, team_id=team_id, login=login, signature=signature)
    record(s, SettingsChanged(what="agents"))
    return agent.id


def change(s: Session, agent_id: int, **values: Any) -> None:
    """Change an agent. Roles and who is active are an administrator's; there is always one administrator left."""
    if unknown := set(values) - _CHANGEABLE:
        raise TypeError(f"agents have no {', '.join(sorted(unknown))}")
    agent = _require(s, agent_id)
    if "name" in values and values["name"].strip() != agent.name:
        _require_free(s, values["name"])
        values["name"] = values["name"].strip()
    demoted = values.get("role", agent.role) != agent.role or values.get("active", agent.active) != agent.active
    if demoted:
        _require_administrator(s)
    for name, value in values.items():
        setattr(agent, name, value)
    s.flush()
    if demoted and not s.scalar(select(func.count()).where(Agent.role == Role.ADMIN, Agent.active)):
        raise RuleError("Somebody must remain administrator", "Make another agent administrator first.")
    record(s, SettingsChanged(what="agents"))


def teams(s: Session) -> list[TeamRow]:
    """The teams by name."""
    return [TeamRow(team.id, team.name) for team in s.scalars(select(Team).order_by(func.lower(Team.name)))]


def add_team(s: Session, name: str) -> int:
    """Add a team."""
    if not name.strip() or s.scalar(select(Team.id).where(Team.name == name.strip())):
        raise RuleError("A team needs a name of its own", "Choose another name.")
    team = Team(name=name.strip())
    s.add(team)
    s.flush()
    record(s, SettingsChanged(what="teams"))
    return team.id


def rename_team(s: Session, team_id: int, name: str) -> None:
    """Give a team another name."""
    team = s.get(Team, team_id)
    if team is None:
        raise NotFoundError("There is no team {id}", "It may have been removed.", id=team_id)
    if not name.strip() or s.scalar(select(Team.id).where(Team.name == name.strip(), Team.id != team_id)):
        raise RuleError("A team needs a name of its own", "Choose another name.")
    team.name = name.strip()
    s.flush()
    record(s, SettingsChanged(what="teams"))


def _make(s: Session, **values: Any) -> Agent:
    agent = Agent(**values)
    s.add(agent)
    s.flush()
    return agent


def _first_role(s: Session) -> Role:
    return Role.AGENT if s.scalar(select(Agent.id).where(Agent.role == Role.ADMIN).limit(1)) else Role.ADMIN


def _free_name(s: Session, wanted: str) -> str:
    taken = set(s.scalars(select(Agent.name)))
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted} {number}", number + 1
    return name


def _require(s: Session, agent_id: int) -> Agent:
    agent = s.get(Agent, agent_id)
    if agent is None:
        raise NotFoundError("There is no agent {id}", "It may have been removed.", id=agent_id)
    return agent


def _require_free(s: Session, name: str) -> None:
    if not name.strip() or s.scalar(select(Agent.id).where(Agent.name == name.strip())):
        raise RuleError("An agent needs a name of their own", "Choose another name.")


def _require_administrator(s: Session) -> None:
    """Without an agent in the session it is the program itself, or its command line on one's own database."""
    me = s.info.get("agent_id")
    agent = s.get(Agent, me) if me is not None else None
    if agent is not None and agent.role is not Role.ADMIN:
        raise RuleError("Only an administrator may do this", "Ask an administrator to do it.")


def _row(agent: Agent) -> AgentRow:
    return AgentRow(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        role=agent.role,
        team_id=agent.team_id,
        signature=agent.signature,
        active=agent.active,
    )
