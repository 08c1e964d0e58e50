"""Qt's palette, fonts and the application's style sheet, made from the tokens.

Widgets say what they are by the property ``kind`` (a button, a frame) or ``tone`` (a label); dialogs have a sheet of
their own in ``dialog_style``.
"""

import re
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from inbox.ui import tokens
from inbox.ui.tokens import DARK, LIGHT, px

Theme = Literal["system", "light", "dark"]

# Where the system names no font of its own (a bare X server answers "Sans Serif").
_FALLBACK_FONTS = ["Inter", "Cantarell", "Noto Sans", "Ubuntu", "DejaVu Sans"]
_NAMELESS = ("Sans Serif", "Sans", "")
_STYLE = "fusion"


def is_system_dark() -> bool:
    """Whether the system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def font(size: int = tokens.TEXT, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font in a size of the tokens, at the text size in use."""
    return _font(px(size), weight)


@lru_cache(maxsize=64)
def _font(pixels: int, weight: QFont.Weight) -> QFont:
    made = QFont(QApplication.font())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    return made


def metrics(size: int = tokens.TEXT, weight: QFont.Weight = QFont.Weight.Normal) -> QFontMetrics:
    """How wide and high that font's words are."""
    return QFontMetrics(font(size, weight))


def make_application(program: str) -> QApplication:
    """The application, in the one style that the sheet is made for."""
    app = QApplication([program, "-style", _STYLE])
    app.setProperty("style", _STYLE)
    return app


def apply(app: QApplication, theme: str = "system", text_size: int = 100) -> None:
    """Give the whole program a theme and a text size (in percent)."""
    dark = theme == "dark" or (theme != "light" and is_system_dark())
    tokens.use(DARK if dark else LIGHT, text_size / 100)
    if app.property("style") != _STYLE:  # asking for app.style() costs milliseconds of the first paint, setting it too
        app.setStyle(_STYLE)
        app.setProperty("style", _STYLE)
    app.setPalette(_palette())
    app.setFont(_system_font())
    _font.cache_clear()
    app.setStyleSheet(sheet())


def restyle(widget: QWidget) -> None:
    """Let the sheet look again at a widget whose ``kind`` or ``tone`` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def sheet() -> str:
    """The application's style sheet."""
    from inbox.ui import dialog_style  # it asks this module for fonts

    return _filled(_SHEET) + dialog_style.sheet()


def _system_font() -> QFont:
    base = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if base.family() in _NAMELESS:
        base.setFamilies([*_FALLBACK_FONTS, base.family() or "sans-serif"])
    base.setPixelSize(px(tokens.TEXT))
    return base


def _palette() -> QPalette:
    look, role, made = tokens.colors(), QPalette.ColorRole, QPalette()
    for name, color in {
        role.Window: look.surface,
        role.WindowText: look.text,
        role.Base: look.surface,
        role.AlternateBase: look.sunken,
        role.Text: look.text,
        role.PlaceholderText: look.faint,
        role.Button: look.surface,
        role.ButtonText: look.text,
        role.ToolTipBase: look.text,
        role.ToolTipText: look.surface,
        role.Highlight: look.accent,
        role.HighlightedText: look.on_accent,
        role.Link: look.accent,
        role.LinkVisited: look.accent,
        role.BrightText: look.danger,
    }.items():
        made.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(look.disabled))
    return made


def _filled(template: str) -> str:
    """Replace ``$accent`` by the colour and ``12dp`` by pixels at the text size in use."""
    look = tokens.colors()
    colored = re.sub(r"\$(\w+)", lambda found: str(getattr(look, found[1])), template)
    return re.sub(r"(\d+)dp", lambda found: f"{px(int(found[1]))}px", colored)


_SHEET = """
QToolTip { background: $text; color: $surface; border: 0; padding: 5dp 8dp; font-size: 12dp; }
QWidget#window, QWidget#rail { background: $bg; }
QWidget#middle, QWidget#panel, QWidget#case_bar { background: $surface; }
QWidget#thread_side, QWidget#thread_page { background: $sunken; }
QFrame[kind="line"] { background: $line; border: 0; }
QScrollArea { border: 0; background: transparent; }
QSplitter::handle { background: $line; }

QLabel { background: transparent; }
QLabel[tone="soft"] { color: $soft; font-size: 12dp; }
QLabel[tone="faint"] { color: $faint; font-size: 12dp; }
QLabel[tone="label"] { color: $soft; font-size: 11dp; font-weight: 600; }
QLabel[tone="heading"] { font-size: 17dp; font-weight: 600; }
QLabel[tone="title"] { font-size: 15dp; font-weight: 600; }
QLabel[tone="strong"] { font-weight: 600; }
QLabel[tone="danger"] { color: $danger; font-size: 12dp; }
QLabel[tone="warn"] { color: $warn; font-size: 12dp; }
QLabel[tone="key"] { color: $faint; border: 1px solid $line; border-radius: 4px; padding: 0 5dp; font-size: 11dp; }
QLabel[tone="tier"] { color: $soft; border: 1px solid $line; border-radius: 4px; padding: 0 4dp; font-size: 11dp;
  font-weight: 700; }
QLabel[tone="tier_a"] { color: $accent; border: 1px solid $accent; border-radius: 4px; padding: 0 4dp; font-size: 11dp;
  font-weight: 700; }

QPushButton, QToolButton { border: 1px solid $line; border-radius: 8px; padding: 5dp 11dp; background: $surface;
  color: $text; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $disabled; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600;
  padding: 7dp 16dp; }
QPushButton[kind="primary"]:hover { background: $accent; border-color: $text; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 6dp 15dp; }
QPushButton[kind="primary"]:disabled { background: $line; color: $disabled; border-color: $line; }
QPushButton[kind="note"] { background: $note; color: $text; border: 1px solid $note_line; font-weight: 600;
  padding: 7dp 16dp; }
QPushButton[kind="note"]:focus { border: 2px solid $warn; padding: 6dp 15dp; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { border: 1px solid transparent; background: transparent;
  color: $soft; padding: 4dp 6dp; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $hover; color: $text; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border: 1px solid $accent; color: $text; }
QPushButton[kind="quiet"]:disabled { color: $disabled; }
QPushButton[kind="link"] { border: 0; background: transparent; color: $accent; font-weight: 600; padding: 1dp 0;
  text-align: left; }
QPushButton[kind="link"]:hover, QPushButton[kind="link"]:focus { text-decoration: underline; }
QPushButton[kind="strong"] { font-weight: 600; }
QPushButton[kind="warn"] { background: $warn_soft; color: $warn; border: 1px solid $warn_soft; font-weight: 600; }
QPushButton[kind="danger"] { background: $danger_soft; color: $danger; border: 1px solid $danger_soft;
  font-weight: 600; }
QPushButton[kind="accent"] { background: $surface; color: $accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[kind="accent"]:hover { background: $accent_soft; }
QPushButton[kind="warn"]:focus, QPushButton[kind="danger"]:focus, QPushButton[kind="accent"]:focus {
  border: 1px solid $text; }
QPushButton[kind="closed"] { background: $sunken; color: $faint; border: 1px solid $line; }
QPushButton[kind="tab"] { border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: transparent;
  color: $soft; padding: 3dp 0 5dp 0; }
QPushButton[kind="tab"]:checked { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QPushButton[kind="tab"]:focus { color: $accent; }
QPushButton[kind="fold"] { background: $sunken; border: 1px solid $line; border-radius: 5px; color: $soft;
  padding: 0 8dp 2dp 8dp; font-weight: 700; }
QPushButton[kind="fold"]:hover, QPushButton[kind="fold"]:focus { border-color: $accent; }
QPushButton[kind="file"] { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 6dp 10dp;
  text-align: left; }

QLineEdit { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 6dp 9dp; color: $text;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus { border: 1px solid $accent; }
QLineEdit[kind="place"] { background: transparent; border: 1px solid transparent; padding: 1dp 3dp; }
QLineEdit[kind="place"]:hover, QLineEdit[kind="place"]:focus { background: $surface; border: 1px solid $line; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: transparent; border: 0; color: $text;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit[kind="place"] { border: 1px solid $line; border-radius: 8px; background: $surface; padding: 4dp; }
QPlainTextEdit[kind="place"]:focus { border: 1px solid $accent; }

QFrame[kind="notice"] { background: $accent_soft; border: 1px solid $accent_soft; border-radius: 8px; }
QFrame[kind="trouble"] { background: $warn_soft; border: 1px solid $warn_soft; border-radius: 8px; }
QFrame[kind="error"] { background: $danger_soft; border: 1px solid $danger_soft; border-radius: 8px; }
QFrame[kind="unknown"] { background: $surface; border: 1px dashed $accent; border-radius: 8px; }
QFrame[kind="today"] { background: $surface; border: 0; border-radius: 8px; }
QFrame[kind="toast"] { background: $text; border-radius: 8px; }
QFrame[kind="toast"] QLabel { color: $surface; }
QFrame[kind="toast"] QPushButton { background: transparent; border: 0; color: $surface; font-weight: 700;
  text-decoration: underline; padding: 2dp 6dp; }
QFrame[kind="toast"] QPushButton:focus { border: 1px solid $surface; }

QMenu { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 5dp; color: $text; }
QMenu::item { padding: 6dp 22dp 6dp 12dp; border-radius: 5px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4dp 6dp; }
QMenu::indicator { width: 12dp; height: 12dp; left: 4dp; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 32px; margin: 2px 2px 2px 2px; }
QScrollBar::handle:vertical:hover { background: $faint; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 3px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
