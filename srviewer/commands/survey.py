"""``srviewer survey``: what a recipe makes of a whole image set, and which threshold to take."""

import argparse
import threading
from functools import partial

from srviewer.commands.common_flags import (
    add_exclude_flag,
    add_worker_flags,
    exclusions_of,
    followed,
    tell_strangers,
)
from srviewer.commands.flag_types import number, path
from srviewer.commands.lr_flags import add_lr_flags, at_scale_of_pairs, given_lr
from srviewer.commands.outcomes import deliver, deliver_summary, run_code
from srviewer.commands.recipe_flags import add_flag, add_recipe_flags, given, usable_recipe
from srviewer.errors import shown_path
from srviewer.export.options import OPTIONS, USUAL_FORMAT, Options, resolve
from srviewer.streams import tell
from srviewer.wording import counted

_CHOSEN = ("profile", "max_per_image", "max_pairs", "validation_share", "whole", "seed")

HELP = "count the pairs of a whole image set, for any threshold"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=path, metavar="INPUT", help="image or folder")
    parser.add_argument(
        "--file",
        type=path,
        metavar="F",
        help="where the survey is kept; default: .srviewer-survey.sqlite in the folder, else in "
        "the cache",
    )
    parser.add_argument(
        "--pairs", type=number, metavar="N", help="suggest a threshold that gives so many pairs"
    )
    add_lr_flags(parser)
    add_exclude_flag(parser)
    add_worker_flags(parser)
    parser.add_argument(
        "--retry-failed", action="store_true", help="try images again that failed before"
    )
    sizes = parser.add_argument_group("what an export would choose", "for the sizes on disk alone")
    for name in _CHOSEN:
        add_flag(sizes, OPTIONS[name])
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the summary as a JSON object")
    form.add_argument("--csv", action="store_true", help="a line of CSV for each image instead")
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Survey, with progress on stderr and a summary on stdout."""
    from srviewer.commands.survey_report import print_images, print_survey_summary, survey_summary
    from srviewer.survey.default_file import default_file
    from srviewer.survey.runner import SurveyState, survey
    from srviewer.survey.whole_set import load
    from srviewer.terminal import RunReport

    chosen = Options(**given(options, {name: OPTIONS[name] for name in _CHOSEN}))
    recipe, exclusions, lr = usable_recipe(options), exclusions_of(options), given_lr(options)
    recipe = at_scale_of_pairs(options, recipe, cancel)
    resolve(USUAL_FORMAT, chosen, recipe)  # raises where the choices exclude each other
    file = options.file or default_file(options.inputs)
    progress = RunReport[SurveyState]("surveying", lambda state: counted(state.windows, "window"))
    with progress as report:
        state = survey(
            options.inputs,
            file,
            recipe,
            lr=lr,
            retry_failed=options.retry_failed,
            **followed(options, report, cancel),
        )
    whole = load(file, options.inputs, recipe, lr=lr, exclusions=exclusions)
    for image in whole.images if exclusions else ():
        excluded = exclusions.of(image.sha256)
        for note in excluded.notes(image.lay_windows(recipe), recipe.scale) if excluded else ():
            tell(f"note: {shown_path(image.path)}: {note}")
    if not whole.pending and not whole.failures:
        tell_strangers(options, exclusions, {image.sha256 for image in whole.images})
    answer = whole.under(recipe)
    if options.csv:
        return deliver(run_code(state), lambda: print_images(whole, answer))
    summary = survey_summary(state, whole, answer, options.pairs, chosen)
    show = partial(print_survey_summary, summary)
    return deliver_summary(options, run_code(state), summary, show)
