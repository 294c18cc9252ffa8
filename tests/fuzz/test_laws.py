"""A few examples of every law, always the same ones; ``make soak`` tries many others."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.fuzz.laws import LAWS, SLOW


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_what_holds_for_every_recipe_and_image(law):
    profile = settings.get_profile("tests")
    examples = profile.max_examples // (10 if law in SLOW else 1)
    settings(profile, max_examples=examples)(law)()
