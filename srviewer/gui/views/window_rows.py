"""The rows of the table of windows, and the view that shows them."""

from __future__ import annotations

class WindowsModel(QAbstractTableModel):
    """The windows of an analysis as rows; a cell becomes text only when it is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.analysis: Analysis | None = None
        self.windows = _NO_WINDOWS
        self.columns = columns_of(None)
        self.marks: dict[Verdict, QIcon] = {}
        self._values: list[Values] = []

    def show(self, a: Analysis | None, windows: Ints) -> None:
        """Show the windows with these numbers, in this order."""
        self.beginResetModel()
        self.analysis, self.windows, self.columns = a, windows, columns_of(a)
        self._values = [column.values(a) for column in self.columns] if a is not None else []
        self.endResetModel()

    def row_of(self, window: int) -> int | None:
        """Return the row that shows `window`, None where none does."""
        found = np.flatnonzero(self.windows == window)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return how many windows are shown."""
        return 0 if parent.isValid() else len(self.windows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the numbers and the verdict."""
        return 0 if parent.isValid() else len(self.columns) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        a = self.analysis
        if a is None or not index.isValid():
            return None
        window, column = int(self.windows[index.row()]), index.column()
        is_verdict = column == len(self.columns)
        if role == Qt.ItemDataRole.DisplayRole:
            if is_verdict:
                return VERDICT_WORDS[Verdict(int(a.patches.verdict[window]))]
            return self.columns[column].text(self._values[column][window])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if is_verdict else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole and is_verdict:
            return self.marks.get(Verdict(int(a.patches.verdict[window])))
        if role == Qt.ItemDataRole.ToolTipRole:
            return window_verdict(a, window)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column with its unit."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= len(self.columns):
            return None
        column = self.columns[section] if section < len(self.columns) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading if column else "Verdict"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.help if column else _VERDICT_HELP}\nclick to sort by it"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _View(QTableView):
    """`asked` tells a row that is clicked or entered while it is already the current one."""

    asked = Signal(int)
    copy_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("windows")
        self.setAccessibleName("Windows of the image")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setIconSize(QSize(_MARK, _MARK))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 5)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setSectionsClickable(True)
        columns.setSortIndicatorShown(True)
        columns.setSortIndicatorClearable(True)
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_width()

    def share_width(self) -> None:
        """Give the numbers columns of one width, and the verdict what is left."""
        wide = self.fontMetrics().horizontalAdvance("0")
        numbers = max(self.model().columnCount() - 1, 1)
        width = (self.viewport().width() - 20 * wide) // numbers
        self.horizontalHeader().setDefaultSectionSize(min(max(width, 10 * wide), 16 * wide))

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: to look through 100,000 rows for a digit helps nobody."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if wanted_here(event):
                event.accept()
                return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        before = self.currentIndex()
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at.isValid() and at.row() == before.row():
            self.asked.emit(at.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self.model().rowCount() - 1
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif plain and last >= 0 and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.selectRow(0 if event.key() == Qt.Key.Key_Home else last)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


