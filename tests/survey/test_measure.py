"""What the survey of one image measures, and what it holds meanwhile."""

import gc
from itertools import product

import numpy as np
import pytest

from srviewer.pipeline import textures
from srviewer.pipeline.analysis import analyse_file
from srviewer.pipeline.metrics import QualityMaps
from srviewer.pipeline.textures import TEXTURES
from srviewer.survey.measure import measure_image
from tests.photos import crop, save
from tests.survey.helpers import RECIPE


@pytest.fixture
def photo(tmp_path):
    return save(crop("motorcycle", 100, 150, 181, 130), tmp_path / "photo.png")


def test_each_level_is_what_an_analysis_finds(photo):
    content = measure_image(photo, RECIPE).content
    for texture, scope in product(TEXTURES, ("patch", "image")):
        found = analyse_file(photo, RECIPE.replace(texture=texture, keypoint_scope=scope)).texture
        pixels = RECIPE.patch**2 if found.measure.share else 1
        assert found.deciding.any()
        np.testing.assert_array_equal(
            content[f"{texture} {scope}"], np.rint(found.deciding * pixels)
        )


def test_the_edges_of_the_image_are_sought_once_and_without_the_maps(photo, monkeypatch):
    edges, whole = textures._edges, []

    def spy(grey, look):
        if grey is look.grey:
            gc.collect()
            whole.append(sum(isinstance(one, QualityMaps) for one in gc.get_objects()))
        return edges(grey, look)

    gc.collect()
    before = sum(isinstance(one, QualityMaps) for one in gc.get_objects())
    monkeypatch.setattr(textures, "_edges", spy)
    measure_image(photo, RECIPE)
    assert whole == [before]
