"""What `import srviewer` offers to notebooks and scripts."""

import ast
import doctest
import pydoc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import srviewer
from srviewer.errors import ReadError
from srviewer.pipeline.recipe import KNOBS, Recipe
from tests.analyses import assert_same
from tests.conftest import REPOSITORY
from tests.photos import as_source, crop, save

UNCHANGED = """
import os, signal, sys, threading, warnings
import numpy  # adds filters of its own
from PIL import Image as PillowImage

def state():
    return (
        dict(os.environ), PillowImage.MAX_IMAGE_PIXELS, list(warnings.filters),
        signal.getsignal(signal.SIGINT), threading.active_count(),
        sys.modules["cv2"].getNumThreads() if "cv2" in sys.modules else THREADS,
    )

PillowImage.MAX_IMAGE_PIXELS, THREADS = 5_000, 3
warnings.simplefilter("error")
before = state()
import srviewer
assert state() == before
import srviewer.pipeline.opencv
sys.modules["cv2"].setNumThreads(THREADS)
for path in sys.argv[1:]:
    srviewer.read_image(path)
    assert srviewer.analyse(path).complete
srviewer.export_pairs, srviewer.survey_images, srviewer.verify_data_set, srviewer.reproduce_data_set
assert state() == before, [(a, b) for a, b in zip(state(), before) if a != b]
print([name for name in sys.modules if name.split(".")[0] in ("PySide6", "pyqtgraph", "rich")])
"""


def test_the_examples_give_what_they_say() -> None:
    failed, tried = doctest.testmod(srviewer)
    assert (failed, tried > 10) == (0, True)


@pytest.mark.parametrize("own", [{}, {"QT_QPA_PLATFORM_PLUGIN_PATH": "/mine"}])
def test_using_it_loads_no_qt_and_leaves_the_process_as_it_was(environment, tmp_path, own) -> None:
    """Pillow's limit, the filters of warnings, OpenCV's threads, the settings of Qt, signals."""
    file = save(crop("motorcycle", 100, 150, 120, 110), tmp_path / "photo.png")
    done = subprocess.run(
        [sys.executable, "-c", UNCHANGED, str(file)],
        env=environment | own, cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_all_names_are_there_and_none_hides_a_package() -> None:
    assert dir(srviewer) == sorted(srviewer.__all__)
    assert all(getattr(srviewer, name) is not None for name in srviewer.__all__)
    modules = {path.stem for path in (REPOSITORY / "srviewer").iterdir()}
    assert not modules & set(srviewer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'analyze'"):
        srviewer.analyze  # noqa: B018


def test_type_checkers_are_told_the_same() -> None:
    assert (REPOSITORY / "srviewer" / "py.typed").is_file()
    stub = ast.parse((REPOSITORY / "srviewer" / "__init__.pyi").read_text())
    told = {
        alias.asname: f"{node.module}:{alias.name}".removeprefix("srviewer.")
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == srviewer._HOMES


def test_an_array_a_file_and_a_read_image_give_the_same(tmp_path: Path) -> None:
    image = as_source(crop("motorcycle", 100, 150, 120, 110))
    file = save(image.rgb, tmp_path / "photo.png")
    expected = srviewer.analyse(image, Recipe())
    for given in (image.rgb, file, str(file)):
        assert_same(srviewer.analyse(given), expected)
    assert srviewer.analyse(file).seconds["read"] > 0


@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 4), (40, 50, 3)])
def test_an_array_that_is_no_rgb_image_is_refused_with_what_it_is(shape) -> None:
    kind = np.float64 if shape[-1] == 3 else np.uint8
    with pytest.raises(ReadError, match=rf"array: {np.dtype(kind)} of shape .*allowed is uint8"):
        srviewer.analyse(np.zeros(shape, kind))


def test_recipes_and_analyses_say_what_they_are() -> None:
    assert repr(Recipe()) == "Recipe()"
    recipe = Recipe(crop="bounding", min_keypoints=3)
    assert eval(repr(recipe), {"Recipe": Recipe}) == recipe
    a = srviewer.analyse(crop("motorcycle", 100, 150, 200, 180), recipe)
    assert repr(a).startswith(f"<Analysis of array, {recipe!r}: pair 200 x 180 px; keypoints")
    assert f"patches {a.patches.kept.sum()} of {a.patches.candidates.sum()} kept>" in repr(a)
    table = a._repr_html_()
    assert table.count("<tr>") == len(a.seconds) == 10
    assert f"<td>matches</td><td>{len(a.matches)}</td>" in table
    assert "nothing has run" in repr(type(a)(a.image, recipe))
    assert repr(a.image) == "<SourceImage array, 200 x 180 px>"
    low = as_source(a.pair.lr)
    assert repr(a.image.with_lr(low)).endswith("px, LR <SourceImage photo.png, 50 x 45 px>>")


def test_the_help_of_a_recipe_says_what_each_knob_is() -> None:
    told = pydoc.plain(pydoc.render_doc(srviewer.Recipe))
    for name, knob in KNOBS.items():
        assert f"{name} : {knob.kind.__name__}" in told
        assert knob.help in told
        assert knob.allowed in told


def test_presets_are_the_same_for_all_that_use_them() -> None:
    with pytest.raises(TypeError):
        srviewer.PRESETS["article"] = Recipe(scale=2)  # type: ignore[index]
