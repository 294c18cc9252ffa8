import pytest

from srviewer.pipeline.reading import READING
from srviewer.runs.versions import VERSIONS, other_libraries, reads_otherwise


def test_what_has_no_number_was_read_in_the_first_way():
    assert not reads_otherwise(VERSIONS)
    assert VERSIONS["reading"] == str(READING) != "1"
    without = {name: version for name, version in VERSIONS.items() if name != "reading"}
    assert reads_otherwise(without)
    assert reads_otherwise({})
    assert reads_otherwise(VERSIONS | {"reading": "1, 2"})


@pytest.mark.parametrize("library", ["OpenCV", "Pillow", "numpy"])
def test_other_libraries_are_named(library):
    assert other_libraries(VERSIONS) == other_libraries({}) == ""
    words = other_libraries(VERSIONS | {library: "0.1", "srviewer": "0.0.1"})
    assert words.endswith(f"in the last bit: {library} 0.1 there, {VERSIONS[library]} here")
