"""Columns of any table: what they write, and in which order rows stand."""

import csv
import io

import numpy as np
import pytest

from srviewer.pipeline.columns import Column, SortOrder, csv_of
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.window_columns import COLUMNS, columns_of
from tests.analyses import analysed_photo

VALUES = np.array([2.0, np.nan, -0.00001, 2.0, np.inf])
NUMBER = Column("n", "", lambda source: source, 1, 3, unit="px", unknown=("?", "nan"))
TEXT = Column("t", "", lambda source: source, text=lambda source, row: f"row, {row}")
SHOWN = Column("s", "", lambda source: source, header="")
NAMED = Column("x", "", lambda source: source, csv=lambda s, row: "c", header="y")


def test_a_csv_file_has_exact_numbers_texts_and_its_own_headers():
    text = csv_of((NUMBER, TEXT, SHOWN, NAMED), VALUES, np.array([3, 1, 2, 4]))
    assert list(csv.reader(io.StringIO(text))) == [
        ["n", "t", "y"],
        ["2.000", "row, 3", "c"],
        ["nan", "row, 1", "c"],
        ["0.000", "row, 2", "c"],
        ["inf", "row, 4", "c"],
    ]
    assert (NUMBER.heading, TEXT.heading) == ("N, px", "T")
    shown = [NUMBER.number(value) for value in VALUES]
    assert shown == ["2.0", "?", "0.0", "2.0", "\N{INFINITY}"]


def test_equal_rows_keep_their_order_and_unknown_ones_come_last():
    order = SortOrder()
    assert order.of(NUMBER, VALUES, 5, descending=False).tolist() == [2, 0, 3, 4, 1]
    assert order.of(NUMBER, VALUES, 5, descending=True).tolist() == [4, 0, 3, 2, 1]
    known = order.of(NUMBER, VALUES, 5, descending=True)
    assert order.of(NUMBER, VALUES, 5, descending=True) is known
    other = VALUES[::-1].copy()
    assert order.of(NUMBER, other, 5, descending=True).tolist() == [0, 1, 4, 2, 3]
    assert order.of(None, VALUES, 3, descending=False).tolist() == [0, 1, 2]
    assert order.of(None, VALUES, 3, descending=True).tolist() == [2, 1, 0]


@pytest.mark.parametrize("texture", ["sift", "canny"])
def test_the_columns_of_windows_are_what_is_known_of_them(texture):
    a = analysed_photo(texture=texture, keypoint_scope="image")
    columns = {column.name: column for column in columns_of(a.recipe)}
    assert ("edges" in columns) == (texture == "canny")
    edges = next(column for column in COLUMNS if column.name == "edges").values(a)
    if texture == "sift":
        assert np.isnan(edges).all()
    else:
        np.testing.assert_array_equal(edges, a.texture.values["canny"] * 100)
    for name, values in (
        ("x", a.windows.x), ("y", a.windows.y), ("keypoints", a.texture.keypoints),
        ("matches", a.patches.matches), ("psnr", a.quality.psnr), ("ssim", a.quality.ssim),
    ):  # fmt: skip
        np.testing.assert_array_equal(columns[name].values(a), values)
    ranks = columns["verdict"].values(a)
    best_first = np.argsort(ranks, kind="stable")
    words = [columns["verdict"].text(a, int(window)) for window in best_first]
    few = "few keypoints" if texture == "sift" else "few edges"
    seen = list(dict.fromkeys(words))
    assert seen == [word for word in ("kept", few, "outside the box") if word in seen]
    assert seen[0] == "kept"
    assert len(seen) > 1
    assert set(columns_of(Recipe(texture=texture))) == set(columns.values())
