"""A sample of the damaged files that ``make soak`` reads by the thousand."""

from collections import Counter

from srviewer.pipeline.formats.kinds import kind_of
from tests.fuzz.images import case, seeds, try_out
from tests.pipeline.formats.test_kinds import READ

TRIED = 224


def test_damage_ends_in_words_or_in_pixels_and_never_silently_where_there_are_checksums(tmp_path):
    wrong, endings = [], Counter()
    for number in range(TRIED):
        one = case(number)
        outcome = try_out(one, tmp_path)
        endings[outcome.ending] += 1
        if outcome.wrong:
            wrong.append((number, one.seed.name, one.mutation, outcome))
    assert not wrong
    assert endings["refused"] > TRIED / 3
    assert min(endings[ending] for ending in ("the same", "other pixels")) > TRIED / 20


def test_every_format_takes_its_turn():
    kinds = {seed.format: kind_of(seed.data, seed.suffix) for seed in seeds()}
    assert {kind: kind for kind in kinds} == kinds
    assert {case(number).seed.format for number in range(len(kinds))} == kinds.keys()
    assert kinds.keys() > READ.keys() - {"AVIF"}  # not in every Pillow
