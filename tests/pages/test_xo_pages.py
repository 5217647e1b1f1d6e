"""The pages of X or O without a browser: the manifest's figures, tables that stay apart, drawings kept and deleted."""

import base64
import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz.data.datasets import XO_FILE, DataMissing, data_folder
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_percent
from cnnviz.models import checkpoints
from cnnviz.training.own_xo import MOST
from cnnviz.ui.app import hard_drawings, known_images
from cnnviz.ui.app.hard_drawings import KnownImagePlace
from cnnviz.ui.draw import inputs
from cnnviz.ui.draw.draw_state import LETTERS
from cnnviz.ui.mount import image_grid

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = checkpoints.read_manifest("xo")
MEASURED = data_folder()  # before a test names another
NEEDS_DATA = pytest.mark.skipif(
    not (data_folder() / XO_FILE).is_file(),
    reason=f"pictures of the hardest drawings need {XO_FILE} in CNNVIZ_DATA, it is {os.environ.get('CNNVIZ_DATA')!r}",
)


def started(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app = app.run().switch_page(page).run()
    assert not app.exception
    assert not app.error
    return app


@pytest.fixture(scope="module")
def letters() -> AppTest:
    return started("pages/draw_xo.py")


def test_the_published_figures_are_the_manifests(letters: AppTest):
    pen, other = MANIFEST.figures["pen_held_out"], MANIFEST.figures["other_ink_turned_away"]
    wanted = [
        format_percent(pen["accuracy"], 2),
        format_percent(pen["share_rejected"], 2),
        format_percent(sum(other.values()) / len(other)),
    ]
    assert [metric.value for metric in letters.metric] == wanted
    table = letters.dataframe[-1].value
    assert table.iloc[:, 1].tolist() == [format_percent(share) for share in other.values()]


def in_words(app: AppTest) -> list[list[str]]:
    """The rows of the table of the hardest drawings."""
    return next(each.value.to_numpy().tolist() for each in app.dataframe if "tablet" in each.value)


def told(case: dict[str, Any]) -> list[str]:
    """The row for a case of the manifest."""
    outcome = "misclassified" if case["drawn"] != case["read"] else "correct"
    outcome = "rejected" if case["turned_away"] else outcome
    return [case["drawn"], case["read"], format_percent(case["share"], 1), outcome, case["tablet"]]


def test_how_many_of_the_hard_drawings_are_mistakes_is_said(letters: AppTest):
    cases = MANIFEST.figures["hardest"]
    said = next(words.value for words in letters.markdown if "Of 459" in words.value)
    assert f"{sum(case['drawn'] != case['read'] for case in cases)} are misclassified" in said
    assert f"{sum(case['turned_away'] for case in cases)} is rejected as neither" in said


def test_how_it_was_made_stands_behind_a_tab_of_its_own(letters: AppTest):
    assert [tab.label for tab in letters.tabs] == [
        "In numbers", "The hardest drawings", "Neither X nor O", "How it was made",
    ]  # fmt: skip
    assert [code.value for code in letters.tabs[3].code] == [MANIFEST.command] == [each.value for each in letters.code]
    everything = [words.value for words in (*letters.markdown, *letters.caption)]
    assert [words for words in everything if "sha256" in words] == [letters.tabs[3].caption[0].value]
    assert MANIFEST.sha256 in letters.tabs[3].caption[0].value


class Shown:
    """Stands in for the gallery, which AppTest cannot see into; takes a picture where it is told to."""

    def __init__(self, take: str | None = None) -> None:
        self.take, self.exhibits = take, ()

    def __call__(self, exhibits: tuple[image_grid.GridImage, ...], on_take, **_rest: Any) -> None:
        self.exhibits = exhibits
        if self.take is not None:
            on_take(self.take)


def said_of_buttons(app: AppTest) -> str:
    return next(caption.value for caption in app.caption if "Edit the network" in caption.value)


@pytest.mark.data
@NEEDS_DATA
def test_every_hard_drawing_is_shown_as_the_network_gets_it(letters: AppTest, monkeypatch: pytest.MonkeyPatch):
    shown = Shown()
    monkeypatch.setattr(image_grid, "mount_image_grid", shown)
    letters.run()
    assert len(shown.exhibits) == len(MANIFEST.figures["hardest"]) >= 12
    for exhibit, picture in zip(shown.exhibits, hard_drawings.hard_pictures(), strict=True):
        png = Image.open(io.BytesIO(base64.b64decode(exhibit.address.split(",")[1]))).convert("L")
        assert png.size == picture.shape
        assert np.corrcoef(np.asarray(png).ravel(), picture.ravel())[0, 1] > 0.999
        assert np.corrcoef(np.asarray(png).ravel(), picture.T.ravel())[0, 1] < 0.999
    assert "**A hard one** is a drawing by somebody else" in said_of_buttons(letters)
    assert "A hard one" in [offer.title for offer in inputs.input_offers(LETTERS)]
    assert len(letters.dataframe) == 1  # of other ink
    assert not any("CNNVIZ_DATA" in caption.value for caption in letters.caption)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def another(nowhere: Path) -> Path:
    """A data folder with a stroke file that is not the one that was measured."""
    (nowhere / XO_FILE).parent.mkdir()
    (nowhere / XO_FILE).write_bytes(gzip.compress(b"[]"))
    return nowhere


@pytest.mark.parametrize(
    ("folder", "why"),
    [("nowhere", "These drawings are not part of the project"), ("another", "is not the one that this network was")],
)
def test_without_the_measured_file_the_hardest_are_told_in_words(folder: str, why: str, request):
    request.getfixturevalue(folder)
    shown = Shown()
    request.getfixturevalue("monkeypatch").setattr(image_grid, "mount_image_grid", shown)
    app = started("pages/draw_xo.py", network="xo", digit="3")  # a link to a hard one: the plain start
    assert (shown.exhibits, known_images.count_known_images("xo")) == ((), 0)
    assert "A hard one" not in said_of_buttons(app)
    assert in_words(app) == [told(case) for case in MANIFEST.figures["hardest"]]
    (said,) = [caption.value for caption in app.caption if "CNNVIZ_DATA" in caption.value]
    assert why in said
    assert "strokes/xo.json.gz" in said
    assert str(data_folder()) not in said  # nothing of this machine is told


def test_without_the_measured_file_the_shelf_offers_no_hard_one(nowhere: Path):
    assert [offer.title for offer in inputs.input_offers(LETTERS)][-1] == "Upload …"
    assert "A hard one" not in [offer.title for offer in inputs.input_offers(LETTERS)]
    with pytest.raises(DataMissing, match="not on this machine"):
        known_images.find_known_image("xo", 0)


@pytest.mark.data
@NEEDS_DATA
def test_a_file_of_one_other_byte_is_another_file_and_the_right_one_is_seen_as_soon_as_it_is_there(nowhere: Path):
    assert hard_drawings.place_of_case() is KnownImagePlace.MISSING
    right = (MEASURED / XO_FILE).read_bytes()
    (nowhere / XO_FILE).parent.mkdir()
    (nowhere / XO_FILE).write_bytes(right + b"\0")  # gzip overlooks a zero at the end, the sum does not
    assert (hard_drawings.place_of_case(), hard_drawings.hard_pictures()) == (KnownImagePlace.ANOTHER, ())
    (nowhere / XO_FILE).write_bytes(right)
    assert hard_drawings.place_of_case() is KnownImagePlace.THERE
    assert len(hard_drawings.hard_pictures()) == len(MANIFEST.figures["hardest"])
    assert hard_drawings.hard_pictures()[0] is hard_drawings.hard_pictures()[0]  # drawn once


def test_each_table_starts_with_a_drawing_of_its_own():
    app = started("pages/draw_xo.py")
    assert app.session_state["cnnviz.sketchpad.pad_xo"]["shown"] == find_sample("x").sketch.to_record()
    assert app.session_state["cnnviz.sketchpad.pad"]["shown"] == find_sample("three").sketch.to_record()


@pytest.mark.data
@NEEDS_DATA
def test_a_hard_drawing_on_one_table_does_not_lie_on_the_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(image_grid, "mount_image_grid", Shown(take="2"))
    app = started("pages/draw_xo.py")
    assert app.session_state["workbench_xo"]["digit"] == 2
    assert app.session_state["workbench"]["digit"] is None
    assert not app.exception


def test_a_link_of_the_other_network_or_a_picture_that_is_not_there_is_the_plain_start():
    for query in ({"network": "mnist", "digit": "9999"}, {"network": "xo", "digit": "7"}):
        assert not started("pages/draw_xo.py", **query).error


@pytest.fixture
def own() -> AppTest:
    return started("pages/train_xo.py")


def kept(app: AppTest) -> list[str]:
    return list(app.session_state["own_xo"]["drawings"])


def test_generated_drawings_fill_the_room_that_there_is(own: AppTest):
    for wanted in (20, MOST):
        own.button(key="own_generate").click().run()
        assert len(kept(own)) == wanted
    assert own.button(key="own_generate").disabled
    assert len(set(kept(own))) == MOST  # other ones at each click
    assert [json.loads(text)["label"] for text in kept(own)[:4]] == ["X", "O", "X", "O"]
    own.button(key="own_over").click().run()
    assert kept(own) == []
    assert own.button(key="own_over").disabled
    assert not own.exception


def test_every_act_is_undone_from_the_last_to_the_first(own: AppTest):
    assert own.button(key="own_undo").disabled
    states, labels = [], []
    for key in ("own_generate", "own_generate", "own_over"):
        states.append(kept(own))
        own.button(key=key).click().run()
        labels.append(own.button(key="own_undo").label)
    assert labels == ["Remove the last ones", "Remove the last ones", "Undo “Start over”"]
    for state in reversed(states):
        own.button(key="own_undo").click().run()
        assert kept(own) == state
    assert own.button(key="own_undo").disabled


def test_how_far_a_drawing_is_changed_is_said_in_numbers(own: AppTest):
    own.button(key="own_generate").click().run()
    for strength, words in ((0.0, "Switched off"), (0.5, "up to 6°"), (2.0, "up to 24°")):
        own.select_slider(key="own_strength").set_value(strength).run()
        (said,) = [caption.value for caption in own.caption if "On the left an unchanged drawing" in caption.value]
        assert words in said
    assert "up to 3 pixels, made up to 24 % larger" in said  # twice 1.5, twice 12 %


def test_nothing_to_save_and_nothing_to_train_on_at_first(own: AppTest):
    assert any("Nothing has been trained yet" in caption.value for caption in own.caption)
    own.button(key="own_X").click().run()
    assert [info.value for info in own.info] == ["The pad is empty: draw an X first."]
    assert not own.error
    assert own.button(key="own_train").disabled
    assert any("There must be at least 4 X and 4 O, got 0 X and 0 O" in caption.value for caption in own.caption)
    own.button(key="own_generate").click().run()
    assert not own.button(key="own_train").disabled


def test_two_visitors_do_not_see_each_others_drawings(own: AppTest):
    own.button(key="own_generate").click().run()
    assert len(kept(own)) == 20
    assert kept(started("pages/train_xo.py")) == []
