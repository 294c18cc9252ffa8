"""A few examples of every law, always the same ones; ``make soak`` tries many others."""

import pytest

from tests.fuzz.laws import LAWS, hold


@pytest.mark.parametrize("law", list(LAWS), ids=lambda law: law.__name__)
def test_what_holds_for_every_recipe_and_image(law):
    hold(law, "tests")
