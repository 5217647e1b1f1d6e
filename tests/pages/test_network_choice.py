"""The choice between the networks for digits, without a browser: what is loaded when, whose state is whose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened_app import opened_app
from streamlit.testing.v1 import AppTest

from cnnviz.core.edits import Edit, EditKind, Edits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.app.caches import shipped_networks, trained_network
from cnnviz.ui.app.links import pack_sketch
from cnnviz.ui.draw.answers_beside import compute_answers, parse_beside
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.web.edits.state import EditsState, edits_state_to_json

ROOT = Path(__file__).resolve().parents[2]
PLAIN, RESIDUAL = "mnist", "digits_residual"
INK = pack_sketch(find_sample("two").sketch)
IMAGE = prepare_sketch(find_sample("two").sketch)
OFF = Edits((Edit(EditKind.OFF, "conv1", 3),))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The keys of the checkpoints that were loaded, in their order."""
    keys: list[str] = []
    load = checkpoints.load
    monkeypatch.setattr(checkpoints, "load", lambda key, *rest: keys.append(key) or load(key, *rest))
    shipped_networks.cache_clear()
    yield keys
    shipped_networks.cache_clear()


def started(**query: str) -> AppTest:
    return opened_app(ROOT / "app.py", **query)


def strokes(app: AppTest) -> Any:
    return app.session_state["cnnviz.sketchpad.pad"]["shown"]["strokes"]


def test_the_second_network_is_loaded_only_when_it_is_asked_for(loaded: list[str]):
    app = started()
    assert loaded == [PLAIN]
    assert "workbench_digits_residual" not in app.session_state
    app.toggle[0].set_value(True).run()
    assert loaded == [PLAIN, RESIDUAL]


@pytest.mark.parametrize(
    ("query", "keys"),
    [({"network": RESIDUAL}, {RESIDUAL}), ({"answers": "all"}, {PLAIN, RESIDUAL}), ({"answers": "yes"}, {PLAIN})],
)
def test_a_link_loads_what_it_names(loaded: list[str], query: dict[str, str], keys: set[str]):
    started(**query)
    assert set(loaded) == keys


def test_both_have_one_drawing_and_each_its_own_edits_and_place():
    app = started(network=RESIDUAL, ink=INK, layer="block1.conv1", map="4", edits=OFF.text, off="fitted")
    drawn = strokes(app)
    assert len(drawn) == len(find_sample("two").sketch.strokes)
    residual, plain = (app.session_state[f"workbench{suffix}"] for suffix in ("_digits_residual", ""))
    assert residual["linked"]["layer"] == "block1.conv1"
    assert residual["surgery"]["done"] == OFF.text
    assert plain["linked"]["layer"] is None
    assert plain["surgery"]["done"] == ""
    assert plain["off"] == {"fitted"}
    assert not {"off", "digit", "upload"} & set(residual)
    app.segmented_control[0].set_value(PLAIN).run()
    assert not app.exception
    assert strokes(app) == drawn
    assert app.session_state["workbench"]["surgery"]["done"] == ""
    assert app.session_state["workbench_digits_residual"]["surgery"]["done"] == OFF.text


def test_the_choice_is_still_there_after_a_visit_to_another_page():
    app = started()
    app.segmented_control[0].set_value(RESIDUAL).run()
    app.switch_page("pages/about.py").run()
    app.switch_page("pages/draw.py").run()
    assert app.segmented_control[0].value == RESIDUAL
    assert not app.exception


def test_a_link_without_a_network_opens_the_first_one_with_its_edits():
    app = started(ink=INK, edits=OFF.text)
    assert app.segmented_control[0].value == PLAIN
    assert app.session_state["workbench"]["surgery"]["done"] == OFF.text


@pytest.mark.parametrize("said", [None, "junk", 3, [], {"xo": {}}, {PLAIN: {}}, {"own-1": {}}, {"": None}])
def test_only_networks_for_the_same_can_stand_beside(said: Any):
    assert parse_beside(said, PLAIN) == {}


def test_the_answers_are_those_of_the_networks_as_they_are_edited():
    chosen = trained_network(PLAIN)
    trace = chosen.trace(IMAGE.image)
    edited = parse_beside({RESIDUAL: edits_state_to_json(EditsState(OFF))}, PLAIN)
    found = compute_answers(chosen, trace, False, edited, IMAGE)
    assert found["opened"] == PLAIN
    assert [one["network"] for one in found["networks"]] == [PLAIN, RESIDUAL]
    assert [one["title"] for one in found["networks"]] == ["Plain network", "Residual network, with your edits"]
    plain = compute_answers(chosen, trace, False, parse_beside({RESIDUAL: {}}, PLAIN), IMAGE)
    assert plain["networks"][1]["title"] == "Residual network"
    wanted = trained_network(RESIDUAL).trace(IMAGE.image).probabilities
    assert plain["networks"][1]["probabilities"] == pytest.approx(wanted.tolist(), abs=1e-6)
    assert found["networks"][1]["probabilities"] != pytest.approx(wanted.tolist(), abs=1e-6)


def test_the_about_page_has_the_figures_of_both():
    app = started().switch_page("pages/about.py").run()
    table = next(one.value for one in app.dataframe if "network" in one.value.columns)
    assert list(table["network"]) == ["Plain", "Residual"]
    for row, key in enumerate((PLAIN, RESIDUAL)):
        figures = checkpoints.read_manifest(key).figures
        assert table["MNIST test images"][row] == f"{100 * figures['mnist_test']['accuracy']:.2f} %"
        assert table["unseen writers' strokes"][row] == f"{100 * figures['pen_held_out']['accuracy']:.2f} %"
