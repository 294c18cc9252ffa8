import numpy as np

from srviewer.export.findings import Finding, Kind
from srviewer.export.verification.listing import COLUMNS, ListedFindings, listed
from srviewer.export.verification.reproducing import Cause
from srviewer.pipeline.columns import SortOrder


def test_a_cause_is_listed_by_its_image_whatever_is_in_the_name():
    cause = Cause("day: 2/man: a.bmp", "has changed since out: 1 was made of it")
    found = listed(cause)
    assert (found.kind, found.name, found.what) == ("images", *cause)
    assert str(cause) == "day: 2/man: a.bmp: has changed since out: 1 was made of it"


def test_findings_sort_by_each_column_whatever_their_case():
    names = ["c", "B", "a", "D", "b", "E"]
    rows = [listed(Finding(Kind.EXTRA, name, "more", f"{name}{name}")) for name in names]
    findings = ListedFindings(rows)
    expected = sorted(range(len(names)), key=lambda row: names[row].casefold())
    for column in COLUMNS:
        order = SortOrder().of(column, findings, len(rows), descending=False).tolist()
        same = column.name in ("kind", "what", "found")
        assert order == (list(range(len(rows))) if same else expected), column.name
    assert np.array_equal(findings.ranks("name"), np.argsort(expected))
