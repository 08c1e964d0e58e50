"""The part of the style sheet that dialogs and settings need. Everything is selected by the property ``role``."""

from inbox.ui.tokens import colors, px


def sheet() -> str:
    """The rules, from the tokens of now."""
    return "\n".join((_texts(), _frames(), _buttons(), _editors(), _notices()))


def _texts() -> str:
    c = colors()
    return f"""
QLabel[role="title"] {{ color: {c.text}; font-size: {px(17)}px; font-weight: 600; }}
QLabel[role="huge"] {{ color: {c.text}; font-size: {px(24)}px; font-weight: 600; }}
QLabel[role="section"] {{ color: {c.text}; font-size: {px(15)}px; font-weight: 600; }}
QLabel[role="strong"] {{ color: {c.text}; font-size: {px(13)}px; font-weight: 600; }}
QLabel[role="text"] {{ color: {c.text}; font-size: {px(13)}px; }}
QLabel[role="soft"] {{ color: {c.soft}; font-size: {px(13)}px; }}
QLabel[role="label"] {{ color: {c.soft}; font-size: {px(12)}px; font-weight: 600; }}
QLabel[role="hint"] {{ color: {c.soft}; font-size: {px(12)}px; }}
QLabel[role="error"] {{ color: {c.danger}; font-size: {px(12)}px; font-weight: 500; }}
QLabel[role="ok"] {{ color: {c.ok}; font-size: {px(13)}px; font-weight: 500; }}
QLabel[role="warn"] {{ color: {c.warn}; font-size: {px(13)}px; font-weight: 500; }}
QLabel[role="accent"] {{ color: {c.accent}; font-size: {px(13)}px; font-weight: 600; }}
QLabel[role="key"] {{ color: {c.soft}; background: {c.sunken}; border: 1px solid {c.line};
    border-radius: {px(5)}px; padding: {px(1)}px {px(6)}px; font-size: {px(11)}px; font-weight: 600; }}
QLabel[role="dots"] {{ color: {c.accent}; font-size: {px(15)}px; }}
"""


def _frames() -> str:
    c = colors()
    return f"""
QDialog[role="dialog"] {{ background: {c.surface}; }}
QWidget[role="window"] {{ background: {c.bg}; }}
QScrollArea[role="page"], QWidget[role="page"] {{ background: transparent; border: none; }}
QFrame[role="card"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {px(12)}px; }}
QFrame[role="chosen"] {{ background: {c.selected}; border: 1px solid {c.accent}; border-radius: {px(12)}px; }}
QLabel[role="avatar"] {{ background: {c.accent_soft}; color: {c.accent}; border-radius: {px(20)}px;
    font-size: {px(13)}px; font-weight: 700; }}
QFrame[role="well"] {{ background: {c.sunken}; border: 1px solid {c.line}; border-radius: {px(12)}px; }}
QFrame[role="popup"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {px(12)}px; }}
QFrame[role="preview"] {{ background: {c.outgoing}; border: none; border-radius: {px(12)}px; }}
QFrame[role="hairline"] {{ background: {c.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[role="upright"] {{ background: {c.line}; border: none; max-width: 1px; min-width: 1px; }}
QListView[role="rows"] {{ background: transparent; border: none; outline: none; }}
QTextBrowser[role="reading"] {{ background: transparent; border: none; color: {c.text}; font-size: {px(13)}px; }}
QProgressBar {{ background: {c.sunken}; border: none; border-radius: {px(3)}px; max-height: {px(6)}px;
    min-height: {px(6)}px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: {px(3)}px; }}
"""


def _buttons() -> str:
    c = colors()
    return f"""
QPushButton[role] {{ font-size: {px(13)}px; font-weight: 500; border-radius: {px(8)}px;
    padding: {px(7)}px {px(14)}px; }}
QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent}; border: 1px solid {c.accent};
    font-weight: 600; }}
QPushButton[role="primary"]:hover {{ border-color: {c.text}; }}
QPushButton[role="primary"]:disabled {{ background: {c.sunken}; color: {c.faint}; border-color: {c.line}; }}
QPushButton[role="plain"] {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.line}; }}
QPushButton[role="plain"]:hover {{ background: {c.sunken}; }}
QPushButton[role="plain"]:disabled {{ color: {c.faint}; }}
QPushButton[role="quiet"] {{ background: transparent; color: {c.accent}; border: 1px solid transparent;
    padding: {px(7)}px {px(10)}px; }}
QPushButton[role="quiet"]:hover {{ background: {c.accent_soft}; }}
QPushButton[role="quiet"]:disabled {{ color: {c.faint}; }}
QPushButton[role="danger"] {{ background: {c.surface}; color: {c.danger}; border: 1px solid {c.danger}; }}
QPushButton[role="danger"]:hover {{ background: {c.danger_soft}; }}
QPushButton[role="quiet-danger"] {{ background: transparent; color: {c.danger}; border: 1px solid transparent; }}
QPushButton[role="quiet-danger"]:hover {{ background: {c.danger_soft}; }}
QPushButton[role="primary"]:focus, QPushButton[role="plain"]:focus, QPushButton[role="quiet"]:focus,
QPushButton[role="danger"]:focus, QPushButton[role="quiet-danger"]:focus, QPushButton[role="big"]:focus,
QPushButton[role="segment"]:focus, QPushButton[role="place"]:focus {{ border: {px(2)}px solid {c.accent}; }}
QPushButton[role="primary"]:focus, QPushButton[role="plain"]:focus, QPushButton[role="danger"]:focus {{
    padding: {px(7) - px(2) + 1}px {px(14) - px(2) + 1}px; }}
QPushButton[role="quiet"]:focus, QPushButton[role="quiet-danger"]:focus {{
    padding: {px(7) - px(2) + 1}px {px(10) - px(2) + 1}px; }}
QPushButton[role="big"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {px(12)}px;
    padding: 0; text-align: left; }}
QPushButton[role="big"]:hover {{ background: {c.selected}; border-color: {c.accent}; }}
QFrame[role="segments"] {{ background: {c.sunken}; border: 1px solid {c.line}; border-radius: {px(8)}px; }}
QPushButton[role="segment"] {{ background: transparent; color: {c.soft}; border: 1px solid transparent;
    border-radius: {px(6)}px; padding: {px(5)}px {px(14)}px; }}
QPushButton[role="segment"]:checked {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.line};
    font-weight: 600; }}
QPushButton[role="segment"]:focus {{ padding: {px(5) - px(2) + 1}px {px(14) - px(2) + 1}px; }}
QPushButton[role="place"] {{ background: transparent; color: {c.soft}; border: 1px solid transparent;
    text-align: left; padding: {px(8)}px {px(10)}px; }}
QPushButton[role="place"]:hover {{ color: {c.text}; background: {c.surface}; }}
QPushButton[role="place"]:checked {{ background: {c.surface}; color: {c.text}; font-weight: 600; }}
QPushButton[role="place"]:focus {{ padding: {px(8) - px(2) + 1}px {px(10) - px(2) + 1}px; }}
"""


def _editors() -> str:
    c = colors()
    return f"""
QWidget[role="dialog"] QLineEdit, QWidget[role="window"] QLineEdit, QWidget[role="dialog"] QPlainTextEdit,
QWidget[role="window"] QPlainTextEdit, QWidget[role="dialog"] QSpinBox, QWidget[role="window"] QSpinBox,
QWidget[role="dialog"] QDateTimeEdit,
QWidget[role="dialog"] QComboBox, QWidget[role="window"] QComboBox {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.disabled}; border-radius: {px(8)}px;
    padding: {px(6)}px {px(10)}px; font-size: {px(13)}px; selection-background-color: {c.accent};
    selection-color: {c.on_accent}; placeholder-text-color: {c.faint}; }}
QWidget[role="dialog"] QLineEdit:focus, QWidget[role="window"] QLineEdit:focus,
QWidget[role="dialog"] QPlainTextEdit:focus, QWidget[role="window"] QPlainTextEdit:focus,
QWidget[role="dialog"] QSpinBox:focus, QWidget[role="window"] QSpinBox:focus,
QWidget[role="dialog"] QDateTimeEdit:focus,
QWidget[role="dialog"] QComboBox:focus, QWidget[role="window"] QComboBox:focus {{
    border: {px(2)}px solid {c.accent}; padding: {px(6) - px(2) + 1}px {px(10) - px(2) + 1}px; }}
QWidget[role] QLineEdit[wrong="true"], QWidget[role] QPlainTextEdit[wrong="true"], QWidget[role] QSpinBox[wrong="true"],
QWidget[role] QLineEdit[wrong="true"]:focus, QWidget[role] QPlainTextEdit[wrong="true"]:focus,
QWidget[wrong="true"] {{ border: {px(2)}px solid {c.danger}; }}
QLineEdit:read-only {{ background: {c.sunken}; color: {c.soft}; }}
QLineEdit[role="seek"] {{ border: none; background: transparent; color: {c.text}; font-size: {px(15)}px;
    padding: {px(4)}px; }}
QLineEdit[role="seek"]:focus {{ border: none; padding: {px(4)}px; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{ border: none; background: transparent; width: {px(26)}px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.line};
    selection-background-color: {c.selected}; selection-color: {c.text}; outline: none; padding: {px(4)}px; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; background: transparent; width: {px(20)}px; }}
QSpinBox::up-arrow, QSpinBox::down-arrow {{ image: none; }}
"""


def _notices() -> str:
    c = colors()
    kinds = {
        "danger": (c.danger, c.danger_soft),
        "warn": (c.warn, c.warn_soft),
        "ok": (c.ok, c.ok_soft),
        "plain": (c.text, c.sunken),
    }
    return "\n".join(
        f"""QFrame[role="notice-{name}"] {{ background: {back}; border: none; border-radius: {px(8)}px; }}
QFrame[role="notice-{name}"] QLabel {{ background: transparent; }}
QFrame[role="notice-{name}"] QLabel[role="strong"] {{ color: {front}; }}"""
        for name, (front, back) in kinds.items()
    )
