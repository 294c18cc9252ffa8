"""Exports for each trainer that are killed at any moment, and conversions into them."""

import os
import sys
import time
from functools import partial
from pathlib import Path

from srviewer.export.converting import convert
from srviewer.export.options import Options
from srviewer.export.profiles import PROFILES
from srviewer.pipeline.recipe_file import to_toml
from tests.conftest import REPOSITORY
from tests.export.helpers import PROFILE_SHARE, kill_exports, recipe_for, run, without_place
from tests.fork_server import Server
from tests.photos import crop, save

KILLS = 12  # of each command
_SHARE = ["--validation-share", PROFILE_SHARE]


def check_killed(folder: Path, seed: int = 0) -> list[str]:
    """Kill exports and conversions for each trainer; return what is wrong."""
    if sys.platform != "linux":
        print("exports that are killed: not tried, processes are forked on Linux only")
        return []
    photos = folder / "photos"
    for number, x in enumerate((150, 250, 350)):
        save(crop("motorcycle", x, 150, 181, 170), photos / "a b" / f"{number}, it's.png")
    wrong = []
    (folder / "server").mkdir()
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with Server(folder / "server", environment) as server:
        for profile in PROFILES:
            begun = time.monotonic()
            try:
                _kill(server, photos, folder / profile, profile, seed)
            except (AssertionError, TimeoutError) as error:
                cause = str(error) or "other bytes, or not done"
                wrong.append(f"killed, for {profile}: {cause}")
            print(f"killed, for {profile}: {time.monotonic() - begun:.0f} s", flush=True)
    return wrong


def _kill(server: Server, photos: Path, folder: Path, profile: str, number: int) -> None:
    """Fail unless what was killed ends with the bytes of an undisturbed run."""
    options, recipe = Options(profile=profile, validation_share=PROFILE_SHARE), recipe_for(profile)
    run(photos, folder / "quiet", None, recipe, options=options)
    expected = without_place(folder / "quiet")
    named = folder / "recipe.toml"
    named.write_text(to_toml(recipe))
    for jobs in (1, 2):
        out = folder / f"jobs_{jobs}"
        words = ["export", photos, "--out", out, "--for", profile, "--recipe", named]
        words += [*_SHARE, "--jobs", jobs]
        begin = partial(server.start, words, REPOSITORY)
        kill_exports(begin, out, expected, KILLS, seed=f"{profile} {jobs} {number}")
    source, out = folder / "source", folder / "converted"
    of_split = PROFILES[profile].of_split
    plain = Options(validation_share=PROFILE_SHARE, **of_split)
    run(photos, source, "webdataset", recipe, options=plain)
    convert(source, folder / "whole", named={"profile": profile}, jobs=1)
    assert without_place(folder / "whole") == expected
    words = ["convert", source, "--out", out, "--for", profile, "--jobs", 2]
    begin = partial(server.start, words, REPOSITORY)
    kill_exports(begin, out, expected, KILLS, seed=f"{profile} converted {number}")
