"""The pages of X or O without a browser: the manifest's figures, tables that stay apart, drawings kept and deleted."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import checkpoints
from cnnviz.figures.theme import percent
from cnnviz.samples import find_sample
from cnnviz.xo.own import MOST

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = checkpoints.read_manifest("xo")


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
    wanted = [percent(pen["accuracy"], 2), percent(pen["share_rejected"], 2), percent(sum(other.values()) / len(other))]
    assert [metric.value for metric in letters.metric] == wanted
    table = letters.dataframe[0].value
    assert table.iloc[:, 1].tolist() == [percent(share) for share in other.values()]


def test_every_hard_drawing_is_shown_and_can_be_looked_into(letters: AppTest):
    cases = MANIFEST.figures["hardest"]
    assert len([button for button in letters.button if button.label == "Look inside"]) == len(cases) >= 12
    said = next(caption.value for caption in letters.caption if "Of 459" in caption.value)
    assert f"{sum(case['drawn'] != case['read'] for case in cases)} are misread" in said
    assert f"{sum(case['turned_away'] for case in cases)} is turned away" in said


def test_what_lies_on_one_table_does_not_lie_on_the_other():
    app = started("pages/draw_xo.py")
    assert app.session_state["cnnviz.sketchpad.pad_xo"]["shown"] == find_sample("x").sketch.to_record()
    assert app.session_state["cnnviz.sketchpad.pad"]["shown"] == find_sample("three").sketch.to_record()
    app.button(key="hard_2").click().run()
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
    assert not own.exception


def test_nothing_to_save_and_nothing_to_train_on_at_first(own: AppTest):
    assert any("Nothing is trained yet" in caption.value for caption in own.caption)
    own.button(key="own_X").click().run()
    assert [error.value for error in own.error] == ["drawing must have ink, and at most 4000 points: draw one letter"]
    own.button(key="own_train").click().run()
    assert any("There must be 4 X and 4 O at least, got only 0" in error.value for error in own.error)


def test_two_visitors_do_not_see_each_others_drawings(own: AppTest):
    own.button(key="own_generate").click().run()
    assert len(kept(own)) == 20
    assert kept(started("pages/train_xo.py")) == []
