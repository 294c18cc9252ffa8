"""Which layers are shown together: pure functions."""

import pytest

from srviewer.gui.state.layers import VIEW_BY_NAME, Layer, with_layer

BOX, KEPT, HEAT, AB = Layer.BOX, Layer.KEPT_WINDOWS, Layer.HEAT, Layer.COMPARISON
ALL, EVERY, REJECTED = Layer.ALL_MATCHES, Layer.EVERY_LINE, Layer.REJECTED_MATCHES


@pytest.mark.parametrize(
    ("before", "layer", "shown", "after"),
    [
        ({BOX}, HEAT, True, {BOX, HEAT}),
        ({BOX, AB}, HEAT, True, {BOX, HEAT}),  # one takes the place of the other
        ({BOX, HEAT}, AB, True, {BOX, AB}),
        ({BOX, HEAT}, HEAT, False, {BOX}),
        ({BOX, AB}, AB, False, {BOX, KEPT}),  # with the marks of the stage in its place
        ({BOX, KEPT, AB}, AB, False, {BOX, KEPT}),
        ({HEAT}, BOX, True, {BOX, HEAT}),
        ({BOX}, BOX, True, {BOX}),
        (set(), BOX, False, set()),
        ({BOX}, EVERY, True, {BOX, EVERY, ALL}),  # of no use without matches
        ({REJECTED}, EVERY, True, {REJECTED, EVERY}),
        ({ALL, EVERY}, EVERY, False, {ALL}),
    ],
)
def test_a_layer_comes_and_goes(
    before: set[Layer], layer: Layer, shown: bool, after: set[Layer]
) -> None:
    found = with_layer(frozenset(before), layer, shown, VIEW_BY_NAME["pairs"])
    assert found == after
