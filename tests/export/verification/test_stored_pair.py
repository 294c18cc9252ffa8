"""The pair that a finding is about, read back in every format, and how findings are listed."""

import numpy as np
import pytest

from srviewer.export.findings import Finding, Kind
from srviewer.export.options import FORMATS
from srviewer.export.verification.listing import ListedFindings, Show, listed, shown_of
from srviewer.export.verification.reproducing import Cause, Difference
from srviewer.export.verification.stored_pair import stored_pair
from tests.export.helpers import rows_of


@pytest.mark.parametrize("format", FORMATS)
def test_a_pair_is_found_by_its_row_and_by_both_of_its_places(copy, format):
    out = copy(format)
    row = rows_of(out)[1]
    name = f"{row['image']} at x {row['x']}, y {row['y']}"
    pairs = [stored_pair(out, one) for one in (row["hr"], row["lr"], name)]
    for pair in pairs:
        assert pair.row.hr == row["hr"]
        assert pair.problems == ()
        assert pair.hr.dtype == pair.lr.dtype == np.uint8
        assert pair.hr.shape[2] == pair.lr.shape[2] == 3
        assert pair.hr.std() > 0
        assert (pair.hr == pairs[0].hr).all()
    assert stored_pair(out, "manifest.csv line 3").row == pairs[0].row
    assert stored_pair(out, "export.toml") is None
    (out / "manifest.csv").unlink()
    assert stored_pair(out, name) is None


def test_a_patch_that_cannot_be_read_is_told_and_the_other_is_there(copy):
    out = copy("png")
    row = rows_of(out)[0]
    (out / row["lr"]).write_bytes(b"no picture")
    pair = stored_pair(out, row["lr"])
    assert pair.lr is None
    assert pair.hr is not None
    assert len(pair.problems) == 1
    assert pair.problems[0].startswith("LR: ")


def test_findings_of_pairs_are_told_from_all_else():
    rows = ListedFindings(
        (
            listed(Finding(Kind.CHECKSUM, "lr/a_x00001_y00002.png", "other")),
            listed(Finding(Kind.CHECKSUM, "recipe.toml", "other")),
            listed(Finding(Kind.MANIFEST, "a.png at x 1, y 2", "psnr", "1", "2")),
            listed(Difference("hr/a_x00001_y00002.png", "other values")),
            listed(Cause("a.png", "not among the images that were given")),
        )
    )
    assert shown_of(rows, Show.PAIRS).tolist() == [True, False, True, True, False]
    assert shown_of(rows, Show.REST).tolist() == [False, True, False, False, True]
    assert shown_of(rows, Show.ALL).all()
    assert rows.findings[4].what == "not among the images that were given"
