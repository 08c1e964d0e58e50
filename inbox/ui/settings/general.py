"""Language, look, undo, and the company's particulars for the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from inbox.i18n import system_language, tr
from inbox.ui.form import Field, Segments, line, number
from inbox.ui.settings.page import Page, pair, section
from inbox.ui.toggle import Toggle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import AgentRow
    from inbox.ui.settings.actions import SettingsActions

_SIZES = (100, 125, 150, 175, 200)


class GeneralPage(Page):
    """The first section."""

    look_changed = Signal()  # theme or text size
    language_changed = Signal(str)

    def __init__(self, actions: SettingsActions) -> None:
        super().__init__(actions, tr("General"), tr("Every change counts at once."))
        self.body.addWidget(section(tr("Look"), *self._look()))
        self.body.addWidget(section(tr("Replies"), *self._replies()))
        sentence = tr("Templates put these in wherever they say “company”.")
        self.body.addWidget(section(tr("Your company"), *self._company(), sentence=sentence))
        self.body.addWidget(section(tr("Closing cases"), self._waivers()))
        self.body.addStretch(1)

    def _look(self) -> list[Any]:
        own = self.act.app.settings
        names = {"es": "Español", "en": "English"}
        system = names.get(system_language(), "English")
        languages = [("", tr("As the system: {language}", language=system)), *names.items()]
        self.language = Field(tr("Language"), Segments(languages, own.language))
        themes = [("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))]
        self.theme = Field(tr("Theme"), Segments(themes, own.theme))
        sizes = [(str(size), f"{size} %") for size in _SIZES]
        self.text_size = Field(tr("Text size"), Segments(sizes, str(own.text_size)))
        self.language.committed.connect(lambda: self._keep_own(self._tell_language, language=self.language.value))
        self.theme.committed.connect(lambda: self._keep_own(self.look_changed.emit, theme=self.theme.value))
        self.text_size.committed.connect(
            lambda: self._keep_own(self.look_changed.emit, text_size=int(self.text_size.value))
        )
        return [self.language, self.theme, self.text_size]

    def _keep_own(self, tell: Callable[[], None], **values: Any) -> None:
        def then() -> None:
            self.say_saved()
            tell()

        self.act.change_own(then, self.say_error, **values)

    def _tell_language(self) -> None:
        self.language_changed.emit(self.language.value or system_language())

    def _replies(self) -> list[Any]:
        self.undo = Field(
            tr("Take a sent reply back for"),
            number(5, 0, 60, suffix=tr(" seconds")),
            hint=tr("0 sends at once."),
        )
        languages = [("es", "Español"), ("en", "English")]
        self.reply_language = Field(
            tr("Language of replies"),
            Segments(languages, "es"),
            hint=tr("Where the customer's own language is not known."),
        )
        self.undo.committed.connect(lambda: self._keep_shared("undo_seconds", float(self.undo.value)))
        self.reply_language.committed.connect(lambda: self._keep_shared("language", self.reply_language.value))
        self.greeting = Field(
            tr("Greeting"),
            line(),
            hint=tr("Begins the first reply to each matter, as with {{ customer.first_name }}. Empty: nothing."),
        )
        pauses = [("off", tr("Off")), ("hint", tr("Ask before sending")), ("hold", tr("Wait before sending"))]
        self.listening = Field(
            tr("Five seconds of listening in chats"),
            Segments(pauses, "hint"),
            hint=tr("After each message of the customer, who may still be writing."),
        )
        self.greeting.committed.connect(lambda: self._keep_shared("greeting", self.greeting.value))
        self.listening.committed.connect(lambda: self._keep_shared("listening", self.listening.value))
        return [pair(self.undo, self.reply_language), self.greeting, self.listening]

    def _company(self) -> list[Any]:
        self.company = {
            "company.name": Field(tr("Name"), line()),
            "company.phone": Field(tr("Telephone"), line()),
            "company.email": Field(tr("Email"), line()),
            "company.web": Field(tr("Website"), line()),
        }
        self._stored: dict[str, str] = {}
        for name, field in self.company.items():
            field.committed.connect(lambda name=name: self._keep_company(name))
        fields = list(self.company.values())
        return [pair(*fields[:2]), pair(*fields[2:])]

    def _waivers(self) -> Field:
        self.waivers = Field(
            "",
            Toggle(tr("A supervisor may close a case without its questions")),
            hint=tr("With a reason, which is kept and counted."),
        )
        self.waivers.label.hide()
        self.waivers.committed.connect(self._keep_waivers)
        return self.waivers

    def load(self) -> None:
        self.act.load_shared(self._show_shared)
        self.act.load_administrators(self._show_administrators)

    def _show_administrators(self, found: Sequence[AgentRow]) -> None:
        """The switch is grey for everybody else, with whom to ask."""
        may = self.act.agent_id in {row.id for row in found}
        self.waivers.editor.setEnabled(may)
        hint = tr("With a reason, which is kept and counted.")
        if not may:
            names = ", ".join(row.name for row in found)
            hint = tr("Only an administrator can change this: {names}.", names=names) if names else hint
        self.waivers.set_hint(hint)

    def _show_shared(self, values: Mapping[str, Any]) -> None:
        for name, field in self.company.items():
            if field.value == self._stored.get(name, ""):  # not what is just being typed
                field.value = str(values[name])
            self._stored[name] = str(values[name])
        self.undo.value = str(int(values["undo_seconds"]))
        self.reply_language.value = str(values["language"])
        self.greeting.value = str(values["greeting"])
        self.listening.value = str(values["listening"])
        self.waivers.value = "yes" if values["waivers_allowed"] else "no"

    def _keep_company(self, name: str) -> None:
        value = self.company[name].value
        if name == "company.email" and value and "@" not in value:
            self.company[name].complain(tr("This is no email address. It looks like name@company.com."))
        elif value != self._stored.get(name, ""):
            self._stored[name] = value
            self._keep_shared(name, value)

    def _keep_shared(self, name: str, value: str | bool | float) -> None:
        self.act.change_shared(name, value, self.say_saved, self.say_error)

    def _keep_waivers(self) -> None:
        def refused(error: InboxError) -> None:
            self.waivers.value = "yes" if self.waivers.value == "no" else "no"
            self.waivers.complain(f"{error.title}. {error.hint}")

        self.act.change_shared("waivers_allowed", self.waivers.value == "yes", self.say_saved, refused)
