"""The tables of a run file, and what a row of them is."""

from typing import NamedTuple

from srviewer.errors import ExportError
from srviewer.export.manifest import LYING, GivenRow, ImageText, Row
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.database import Kind
from srviewer.runs.marks import FileMark

UNKNOWN = -1  # size and time of an image whose content alone is known

# Names are bytes, since they need not be text; as these bytes they sort as Python's strings do.
LYING_COLUMN = "lying TEXT NOT NULL DEFAULT ''"
_TABLES = f"""
CREATE TABLE about (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    stem BLOB NOT NULL,
    bytes INTEGER,
    mtime_ns INTEGER,
    sha256 TEXT,
    kept INTEGER NOT NULL DEFAULT 0,
    waits INTEGER NOT NULL DEFAULT 0,
    versions TEXT NOT NULL DEFAULT '{{}}',
    text BLOB
);
CREATE TABLE pair (
    image INTEGER NOT NULL REFERENCES image,
    y INTEGER NOT NULL,
    x INTEGER NOT NULL,
    hr BLOB NOT NULL,
    lr BLOB NOT NULL,
    keypoints INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    psnr TEXT NOT NULL,
    ssim TEXT NOT NULL,
    {LYING_COLUMN},
    sha256_hr BLOB,
    sha256_lr BLOB,
    dropped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (image, y, x)
) WITHOUT ROWID
"""
KIND = Kind("run file", 0x73725278, 1, _TABLES, ExportError)  # "srRx"
# Rows of it that no export has written, as the columns of SQLite take values of any type.
WRONG = (
    "about WHERE typeof(value) != 'text'",
    "image WHERE typeof(name) || typeof(stem) != 'blobblob' OR typeof(versions) != 'text' "
    "OR typeof(kept) || typeof(waits) != 'integerinteger' "
    "OR sha256 IS NOT NULL AND typeof(sha256) || typeof(bytes) || typeof(mtime_ns) "
    "!= 'textintegerinteger' OR typeof(text) NOT IN ('blob', 'null')",
    "pair WHERE typeof(y) || typeof(x) || typeof(keypoints) || typeof(matches) "
    "!= 'integerintegerintegerinteger' OR typeof(hr) || typeof(lr) != 'blobblob' "
    "OR typeof(psnr) || typeof(ssim) || typeof(lying) != 'texttexttext' "
    "OR typeof(sha256_hr) NOT IN ('blob', 'null') OR typeof(sha256_lr) NOT IN ('blob', 'null')",
)


class Pair(NamedTuple):
    """A pair as the run file has it; `hr` and `lr` are its files, or equal keys until packed.

    `lying` is what the manifest tells of how the window of a given pair lies, its cells one after
    the other.
    """

    y: int
    x: int
    hr: str
    lr: str
    keypoints: int
    matches: int
    psnr: str
    ssim: str
    lying: str = ""
    sha256_hr: bytes | None = None
    sha256_lr: bytes | None = None

    def row(self, image: str, recipe: Recipe, told: ImageText | None = None) -> Row:
        """Return its row in the manifest; `told` is what the text of its image tells.

        Without it the LR was made, and the pair shows a window.
        """
        whole = told.whole if told else None
        size = map(str, whole.size if whole else (recipe.patch, recipe.patch))
        figures = (str(self.keypoints), str(self.matches), self.psnr, self.ssim)
        where = (image, self.hr, self.lr, str(self.x), str(self.y))
        cells = (*where, *size, str(recipe.scale), *figures)
        if not (told and told.lr_image):
            return Row(*cells)
        lying = self.lying.split() or [""] * len(LYING)
        return GivenRow(*cells, told.lr_image, *lying)


class Known(NamedTuple):
    """What the run file has of an image.

    Attributes
    ----------
    name, stem : str
    mark : FileMark, optional
        None where the image was begun and is not done.
    kept, pairs : int
        Its pairs when it was done, and those of them that are in the data set.
    waits : bool
        Whether they wait to be packed.
    """

    name: str
    stem: str
    mark: FileMark | None
    kept: int
    pairs: int
    waits: bool

    @property
    def content(self) -> str:
        """What tells its content: the same for copies, its name where it is not known."""
        return (self.mark.sha256 if self.mark else "") or self.name
