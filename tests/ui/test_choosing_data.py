"""Choosing data without a browser: what the widgets say comes back; what is missing or hostile is a sentence."""

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz.data.augment_images import NOTHING, PHOTOS, Augmentation
from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.data.image_sets.preview import make_preview
from cnnviz.ui.train.class_rows import class_rows


def app_of_data() -> None:
    import streamlit as st

    from cnnviz.data.augment_images import Augmentation
    from cnnviz.data.image_sets import DataChoice
    from cnnviz.ui.train.augmentation import choose_augmentation
    from cnnviz.ui.train.image_sets import choose_data

    state = st.session_state
    chosen = choose_data(state.get("chooser", "t"), DataChoice.from_record(state.get("choice", {})), state.get("own"))
    state["choice"] = chosen.to_record()
    if state.get("with_changes"):
        start = state.get("changes")
        changed = choose_augmentation("t", chosen, start and Augmentation.from_record(start))
        state["changes"] = changed and changed.to_record()


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory):
    """One empty data folder for all tests: what was made of no file is made once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def app(nowhere, tmp_path, monkeypatch):
    """A page with the chooser alone, on a machine that has no data."""
    monkeypatch.setenv("CNNVIZ_DATA", str(nowhere))
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path / "cache"))
    return AppTest.from_function(app_of_data, default_timeout=30)


def choice(app: AppTest) -> DataChoice:
    assert not app.exception
    return DataChoice.from_record(app.session_state["choice"])


def shown(app: AppTest) -> str:
    return "".join(part.proto.body for part in app.get("html"))


def choose(app: AppTest, key: str) -> AppTest:
    return app.selectbox(key="t_data_set").set_value(key).run()


def test_a_newcomer_gets_the_digits_and_sees_every_class(app: AppTest):
    app.run()
    assert choice(app) == DataChoice()
    sets = load_images(DataChoice())
    for label, name in enumerate(sets.classes):
        numbers = f"{sets.training.counts[label]} + {sets.validation.counts[label]}"
        assert re.search(rf'"name">{name}</span>.*?{re.escape(numbers)}<', shown(app))
    assert shown(app).count("<img") == 10
    assert "1,617 training images, 180 validation images" in app.caption[0].value


def test_what_the_widgets_say_is_what_is_chosen(app: AppTest):
    app.run()
    app.select_slider(key="t_data_limit_digits_").set_value(50).run()
    app.select_slider(key="t_data_share_digits_").set_value(0.3).run()
    app.number_input(key="t_data_seed_digits_").set_value(7).run()
    app.toggle(key="t_data_balanced_digits_").set_value(True).run()
    assert choice(app) == DataChoice("digits", limit=50, validation=0.3, seed=7, balanced=True)
    assert shown(app).count(">5 + ") == 10
    again = AppTest.from_function(app_of_data, default_timeout=30)
    again.session_state["choice"] = app.session_state["choice"]
    assert choice(again.run()) == choice(app)  # opened anew, it stands as it was left


def test_another_set_starts_with_its_own_numbers(app: AppTest):
    app.run()
    app.select_slider(key="t_data_limit_digits_").set_value(50).run()
    choose(app, "xo_generated")
    assert choice(app) == DataChoice("xo_generated")
    assert "450 + 50" in shown(app)


@pytest.mark.parametrize(("key", "way_out"), [("mnist", "download mnist"), ("birds", "birds"), ("xo", "generated")])
def test_a_set_that_is_not_there_says_how_to_get_it(app: AppTest, key: str, way_out: str):
    app.run()
    choose(app, key)
    assert way_out in app.warning[0].value
    assert choice(app) == DataChoice(key)
    assert [button.label.split(",")[0] for button in app.button if "Download" in button.label] == {
        "mnist": ["Download MNIST"], "birds": ["Download Birds and airplanes"], "xo": [],
    }[key]  # fmt: skip
    assert "(not on this machine)" in app.selectbox(key="t_data_set").options[1]


def test_mnist_without_a_network_is_a_sentence_too(app: AppTest, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:1/"])
    app.run()
    choose(app, "mnist")
    app.button(key="t_data_fetch_mnist").click().run()
    assert not app.exception
    (said,) = (each.value for each in [*app.error, *app.warning] if "could not be downloaded" in each.value)
    assert "try again with an Internet connection" in said


def test_a_download_without_a_network_is_a_sentence_and_the_page_goes_on(app: AppTest, monkeypatch):
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "url", "http://127.0.0.1:1/nothing")
    app.run()
    choose(app, "birds")
    app.button(key="t_data_fetch_birds").click().run()
    assert not app.exception
    assert [each for each in [*app.error, *app.warning] if "try again with an Internet connection" in each.value]
    choose(app, "digits")
    assert not [*app.error, *app.warning]


def zipped(names: list[str], extra: dict[str, bytes] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for seed, name in enumerate(names):
            levels = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)
            file = io.BytesIO()
            Image.fromarray(levels).save(file, "PNG")
            archive.writestr(name, file.getvalue())
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return made.getvalue()


PETS = [f"{name}/{number}.png" for name in ("cat", "<b>dog") for number in range(5)]


def test_a_zip_of_one_s_own_is_taken_and_a_hostile_one_changes_nothing(app: AppTest):
    app.run()
    choose(app, "own")
    assert choice(app) == DataChoice()  # nothing is there yet
    app.file_uploader(key="t_data_file").upload("evil.zip", zipped(PETS, {"../x.png": b""}), "application/zip").run()
    assert "does not stay inside" in app.error[0].value
    assert choice(app) == DataChoice()
    good = zipped(PETS, {"cat/notes.txt": b"x"})
    app.file_uploader(key="t_data_file").upload("pets.zip", good, "application/zip").run()
    assert not app.error
    taken = choice(app)
    assert taken.key == "own"
    assert load_images(taken).classes == ("<b>dog", "cat")
    assert "cat/notes.txt" in app.warning[0].value
    assert "&lt;b&gt;dog" in shown(app)
    assert "<b>dog" not in shown(app)


def test_a_folder_of_one_s_own_is_taken_like_its_zip_and_a_hostile_one_changes_nothing(app: AppTest):
    with zipfile.ZipFile(io.BytesIO(zipped(PETS))) as archive:
        files = [(f"pets/{name}", archive.read(name), "image/png") for name in archive.namelist()]
    app.run()
    choose(app, "own")
    folder = app.file_uploader(key="t_data_folder")
    assert folder.accept_directory
    folder.set_value([*files, ("pets/../../x.png", files[0][1], "image/png")]).run()
    assert "does not stay inside" in app.error[0].value
    assert choice(app) == DataChoice()
    app.file_uploader(key="t_data_folder").set_value(files[::-1]).run()
    assert not app.error
    taken = load_images(choice(app))
    assert taken.classes == ("<b>dog", "cat")
    assert len(taken.training) + len(taken.validation) == len(files)
    birds = [name.replace("cat", "bird") for name in PETS]
    app.file_uploader(key="t_data_file").upload("birds.zip", zipped(birds), "application/zip").run()
    assert load_images(choice(app)).classes == ("<b>dog", "bird")  # what came last counts


def test_pictures_of_ones_own_are_there_again_in_another_chooser(app: AppTest):
    app.run()
    choose(app, "own")
    app.file_uploader(key="t_data_file").upload("pets.zip", zipped(PETS), "application/zip").run()
    brought = choice(app)
    for name, value in {"chooser": "u", "choice": DataChoice().to_record(), "own": brought.upload}.items():
        app.session_state[name] = value  # another network was chosen: the page begins afresh
    app.run()
    assert choice(app) == DataChoice()
    app.selectbox(key="u_data_set").set_value("own").run()
    assert choice(app).upload == brought.upload
    assert "cat" in shown(app)


def test_pictures_that_are_no_longer_kept_are_asked_for_again(app: AppTest):
    app.session_state["choice"] = DataChoice("own", upload="0" * 64).to_record()
    app.run()
    assert not app.exception
    assert "upload them again" in app.warning[0].value


def test_changes_are_off_until_they_are_wanted_and_then_shown(app: AppTest):
    app.session_state["with_changes"] = True
    app.run()
    assert app.session_state["changes"] is None
    app.select_slider(key="t_changes_digits_strength").set_value(1.0).run()
    assert Augmentation.from_record(app.session_state["changes"]) == Augmentation()
    before = shown(app)
    app.button(key="t_changes_digits_again").click().run()
    assert shown(app) != before
    app.pills[0].set_value(["flip"]).run()
    assert Augmentation.from_record(app.session_state["changes"]) == Augmentation(
        **{**NOTHING.to_record(), "flip": PHOTOS.flip}
    )
    choose(app, "xo_generated")
    changed = app.session_state["changes"]
    assert (changed["flip"], changed["turn"]) == (0.5, 12.0)  # what suits that set, and as strong
    choose(app, "digits")
    assert app.session_state["changes"]["flip"] == 0  # a mirrored two is no two


def test_the_longest_bar_fills_the_row_and_the_others_are_in_proportion(app: AppTest):
    seen = make_preview(DataChoice("xo_generated", limit=30))
    html = class_rows(seen)
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", html)]
    assert widths == pytest.approx([100 * 15 / 65, 100 * 50 / 65] * 2, abs=0.01)
