"""A data set written in another form is what an export in that form makes."""

import re
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import (
    ConflictError,
    ExportError,
    MisplacedError,
    NotADataSetError,
    OptionError,
)
from srviewer.export.converting import convert
from srviewer.export.options import Options
from srviewer.pipeline.progress import Progress
from tests.export.helpers import run, tree
from tests.export.test_profiles import NATIVE, SPLIT
from tests.photos import save


def test_it_says_what_a_trainer_lacks_and_names_no_file_that_is_not_there(whole, out):
    source = whole("bmp", Options(validation_share=SPLIT))
    state = convert(source, out, named={"profile": "srcnn-pytorch"}, jobs=1)
    assert [note for _, note in state.notes if "complete pictures, of which there will" in note]
    text = (out / "how-to-train.md").read_text()
    files = re.findall(r"\S+\.h5", text)
    assert files
    assert all(Path(one).is_file() for one in files)
    assert "It also wants `--eval-file`" in text


def test_choices_are_carried_over_and_may_be_named(photos, whole, out):
    source = whole("png", Options(max_pairs=15, validation_share=SPLIT, seed=3))
    convert(source, out, format="webp", jobs=1)
    run(
        photos,
        out.with_name("fresh"),
        "webp",
        options=Options(max_pairs=15, validation_share=SPLIT, seed=3),
    )
    assert tree(out) == tree(out.with_name("fresh"))
    source = whole("png", Options(max_per_image=4))
    convert(source, out.with_name("few"), format="webp", named={"max_pairs": 9}, jobs=1)
    run(photos, out.with_name("same"), "webp", options=Options(max_per_image=4, max_pairs=9))
    assert tree(out.with_name("few")) == tree(out.with_name("same"))


def test_it_goes_on_where_it_was_stopped_and_exports_go_on_from_it(photos, copies, whole, out):
    progress = Progress()
    stop = {"progress": progress, "on_state": lambda state: state.done and progress.cancel.set()}
    direct = whole("png", Options(layout="flat", validation_share=SPLIT))
    state = convert(whole("lmdb", Options(validation_share=SPLIT)), out, jobs=1,
                    format="png", named={"layout": "flat"}, **stop)  # fmt: skip
    assert state.cancelled
    assert state.in_set is None
    assert state.done < 3
    state = run(photos, out, None, options=Options(validation_share=SPLIT))
    assert 0 < state.already < 3
    assert tree(out) == tree(direct)


def test_what_cannot_be_converted_is_told(photos, whole, out, tmp_path):
    luma = whole("hdf5")
    with pytest.raises(OptionError, match="holds the brightness alone"):
        convert(luma, out, format="png")
    convert(luma, out, format="hdf5", named={"validation_share": SPLIT}, jobs=1)
    with pytest.raises(OptionError, match=r"not what neosr reads.*png or webp or lmdb"):
        convert(whole("png"), tmp_path / "x", format="bmp", named={"profile": "neosr"})
    with pytest.raises(OptionError, match="lr_layout = 'upscaled'"):
        convert(whole("png"), tmp_path / "x", named={"profile": "neosr"})
    for place in (out, out / "below", out.parent):
        with pytest.raises(MisplacedError, match="choose a folder beside"):
            convert(out, place)
    with pytest.raises(NotADataSetError):
        convert(photos, tmp_path / "x")
    run(photos, tmp_path / "there", "png", NATIVE)
    with pytest.raises(ConflictError, match="another recipe"):
        convert(whole("png"), tmp_path / "there", format="png")
    with pytest.raises(OptionError, match=r"whole = 'all'.* the pairs stay as they are"):
        convert(whole("png"), tmp_path / "x", named={"whole": "all"})
    assert not (tmp_path / "x").exists()


def test_a_damaged_pair_is_not_converted(photos, out):
    run(photos, out, "bmp")
    path = next((out / "lr" / "sub").glob("grass*"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    state = convert(out, out.with_name("new"), format="png", jobs=1)
    assert len(state.failures) == 1
    assert "other bytes than the export wrote" in state.failures[0].cause
    assert (state.exported, state.in_set) == (2, state.pairs)
    (out / "meta" / "motor.txt").unlink()
    with pytest.raises(ExportError, match="has no text file"):
        convert(out, out.with_name("newer"), format="png", jobs=1)


def test_an_image_without_pairs_is_carried_over_and_one_that_lost_some_is_told(copies, out):
    save(np.full((60, 60, 3), 99, np.uint8), copies / "flat.png")
    run(copies, out, "png")
    new, fresh = out.with_name("new"), out.with_name("fresh")
    assert convert(out, new, format="webp", jobs=1).exported == 4
    run(copies, fresh, "webp")
    assert tree(new) == tree(fresh)
    first, *rows = (out / "manifest.csv").read_text().splitlines(keepends=True)
    (out / "manifest.csv").write_text("".join([first, *rows[1:]]))
    (out / "checksums.sha256").unlink()
    pairs = sum(row.startswith("motor.png") for row in rows)
    with pytest.raises(ExportError, match=rf"motor\.png has {pairs - 1} of {pairs} pairs"):
        convert(out, out.with_name("newer"), format="webp", jobs=1)
