from srviewer.export.verification.listing import listed
from srviewer.export.verification.reproducing import Cause


def test_a_cause_is_listed_by_its_image_whatever_is_in_the_name():
    cause = Cause("day: 2/man: a.bmp", "has changed since out: 1 was made of it")
    found = listed(cause)
    assert (found.kind, found.name, found.what) == ("images", *cause)
    assert str(cause) == "day: 2/man: a.bmp: has changed since out: 1 was made of it"
