"""``make bench`` prints every figure beside what must hold."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks import aligning, exporting, pipeline, reading, surveying, window
from tests.benchmarks.measuring import large_image


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        photograph = large_image("desert_road.jpg", (1920, 1080), Path(folder))
        larger = large_image("circular_saw.jpg", (2725, 2225), Path(folder))
        for figure in reading.measure(photograph, Path(folder)):
            print(figure.line, flush=True)
        for figure in pipeline.measure(photograph):
            print(figure.line, flush=True)
        for figure in window.measure(photograph, larger):
            print(figure.line, flush=True)
        for figure in aligning.measure(photograph):
            print(figure.line, flush=True)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        for figure in exporting.measure(Path(folder)):
            print(figure.line, flush=True)
        for figure in surveying.measure(Path(folder)):
            print(figure.line, flush=True)


main()
