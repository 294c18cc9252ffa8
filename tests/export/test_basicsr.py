"""BasicSR's own loader, where it is installed, with the lines that a data set tells it.

``pip install --no-deps basicsr`` beside torch, torchvision, PyYAML, scipy and requests.
"""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srviewer.export.how_to_train import HOW_TO_TRAIN
from srviewer.export.options import Options
from tests.export.helpers import PROFILE_SHARE, pixels, recipe_for, rows_of, run


@pytest.fixture(scope="module")
def loader() -> Any:
    """Return the class of pairs, with the name back that it looks for in torchvision."""
    functional = pytest.importorskip("torchvision.transforms.functional")
    sys.modules.setdefault("torchvision.transforms.functional_tensor", functional)
    reason = "BasicSR is not installed, or not with this torch"
    found = pytest.importorskip(
        "basicsr.data.paired_image_dataset", reason=reason, exc_type=ImportError
    )
    return found.PairedImageDataset


def told(out: Path) -> dict[str, Any]:
    import yaml

    text = (out / HOW_TO_TRAIN).read_text("utf-8")
    return yaml.safe_load("".join(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)))


def as_uint8(tensor: Any) -> bytes:
    return np.rint(tensor.numpy().transpose(1, 2, 0) * 255).astype(np.uint8).tobytes()


@pytest.mark.parametrize(("format", "listed"), [("png", False), ("png", True), ("lmdb", False)])
def test_its_loader_finds_each_pair_and_its_very_pixels(loader, tiny, tmp_path, format, listed):
    out, plain, recipe = tmp_path / "set", tmp_path / "plain", recipe_for("basicsr")
    options = Options(profile="basicsr", validation_share=PROFILE_SHARE)
    run(tiny, out, format, recipe, options=options)
    run(tiny, plain, "png", recipe)
    lines = told(out)
    found = []
    for phase in ("train", "val"):
        more = {"phase": phase, "scale": lines["scale"], "use_hflip": False, "use_rot": False}
        if listed:
            more["meta_info_file"] = str(
                out / f"{'train' if phase == 'train' else 'validation'}.txt"
            )
        data = loader(lines["datasets"][phase] | more)
        assert len(data)
        pairs = [data[number] for number in range(len(data))]
        found += [(as_uint8(pair["gt"]), as_uint8(pair["lq"])) for pair in pairs]
    expected = [
        tuple(pixels(plain / row[side]).tobytes() for side in ("hr", "lr"))
        for row in rows_of(plain)
    ]
    assert sorted(found) == sorted(expected)
