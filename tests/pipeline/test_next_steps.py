"""What a threshold one step on would keep, held against the analysis with that threshold."""

import pytest

from srviewer.pipeline.analysis import Analysis, refresh
from srviewer.pipeline.exclusions import Excluded, Window
from srviewer.pipeline.next_steps import next_steps
from srviewer.pipeline.recipe import KNOBS
from tests.analyses import analysed_photo


def changes(a: Analysis, key: str) -> list[tuple[object, int]]:
    """Return the same by two analyses."""
    knob, now, found = KNOBS[key], getattr(a.recipe, key), []
    for step in (-knob.step, knob.step):
        value = knob.kind(round(now + step, 9))
        if knob.low <= value <= knob.high:
            kept = refresh(a, a.recipe.replace(**{key: value}), a.excluded).patches.kept.sum()
            found.append((value, int(kept - a.patches.kept.sum())))
    return found


@pytest.mark.parametrize("least", [0, 5, 10])
def test_each_step_keeps_what_an_analysis_with_it_keeps(least: int) -> None:
    a = analysed_photo()
    x, y = a.windows.x[a.patches.kept][0], a.windows.y[a.patches.kept][0]
    out = Excluded(windows=frozenset({Window(int(x), int(y), a.windows.patch, a.recipe.scale)}))
    a = refresh(a, a.recipe.replace(min_keypoints=least, min_matches=1), out)
    assert a.patches.excluded.any()
    found = next_steps(a)
    assert set(found) == {"min_keypoints", "min_matches"}
    for key, steps in found.items():
        assert [(step.value, step.more) for step in steps] == changes(a, key)
    assert len(found["min_keypoints"]) == (1 if least == 0 else 2)
    assert any(step.more for steps in found.values() for step in steps)


def test_it_is_said_with_the_value_and_the_count() -> None:
    a = analysed_photo()
    down, up = next_steps(a)["min_keypoints"]
    assert down.words == f"at 9: {down.more} more"
    assert up.words == f"at 11: {-up.more} fewer"
    assert up._replace(more=0).words == "at 11: the same"
