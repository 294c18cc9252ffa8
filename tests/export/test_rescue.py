"""An export of a pair of which a part lies elsewhere writes the windows that lie right."""

import csv
from pathlib import Path

import numpy as np
import pytest

from srviewer.cli import main
from srviewer.commands.outcomes import DONE
from srviewer.export.findings import Kind
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from tests.export.helpers import rows_of, run, tree
from tests.given import BLOCK_RECIPE, lies_in_block, pair_with_block
from tests.photos import save

ALIGNED = BLOCK_RECIPE
ALL = ALIGNED.replace(keep_windows="all")


@pytest.fixture(scope="module")
def sides(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("block")
    hr, lr = pair_with_block()
    return save(hr, folder / "hr" / "a.png").parent, save(lr, folder / "lr" / "a.png").parent


@pytest.fixture(scope="module")
def sets(sides, tmp_path_factory) -> dict[str, Path]:
    high, low = sides
    made = {"all": ALL, "aligned": ALIGNED}
    found = {name: tmp_path_factory.mktemp(name) / "out" for name in made}
    for name, out in found.items():
        assert run(high, out, recipe=made[name], lr=low).failures == ()
    return found


def windows_of(out: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = rows_of(out)
    return lies_in_block(*(np.array([int(row[one]) for row in rows]) for one in "xy"), 48)


def test_no_pair_lies_in_the_block_and_nearly_all_others_are_there(sets):
    (inside, outside), (kept_inside, kept_outside) = map(windows_of, sets.values())
    assert inside.sum() > 10
    assert not kept_inside.any()
    assert kept_outside.sum() > 0.9 * outside.sum()


def test_the_manifest_tells_what_align_tells(sets, sides, tmp_path):
    file = tmp_path / "windows.csv"
    flags = ["--windows", str(file), "--patch", "48", "--stride", "16", "--json"]
    assert main(["align", str(sides[0] / "a.png"), str(sides[1] / "a.png"), *flags]) == DONE
    with open(file, newline="", encoding="utf-8") as lines:
        told = {(row["x"], row["y"]): row for row in csv.DictReader(lines)}
    for out in sets.values():
        for row in rows_of(out):
            there = told[row["x"], row["y"]]
            assert row["verdict"] == there["verdict"]
            for off in ("dx", "dy", "u95"):
                assert float(row[off]) == pytest.approx(float(there[off]), abs=6e-4, nan_ok=True)
    assert {row["verdict"] for row in rows_of(sets["aligned"])} == {"aligned"}
    assert {"aligned", "moved"} <= {row["verdict"] for row in rows_of(sets["all"])}


def test_it_is_reproduced_and_verified(sets, sides):
    high, low = sides
    assert reproduce(sets["aligned"], [high], lr=low, jobs=1).same
    found: list[object] = []
    verify(sets["aligned"], images=[high], lr=low, jobs=1, on_finding=found.append)
    assert found == []


@pytest.mark.parametrize("format", ["lmdb", "webdataset"])
def test_a_container_tells_the_same(sets, sides, out, format):
    high, low = sides
    run(high, out, format, ALIGNED, lr=low)
    columns = ("x", "y", "verdict", "dx", "dy", "u95")
    mine, wanted = (
        [[row[one] for one in columns] for row in rows_of(one)] for one in (out, sets["aligned"])
    )
    assert mine == wanted


def test_a_set_without_its_run_file_is_taken_over(sets, sides, out):
    high, low = sides
    run(high, out, recipe=ALIGNED, lr=low)
    before = tree(out)
    next(out.glob(".srviewer*")).unlink()
    assert run(high, out, recipe=ALIGNED, lr=low).already == 1
    assert tree(out) == before


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (",aligned,", ",moved,", "verdict"),
        (",aligned,", ",,", "verdict, dx, dy, u95"),
        (",aligned,", ",aligned,x", "dx"),
    ],
)
def test_a_row_that_no_such_export_writes_is_found(sets, sides, out, old, new, what):
    high, low = sides
    run(high, out, recipe=ALIGNED, lr=low)
    manifest = out / "manifest.csv"
    manifest.write_text(manifest.read_text().replace(old, new, 1))
    found = []
    verify(out, jobs=1, on_finding=found.append)
    assert what in {one.what for one in found if one.kind is Kind.MANIFEST}
