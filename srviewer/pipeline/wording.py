"""How counts are told."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return `count` with its noun, as ``1 keypoint`` or ``2 keypoints``.

    Parameters
    ----------
    count : int
    one : str
        The noun for one.
    many : str
        The noun for any other count; `one` with an s by default.
    """
    return f"{count} {one if count == 1 else many or one + 's'}"
