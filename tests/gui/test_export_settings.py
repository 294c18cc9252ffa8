"""What the next export is, without a widget: chosen, settled by its folder, what follows."""

from pathlib import Path

import pytest

from srviewer.export.options import Options
from srviewer.export.profiles import PROFILES
from srviewer.export.session import ExportChoices
from srviewer.export.settling import How
from srviewer.gui.state.export_settings import ExportSettings, default_folder
from srviewer.gui.state.model import Model
from srviewer.runs.inputs import Rooted


@pytest.fixture
def settings(model: Model) -> ExportSettings:
    return ExportSettings(model)


def changes(settings: ExportSettings) -> list[str]:
    """Return a list that grows by the problem with each change that is told."""
    told: list[str] = []
    settings.changed.connect(lambda: told.append(settings.problem))
    return told


# What is chosen


def test_nothing_remembered_changes_nothing(settings: ExportSettings) -> None:
    before = settings.remembered
    settings.restore(Options(), None)
    assert (settings.remembered, settings.jobs) == (before, None)
    assert (settings.folder, settings.chosen_format) == (default_folder(), None)


def test_values_beyond_what_is_shown_do_not_matter(settings: ExportSettings) -> None:
    settings.restore(Options(validation_share=0.99999, max_pairs=1_000_000_000), 1024)
    assert settings.options.validation_share == 0.999
    assert settings.options.max_pairs == 1_000_000_000
    assert not settings.problem


def test_a_session_has_all_that_is_chosen(settings: ExportSettings, tmp_path: Path) -> None:
    chosen = ExportChoices(tmp_path / "out", "webp", "all", Options("rgb", 7, card=True), 3)
    settings.choose(chosen)
    now = settings.chosen_now()
    assert (now.folder, now.format, now.scope, now.jobs) == (tmp_path / "out", "webp", "all", 3)
    assert (now.options.channels, now.options.shard_size, now.options.card) == ("rgb", 7, True)
    again = ExportSettings(Model())
    again.choose(now)
    assert again.chosen_now() == now
    settings.use_folder("")
    assert settings.chosen_now().folder is None


def test_a_relative_folder_is_the_one_that_it_means(
    settings: ExportSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings.use_folder("a/b")
    assert (settings.folder, settings.out) == ("a/b", tmp_path / "a" / "b")
    settings.settle_folder()
    assert settings.folder == str(tmp_path / "a" / "b")


# What follows


def test_what_is_chosen_is_checked_once_and_not_whenever_it_is_asked(
    settings: ExportSettings,
) -> None:
    settings.use_format("hdf5")
    before = settings.options
    told = changes(settings)
    settings._model.change("min_keypoints", 12)  # a threshold, as it is pulled
    settings.use_folder(settings.folder)
    assert settings.options is before
    assert not told
    settings.use("validation_share", 0.5)
    assert settings.options.validation_share == 0.5
    settings.use_format("png")
    assert settings.options.channels is None
    assert len(told) == 2


def test_a_recipe_whose_usual_border_leaves_nothing_is_said(settings: ExportSettings) -> None:
    settings.use_format("srcnn-hdf5")
    told = changes(settings)
    settings._model.change("patch", 11)
    assert settings.problem.startswith("Label border = 6")
    assert told == [settings.problem]
    settings._model.change("lr_layout", "native")
    assert (settings.problem, settings.usual_border) == ("", 0)


def test_nothing_can_be_exported_without_image_or_folder(
    settings: ExportSettings, photo_path: Path
) -> None:
    assert settings.refusal == "no image is there"
    settings._model.add_images([photo_path])
    assert settings.refusal == ""
    settings.use("whole", "validation")
    assert settings.refusal == settings.problem != ""
    settings.use_folder("")
    assert settings.refusal.startswith("the folder is empty")


def test_a_trainer_has_a_format_that_it_reads(settings: ExportSettings) -> None:
    settings.use_format("bmp")
    settings.use("profile", "neosr")
    assert settings.format == PROFILES["neosr"].formats[0] == "png"
    assert "neosr does not read it" in settings.why_no_format("hdf5")
    assert not settings.why_no_format("lmdb")
    settings.use("profile", None)
    assert (settings.format, settings.chosen_format) == ("png", "png"), "it stays chosen"
    assert not settings.why_no_format("hdf5")


# What the folder settles


def test_what_the_folder_holds_is_taken_where_a_person_has_chosen_nothing(
    settings: ExportSettings,
) -> None:
    settings.use_format("hdf5")
    usual, before = settings.options, settings.remembered
    there = How("hdf5", Options(channels="rgb", validation_share=0.25))
    settings.follow_folder(there)
    assert settings.options == there.options
    assert settings.remembered == before, "the next folder does not inherit it"
    settings.follow_folder(None)
    assert settings.options == usual
    settings.use("validation_share", 0.5)
    settings.follow_folder(there)
    assert (settings.options.channels, settings.options.validation_share) == ("rgb", 0.5)


def test_the_format_of_the_folder_is_no_choice(settings: ExportSettings) -> None:
    settings.follow_folder(How("webp", Options()))
    assert (settings.format, settings.chosen_format) == ("webp", None)
    told = changes(settings)
    settings.follow_folder(How("webp", Options()))
    assert not told, "it is asked again and again while a threshold is pulled"
    settings.follow_folder(None)
    assert settings.format == "png"
    settings.use_format("bmp")
    settings.follow_folder(How("webp", Options()))
    assert (settings.format, settings.chosen_format) == ("bmp", "bmp")


def test_what_the_folder_holds_is_taken_anew_with_other_choices(settings: ExportSettings) -> None:
    there = How("webp", Options(max_per_image=3, seed=4))
    settings.use_format("webp")
    settings.follow_folder(there)
    settings.restore(Options(seed=5), None)
    assert settings.options == Options(seed=5)
    assert settings.chosen_format == "webp", "which format is another choice"
    settings.follow_folder(there)
    assert settings.options == Options(max_per_image=3, seed=5)


def test_a_trainer_keeps_its_format_where_the_folder_holds_none(settings: ExportSettings) -> None:
    settings.follow_folder(How("lmdb", Options()))
    settings.use("profile", "neosr")
    settings.follow_folder(None)
    assert settings.format == "lmdb"
    settings.follow_folder(How("hdf5", Options()))
    assert settings.format == "lmdb", "which it does not read"


# Which images


def test_the_images_follow_the_list_until_a_person_says_which(
    settings: ExportSettings, photo_path: Path, other_path: Path
) -> None:
    model = settings._model
    assert (settings.takes_all, settings.sources()) == (False, ())
    model.add_images([photo_path, other_path])
    assert not settings.takes_all
    assert settings.entries() == (model.current,)
    one = settings.which()
    model.look_at(model.entries[1])
    assert settings.which() != one
    model.show_data_set(True)
    assert settings.takes_all
    assert settings.sources() == (photo_path, other_path)
    both = settings.which()
    model.look_at(model.entries[0])
    assert settings.which() == both
    model.remove(model.entries[0])
    model.add_images([photo_path])
    model.look_at(model.entries[0])
    assert settings.which() != both
    settings.use_scope("this")
    assert settings.sources() == (other_path,)
    settings.use_scope("all")
    model.show_data_set(False)
    assert settings.takes_all
    model.remove(model.entries[0])
    assert not settings.takes_all, "there is one"


def test_a_folder_that_was_opened_is_taken_whole(
    settings: ExportSettings, photo_path: Path, other_path: Path
) -> None:
    folder = photo_path.parent
    settings._model.add_images([Rooted(photo_path, folder), Rooted(other_path, folder)])
    assert settings.takes_all
    assert settings.beside == folder.parent


def test_what_tells_an_export_from_others_is_no_matter_of_the_folder_s_options(
    settings: ExportSettings, photo_path: Path
) -> None:
    settings._model.add_images([photo_path])
    before = settings.all_that_is_chosen()
    settings.follow_folder(How(settings.format, Options(max_per_image=3)))
    assert settings.options.max_per_image == 3
    assert settings.all_that_is_chosen() == before
    for change in (
        lambda: settings.use("max_per_image", 4),
        lambda: settings.use_folder("elsewhere"),
        lambda: settings.use_format("bmp"),
        lambda: settings._model.change("stride", 50),
    ):
        change()
        assert settings.all_that_is_chosen() != before
        before = settings.all_that_is_chosen()
    settings.use("jobs", 2)
    assert settings.all_that_is_chosen() == before, "the pairs are the same"
