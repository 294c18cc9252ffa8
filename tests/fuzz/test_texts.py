"""A sample of the damaged texts and SQLite files that ``make soak`` reads by the thousand."""

import pytest

from tests.fuzz.texts import Stage, quietly, readers, try_text


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage") / "top")


def test_damaged_texts_end_in_words_or_are_read(tmp_path):
    texts = readers()
    numbers = range(10 * len(texts))
    tried, wrong = quietly(
        lambda number: try_text(texts[number % len(texts)], number, tmp_path), numbers, 60
    )
    assert (tried, wrong) == (len(numbers), [])


# 43: the versions that it was made with are no text.
@pytest.mark.parametrize("numbers", [range(8), range(43, 44)])
def test_a_damaged_survey_file_ends_in_words_or_answers(stage, numbers):
    assert quietly(stage.try_survey, numbers, 60) == (len(numbers), [])


# 41: SQLite tells all of a text that is no Unicode; 71: so does what is wrong with a manifest.
@pytest.mark.parametrize("numbers", [range(5), range(41, 42), range(71, 72)])
def test_a_damaged_data_set_ends_in_words_or_is_gone_on_with(stage, numbers):
    assert quietly(stage.try_data_set, numbers, 60) == (len(numbers), [])
