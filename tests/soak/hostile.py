"""Every name of a data set in turn as a stranger may have planted it; nothing outside changes."""

import contextlib
import io
import random
from pathlib import Path

from tests.export.hostile import Stage


def check_hostile(folder: Path, seed: int = 0, every: int = 1) -> list[str]:
    """Try every case, or one of so many; return what is wrong."""
    wrong: list[str] = []
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        stage = Stage(folder)
        cases = stage.cases()
        cases = random.Random(seed).sample(cases, len(cases) // every)
        for case in cases:
            said.truncate(said.seek(0))
            try:
                stage.try_out(case)
            except Exception as error:
                wrong.append(f"{case}: {type(error).__name__}: {error}")
    print(f"hostile folders: {len(cases)} cases, {len(wrong)} wrong", flush=True)
    return wrong
