"""``make soak``: random events, 200 images, memory, hostile input, and faults in turn.

``python -m tests.soak killed faults --seed 3 --every 12`` tries those two parts, with other random
numbers, and one of twelve cases where all of them take hours.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import Image
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from srviewer.gui.app import make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.window import MainWindow
from tests.soak.exporting import check_memory
from tests.soak.faulty_runs import check_faults
from tests.soak.fuzzing import FILES, check_damaged_images, check_damaged_texts, check_laws
from tests.soak.hostile import check_hostile
from tests.soak.killing import check_killed
from tests.soak.walk import Walker

EVENTS = 5000
IMAGES = 200

_errors: list[str] = []


def _remember(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    _errors.append(f"{kind.__name__}: {error}")


def _forward(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if "plugin does not support" not in message:  # the offscreen platform says so of all it lacks
        print(message, file=sys.stderr)


def _photographs(folder: Path, count: int) -> list[Path]:
    """Write `count` different cuts of scikit-image's photographs."""
    from skimage import data

    folder.mkdir(exist_ok=True)
    photographs = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        photograph = photographs[number % len(photographs)]
        height, width = photograph.shape[:2]
        y, x = random.integers(0, height - 200), random.integers(0, width - 260)
        path = folder / f"cut_{number:03d}.png"
        Image.fromarray(photograph[y : y + 200, x : x + 260]).save(path)
        paths.append(path)
    return paths


def _bad(folder: Path) -> list[Path]:
    text = folder / "text.png"
    text.write_text("no picture")
    flat = folder / "flat.png"
    Image.new("RGB", (300, 200), (128, 128, 128)).save(flat)
    small = folder / "small.png"
    Image.new("RGB", (5, 5)).save(small)
    return [text, flat, small, folder / "missing.png"]


def _resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _walk(folder: Path, seed: int) -> list[str]:
    images = _photographs(folder, 6) + _bad(folder)
    walker = Walker(images, folder / "pairs", seed)
    begun = time.monotonic()
    for number in range(EVENTS):
        walker.step()
        if (number + 1) % 500 == 0:
            wrong = len(_errors) + len(walker.faults)
            print(f"{number + 1} events, {time.monotonic() - begun:.0f} s, "
                  f"{_resident():.0f} MB, {wrong} errors", flush=True)  # fmt: skip
    walker.close()
    print("done:", ", ".join(f"{name[1:]} {count}" for name, count in sorted(walker.done.items())))
    QApplication.processEvents()
    # Python keeps a dummy for a Qt thread that has called it, also after its end.
    left = [one.name for one in threading.enumerate() if "Dummy" not in one.name][1:]
    return walker.faults + ([f"threads left: {left}"] if left else [])


def _open_many(folder: Path) -> list[str]:
    window = MainWindow()
    window.show()
    sizes = []
    for number, path in enumerate(_photographs(folder, IMAGES)):
        window.add_paths([path])
        wait_for_analysis(window)
        if number % 20 == 19:
            sizes.append(_resident())
            print(f"{number + 1} images, {sizes[-1]:.0f} MB", flush=True)
    window.close()
    QTest.qWait(200)
    growth = sizes[-1] - sizes[1]
    print(f"growth from image 40 to {IMAGES}: {growth:.0f} MB")
    return [f"memory grew by {growth:.0f} MB over {IMAGES - 40} images"] if growth > 60 else []


def _parts(folder: Path, seed: int, every: int) -> dict[str, Callable[[], list[str]]]:
    return {
        "walk": lambda: _walk(folder / "walk", seed),
        "window": lambda: _open_many(folder / "window"),
        "memory": lambda: check_memory(folder),
        "hostile": lambda: check_hostile(folder / "hostile", seed, every),
        "images": lambda: check_damaged_images(seed * FILES),
        "texts": lambda: check_damaged_texts(folder / "texts", seed),
        "laws": check_laws,
        "killed": lambda: check_killed(folder / "killed", seed),
        "faults": lambda: check_faults(folder / "faults", every),
    }


def main() -> int:
    """Run what is asked for and return 1 where anything was raised, leaked or grew."""
    parser = argparse.ArgumentParser("python -m tests.soak")
    parser.add_argument("parts", nargs="*", help=", ".join(_parts(Path(), 0, 1)))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="of so many cases one is tried")
    flags = parser.parse_args()
    qInstallMessageHandler(_forward)
    make_application(offscreen=True)
    sys.excepthook = _remember
    with tempfile.TemporaryDirectory() as name:
        parts = _parts(Path(name), flags.seed, flags.every)
        for part in flags.parts or parts:
            begun = time.monotonic()
            print(f"{part}: seed {flags.seed}, one of {flags.every}", flush=True)
            _errors.extend(parts[part]())
            print(f"{part}: {time.monotonic() - begun:.0f} s", flush=True)
    for error in _errors:
        print("error:", error)
    return 1 if _errors else 0


sys.exit(main())
