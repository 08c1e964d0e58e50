"""Lucide's icons in a token's colour. QtSvg is loaded with the first icon, after the first paint."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap

from inbox.i18n import resource_path
from inbox.ui import tokens


@lru_cache(maxsize=256)
def _svg(name: str) -> str:
    return resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _drawn(name: str, color: str, size: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # not needed for the first paint

    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", color).encode()))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def pixmap(name: str, color: str = "", size: int = 16) -> QPixmap:
    """An icon as a picture, in a colour (the soft text colour unless said), for the sharpest screen there is."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return _drawn(name, color or tokens.colors().soft, tokens.px(size), ratio)


def icon(name: str, color: str = "", size: int = 16) -> QIcon:
    """An icon for a button or a menu. ``name`` is a file of ``resources/icons``."""
    shown = QIcon(pixmap(name, color, size))
    shown.addPixmap(pixmap(name, tokens.colors().disabled, size), QIcon.Mode.Disabled)
    return shown
