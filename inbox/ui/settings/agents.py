"""Who works here: names, roles, teams, signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.i18n import tr
from inbox.states import Role
from inbox.ui.form import Field, button, choice, line, lines, row
from inbox.ui.rows_view import Chip, Row
from inbox.ui.settings.page import Fields, ListPage, pair, section
from inbox.ui.toggle import Toggle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import AgentRow, TeamRow
    from inbox.ui.settings.actions import SettingsActions


def roles() -> dict[Role, str]:
    """The roles in words."""
    return {Role.AGENT: tr("Agent"), Role.SUPERVISOR: tr("Supervisor"), Role.ADMIN: tr("Administrator")}


class AgentsPage(ListPage):
    """People first, then the teams."""

    def __init__(self, actions: SettingsActions) -> None:
        sentence = tr("Whoever starts the program under their own user name is found by it.")
        super().__init__(actions, tr("People and teams"), sentence, add=tr("Add a person"))
        add_team = button(tr("Add a team"), "quiet")
        add_team.clicked.connect(lambda: self._begin("team"))
        self.left.addLayout(row(add_team, -1))
        self.add_team = add_team
        self._agents: dict[int, AgentRow] = {}
        self._teams: dict[int, TeamRow] = {}
        self.fields: Fields | None = None

    def load(self) -> None:
        self.act.load_agents(self._show_people)

    def _show_people(self, agents: Sequence[AgentRow], teams: Sequence[TeamRow]) -> None:
        self._agents = {agent.id: agent for agent in agents}
        self._teams = {team.id: team for team in teams}
        names, people = roles(), []
        for agent in agents:
            team = self._teams[agent.team_id].name if agent.team_id in self._teams else ""
            chips = () if agent.active else (Chip(tr("left")),)
            note = " · ".join(part for part in (names[agent.role], team) if part)
            people.append(
                Row(("agent", agent.id), agent.name, note, badge=agent.initials, chips=chips, faded=not agent.active)
            )
        rows = people + ([Row(None, tr("Teams"), heading=True)] if teams else [])
        rows += [Row(("team", team.id), team.name) for team in teams]
        self.list.show_rows(rows, keep=self.key, first=self.fields is None)

    def show_key(self, key: object) -> None:
        assert isinstance(key, tuple)
        kind, number = key
        self.empty_editor()
        if kind == "team":
            self._show_team(self._teams[number])
        else:
            self._show_agent(self._agents[number])

    def begin_new(self) -> None:
        """Somebody new; kept once there is a name."""
        self._begin("agent")

    def _begin(self, kind: str) -> None:
        self.key = None
        self.list.clearSelection()
        self.empty_editor()
        if kind == "team":
            self._show_team(None)
        else:
            self._show_new_agent()
        assert self.fields is not None
        self.fields["name"].editor.setFocus()

    def _show_new_agent(self) -> None:
        fields = {"name": Field(tr("Name"), line(), hint=tr("The rest can be filled in afterwards."))}
        self.fields = Fields(fields, self._add_agent, ("name",))
        self.editor.addWidget(section(tr("New person"), fields["name"]))

    def _add_agent(self, values: dict[str, str]) -> None:
        self.act.add_agent(values["name"], lambda number: self._added(("agent", number)), self._refused)

    def _added(self, key: tuple[str, int]) -> None:
        self.say_saved()
        self.key = key

        def then(agents: Sequence[AgentRow], teams: Sequence[TeamRow]) -> None:
            self._show_people(agents, teams)
            if self.key == key:
                self.show_key(key)

        self.act.load_agents(then)

    def _show_agent(self, agent: AgentRow) -> None:
        team_options = [("", tr("No team")), *((str(team.id), team.name) for team in self._teams.values())]
        fields = {
            "name": Field(tr("Name"), line(agent.name)),
            "email": Field(tr("Email"), line(agent.email)),
            "role": Field(
                tr("Role"),
                choice([(role.value, name) for role, name in roles().items()], agent.role.value),
                hint=tr("Supervisors may waive questions; administrators change everything."),
            ),
            "team_id": Field(tr("Team"), choice(team_options, str(agent.team_id or ""))),
            "signature": Field(
                tr("Signature"),
                lines(agent.signature, rows=3),
                hint=tr("Templates put it in where they say “your signature”."),
            ),
            "active": Field("", Toggle(tr("Works here"), on=agent.active)),
        }
        fields["active"].label.hide()
        self.fields = Fields(fields, lambda values: self._keep_agent(agent.id, values), ("name",))
        self.editor.addWidget(
            section(
                agent.name,
                pair(fields["name"], fields["email"]),
                pair(fields["role"], fields["team_id"]),
                fields["signature"],
                fields["active"],
            )
        )

    def _keep_agent(self, agent_id: int, values: dict[str, str]) -> None:
        if values["email"] and "@" not in values["email"]:
            assert self.fields is not None
            self.fields["email"].complain(tr("This is no email address. It looks like name@company.com."))
            self.fields.forget()
            return
        self.act.change_agent(
            agent_id,
            self._kept,
            self._refused,
            name=values["name"],
            email=values["email"],
            role=Role(values["role"]),
            team_id=int(values["team_id"]) if values["team_id"] else None,
            signature=values["signature"],
            active=values["active"] == "yes",
        )

    def _show_team(self, team: TeamRow | None) -> None:
        fields = {"name": Field(tr("Name"), line(team.name if team else ""))}
        self.fields = Fields(fields, lambda values: self._keep_team(team, values["name"]), ("name",))
        self.editor.addWidget(section(team.name if team else tr("New team"), fields["name"]))

    def _keep_team(self, team: TeamRow | None, name: str) -> None:
        if team is None:
            self.act.add_team(name, lambda number: self._added(("team", number)), self._refused)
        else:
            self.act.rename_team(team.id, name, self._kept, self._refused)

    def _kept(self) -> None:
        self.say_saved()
        self.load()

    def _refused(self, error: InboxError) -> None:
        """Everything typed stays."""
        assert self.fields is not None
        self.fields.forget()
        self.say_error(error)
