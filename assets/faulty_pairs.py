"""Ten pairs of pieces of the sample: four are right, and each of the others has a fault.

``python assets/faulty_pairs.py FOLDER`` writes them to ``FOLDER/hr`` and ``FOLDER/lr``.
"""

import sys
from pathlib import Path

from PIL import Image, ImageEnhance

SAMPLE = Path(__file__).resolve().parent / "sample.png"
SCALE = 4
_SIZE = (480, 360)
_PLACES = tuple((20 + 200 * (number % 4), 20 + 190 * (number // 4)) for number in range(10))
WITH_BLOCK = "pair_08.png"


def write_faulty_pairs(folder: Path) -> tuple[Path, Path]:
    """Write the pairs, and return the folders of HR and of LR."""
    sample = Image.open(SAMPLE).convert("RGB")
    high, low = folder / "hr", folder / "lr"
    for side in (high, low):
        side.mkdir(parents=True)
    for number in range(10):
        name = f"pair_{number + 1:02d}.png"
        _piece(sample, number).save(high / name)
        _lr(sample, number).save(low / name)
    return high, low


def _piece(sample: Image.Image, number: int, right: int = 0, down: int = 0) -> Image.Image:
    x, y = _PLACES[number]
    return sample.crop((x + right, y + down, x + right + _SIZE[0], y + down + _SIZE[1]))


def _reduced(
    image: Image.Image, filter: Image.Resampling = Image.Resampling.BICUBIC
) -> Image.Image:
    return image.resize((_SIZE[0] // SCALE, _SIZE[1] // SCALE), filter)


def _lr(sample: Image.Image, number: int) -> Image.Image:
    """Return the LR of a pair, from number 4 on with a fault."""
    hr = _piece(sample, number)
    right = _reduced(hr)
    width, height = right.size
    match number:
        case 4:  # shifted by half an LR pixel
            return _reduced(_piece(sample, number, 2, 0))
        case 5:  # larger by 1 %
            x, y = (side * (1 - 1 / 1.01) / 2 for side in _SIZE)
            box = (x, y, _SIZE[0] - x, _SIZE[1] - y)
            return hr.resize((width, height), Image.Resampling.BICUBIC, box=box)
        case 6:
            return right.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        case 7:  # a block of its own, a little darker
            moved = _reduced(_piece(sample, number, -6, -4))
            block = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
            right.paste(moved.crop(block), block[:2])
            return ImageEnhance.Brightness(right).enhance(0.85)
        case 8:  # of another piece
            return _reduced(_piece(sample, 0))
        case 9:
            return _reduced(hr, Image.Resampling.NEAREST)
    return right


if __name__ == "__main__":
    write_faulty_pairs(Path(sys.argv[1]))
