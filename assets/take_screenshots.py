"""Takes the README's screenshots of the window as it is now, without a display."""

from __future__ import annotations

from pathlib import Path

from srviewer.cli import main

_HERE = Path(__file__).resolve().parent
_SAMPLE = _HERE / "sample.png"
_STAGES = ("consistent", "patches")
_SIZE = "1440x900"


def take() -> None:
    """Write a screenshot of each stage that the README shows."""
    folder = _HERE / "screenshots"
    folder.mkdir(exist_ok=True)
    for stage in _STAGES:
        out = folder / f"{stage}.png"
        if main(["snapshot", str(_SAMPLE), str(out), "--size", _SIZE, "--stage", stage]) != 0:
            raise SystemExit(f"{out} could not be taken")
        print(out.relative_to(_HERE.parent))


if __name__ == "__main__":
    take()
