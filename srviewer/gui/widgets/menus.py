"""What menus over lists and pictures have in common."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from srviewer.gui.state.excluding import Excluding


def add_choice(menu: QMenu, text: str, does: Callable[..., object], *, chosen: bool) -> QAction:
    """Return an entry of `menu` that is marked where it is `chosen`."""
    action = menu.addAction(text, does)
    action.setCheckable(True)
    action.setChecked(chosen)
    return action


def add_excluding(menu: QMenu, excluding: Excluding, *, image: bool = False) -> None:
    """Offer to exclude the windows that are meant, if any are, and the `image`, or to include."""
    if excluding.meant.count:
        menu.addAction(f"{excluding.windows_words}\tX", excluding.turn_windows)
    if image:
        menu.addAction(f"{excluding.image_words}\tShift+X", excluding.turn_image)
