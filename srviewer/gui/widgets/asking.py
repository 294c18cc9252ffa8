"""What dialogs have in common that do something with what a person answered."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from srviewer.errors import SrviewerError


class Asking(QObject):
    """Does what was asked for, and tells where that fails.

    Signals
    -------
    failed(message)
        Why it cannot be done.
    """

    failed = Signal(str)

    def attempt(self, what: Callable[[], object], name: str) -> bool:
        """Do `what` with the file or thing called `name`; tell whether that was done."""
        try:
            what()
        except SrviewerError as error:
            self.failed.emit(str(error))
        except OSError as error:
            self.failed.emit(f"{name}: {error.strerror or error}")
        else:
            return True
        return False
