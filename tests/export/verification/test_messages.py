"""What is said of a verification and a reproduction."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from srviewer.export.export_run import ExportState
from srviewer.export.findings import Check, Kind, VerifyState
from srviewer.export.verification import messages
from srviewer.export.verification.reproducing import Cause, Difference, Reproduced

OUT = Path("out")


def test_how_far_it_is():
    state = VerifyState(out=OUT, pairs=1200, done=300, seconds=3.0, seconds_left=9.0)
    assert messages.going(state) == "300 of 1,200 pairs, 100 pairs/s, 9 s left"
    wrong = replace(state, wrong=Counter({Kind.HR: 1000, Kind.LR: 2}))
    assert messages.going(wrong) == "300 of 1,200 pairs, 100 pairs/s, 9 s left, 1,002 wrong"
    export = ExportState(out=OUT, images=5, done=2, pairs=90, seconds=3.0)
    assert messages.going(export) == "2 of 5 images, 30 pairs/s"


def test_what_was_compared_and_what_was_not():
    state = VerifyState(out=OUT, checked=Counter({Check.READ: 9, Check.MEASURED: 2}))
    assert messages.compared(state) == ""
    told = messages.not_checked(replace(state, not_found=("a", "b", "c"), not_in_set=tuple("defg")))
    assert told[0].startswith("texts, lists")
    assert told[1].startswith("7 pairs: PSNR and SSIM")
    assert told[-2:] == [
        "3 images are not among those given: a, b, c",
        "4 given images that the data set does not have: d, e, f, ...",
    ]
    state = VerifyState(out=OUT, checksums=True, checked=Counter({Check.COMPARED: 1}))
    assert messages.compared(state) == "compared with what the images give: 1 pair"
    assert messages.not_checked(state) == []


@pytest.mark.parametrize(
    ("only_bytes", "words"),
    [
        ((), "every byte is the same"),
        ((True,), "the values are the same, the bytes of 1 file are not"),
        ((True, True), "the values are the same, the bytes of 2 files are not"),
        ((True, False), "not the same, 2 differences"),
    ],
)
def test_what_came_of_making_it_again(only_bytes, words):
    export = ExportState(out=OUT, images=3, with_pairs=2, pairs=7, seconds=2.0)
    found = tuple(Difference("a", "other", one) for one in only_bytes)
    done = Reproduced(OUT, None, export, 4, 2000, found, (), ("OpenCV 4.9 there, 5.0 here",))
    assert f": {words} (4 files, " in messages.reproduced(done)
    versions = ["another version: OpenCV 4.9 there, 5.0 here"]
    assert messages.causes(done) == versions
    two = replace(done, causes=(Cause("a", "is missing"), Cause("b", "has changed")))
    likely = "a likely cause: 2 images are missing or have changed, each is named above"
    assert messages.causes(two) == ([likely] if found else []) + versions
