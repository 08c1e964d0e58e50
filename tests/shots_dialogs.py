"""The dialogs, the menus and the settings for ``run.py shots``: on the demo's shop, as a person meets them.

``shots`` gives (name, function) pairs; a function takes the open program, the window's worker and its commands, and
answers the widget to be drawn. Wait until the worker is idle before drawing.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from inbox.app import App, ImportSummary
from inbox.channels import registry
from inbox.errors import SignInError
from inbox.services.rows import BulkResult, ConversationDetail, Refusal
from inbox.ui.account_dialog import AccountDialog
from inbox.ui.bulk_dialog import BulkDialog
from inbox.ui.close_dialog import CloseDialog
from inbox.ui.commands import Command
from inbox.ui.import_dialog import ImportDialog
from inbox.ui.keys_sheet import KeysSheet
from inbox.ui.merge_dialog import MergeDialog
from inbox.ui.palette import Palette
from inbox.ui.question_menu import QuestionMenu
from inbox.ui.settings.actions import SettingsActions
from inbox.ui.settings.window import SettingsWindow
from inbox.ui.tasks import Tasks
from inbox.ui.template_menu import TemplateMenu
from inbox.ui.welcome import Welcome
from inbox.ui.when_menu import WhenDialog

Shot = Callable[[App, Tasks, Iterable[Command], QWidget], QWidget]
_PLACE = QPoint(120, 620)
_REFUSED_SIGN_IN = SignInError(
    "{host} refuses the sign-in: {words}",
    "Check the user and the password. Some providers ask for an app password made on their website.",
    field="password",
    host="imap.gmail.com",
    words="AUTHENTICATIONFAILED",
)


def shots() -> list[tuple[str, Shot]]:
    """Every screen beside the main window."""
    return [
        ("welcome", _welcome),
        ("account", _account),
        ("account-wrong-password", _wrong_password),
        ("import", lambda app, tasks, commands, window: ImportDialog(_actions(app, tasks), window)),
        ("import-done", _imported),
        ("palette", _palette),
        ("keys", lambda app, tasks, commands, window: KeysSheet(commands, window)),
        ("template-menu", _template_menu),
        ("question-menu", _question_menu),
        ("close", _close),
        ("bulk", _bulk),
        ("when", lambda app, tasks, commands, window: WhenDialog(window)),
        ("merge", _merge),
        *((f"settings-{name.replace('_', '-')}", _settings(name)) for name in _SECTIONS),
    ]


_SECTIONS = ("general", "accounts", "case_types", "templates", "views", "agents", "keys", "about")


def _actions(app: App, tasks: Tasks) -> SettingsActions:
    return SettingsActions(app, tasks, app.agent.id)


def _newest(app: App) -> ConversationDetail:
    """The newest conversation that has a case."""
    from inbox.services import queries

    with app.db.reading() as s:
        page = queries.conversations(s, "is:open", agent_id=app.agent.id)
        found = next(row for row in page.rows if row.case_id is not None)
        return queries.detail(s, found.id, agent_id=app.agent.id, language="es")


def _welcome(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = Welcome()
    made.resize(1024, 700)
    return made


def _account(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = AccountDialog(_actions(app, tasks), registry.manifest("email"), None, window)
    made.form.fields["address"].value = "casaverde@gmail.com"
    made.form.fields["address"].changed.emit()
    return made


def _wrong_password(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = _account(app, tasks, commands, window)
    assert isinstance(made, AccountDialog)
    made.show_error(_REFUSED_SIGN_IN)
    return made


def _imported(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = ImportDialog(_actions(app, tasks), window)
    made.show_summary(ImportSummary(3990, 10, 212, ((str(Path("old") / "photo.jpg"), "…"),)))
    return made


def _palette(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = Palette(_actions(app, tasks), commands, window)
    made.show_palette()
    return made


def _template_menu(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    made = TemplateMenu(_actions(app, tasks), _newest(app).row.id, window)
    made.show_at(_PLACE)
    return made


def _question_menu(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    detail = _newest(app)
    made = QuestionMenu(detail.suggested, detail.gate, window)
    made.show_at(_PLACE)
    return made


def _close(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    case_id = _newest(app).row.case_id
    assert case_id is not None
    return CloseDialog(_actions(app, tasks), case_id, window)


def _bulk(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    from inbox.services import cases

    detail = _newest(app)
    assert detail.case is not None
    with app.db.reading() as s:
        missing = cases.gate(s, detail.case.id).missing
    return BulkDialog(BulkResult((), (Refusal(detail.case.id, detail.case.subject, missing),)), "", window)


def _merge(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
    from inbox.services import queries

    with app.db.reading() as s:
        first, second = (row.id for row in queries.customers(s, "", 2))
    return MergeDialog(_actions(app, tasks), first, second, window)


def _settings(name: str) -> Shot:
    def draw(app: App, tasks: Tasks, commands: Iterable[Command], window: QWidget) -> QWidget:
        made = SettingsWindow(_actions(app, tasks), commands, window)
        made.show_section(name)
        return made

    return draw
