"""The page "Train live" without a browser: it opens, starts, refuses kindly; every choice can be made."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.blueprints import Blueprint, CodeForm, code_of, parts_text, preset
from cnnviz.imagesets import DataChoice
from cnnviz.training import Job, TrainConfig
from cnnviz.ui import training_page
from cnnviz.ui.runs import Runs
from cnnviz.ui.training_links import write_setup
from cnnviz.ui.training_setup import OWN, fitted, offered, usual
from tests.ui.fake_worker import FakeWorker

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "tests" / "browser" / "apps" / "training_app.py"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    made = Runs(FakeWorker, most_working=1)
    monkeypatch.setattr(training_page, "RUNS", made)
    yield made
    made.close()


def opened() -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    assert not page.error
    return page


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_a_newcomer_only_presses_start(runs: Runs):
    page = press(opened(), "train_start")
    run = runs.find(page.session_state["training"]["run"])
    assert run.is_working
    assert run.job == fitted(usual("digits_small"), (1, 28, 28), tuple("0123456789"))
    assert not page.error


def test_another_start_takes_the_place_of_the_run_before(runs: Runs):
    page = press(opened(), "train_start")
    first = page.session_state["training"]["run"]
    assert runs.find(first).is_working
    press(page, "train_start")  # there is one place only
    assert not page.error
    assert runs.find(first) is None
    assert runs.find(page.session_state["training"]["run"]).is_working


def test_a_network_is_trained_on_from_where_it_stands(runs: Runs):
    page = press(opened(), "train_start")
    before = runs.find(page.session_state["training"]["run"])
    before.refresh()
    last = before.history.moments[-1]
    press(page, "train_on")
    run = runs.find(page.session_state["training"]["run"])
    assert run is not before
    run.refresh()
    start, end = run.history.weights_at(0), before.history.weights_at(last)
    assert all(np.array_equal(start[name], end[name]) for name in end)
    assert not np.array_equal(before.history.weights_at(0)["conv1.weight"], end["conv1.weight"])


def test_nothing_is_trained_on_where_nothing_was_trained(runs: Runs):
    assert opened().button(key="train_on").disabled


def test_all_places_taken_is_said_and_the_page_stays(runs: Runs):
    runs.start(Job(preset("xo_small"), DataChoice("xo_generated", limit=20), TrainConfig()), "somebody else's")
    page = press(opened(), "train_start")
    assert "All 1 places for training are taken" in page.error[0].value
    assert page.session_state["training"]["run"] is None


def test_missing_pictures_are_said_with_the_way_out(runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value("birds_c1").run()
    press(page, "train_start")
    assert len(page.error) == 1
    assert str(tmp_path) in page.error[0].value
    assert not page.exception


@pytest.mark.parametrize("part", ["network", "data", "settings"])
def test_every_part_opens_and_closes(runs: Runs, part: str):
    page = press(opened(), f"train_open_{part}")
    assert len(page.selectbox) > 0
    press(page, f"train_open_{part}")
    assert len(page.selectbox) == 0


def test_a_network_brings_its_pictures_and_settings_and_fits_others(runs: Runs):
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value("xo_small").run()
    setup = page.session_state["training"]["setup"]
    assert (setup["data"]["key"], setup["config"]["epochs"]) == ("xo_generated", usual("xo_small").config.epochs)
    assert page.selectbox(key="train_network_2").value == "xo_small"
    other = fitted(usual("birds_c1"), (1, 28, 28), ("X", "O"))
    assert (other.blueprint.input_shape, other.blueprint.classes) == ((1, 28, 28), ("X", "O"))


def test_a_setting_that_was_chosen_is_what_trains(runs: Runs):
    page = press(opened(), "train_open_settings")
    page.selectbox(key="train_1_optimiser").set_value("sgd").run()
    page.select_slider(key="train_1_rate").set_value(0.1).run()
    page.number_input(key="train_1_epochs").set_value(2).run()
    page.select_slider(key="train_1_l2").set_value(0.001).run()
    press(page, "train_start")
    config = runs.find(page.session_state["training"]["run"]).job.config
    assert (config.optimiser, config.rate, config.epochs, config.l2) == ("sgd", 0.1, 2, 0.001)


def test_a_network_of_ones_own_starts_from_the_present_one(runs: Runs):
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value(OWN).run()
    assert not page.exception
    wanted = usual("digits_small").blueprint.to_record() | {"title": "My own"}
    assert page.session_state["training"]["setup"]["blueprint"] == wanted


def test_the_code_of_the_training_is_shown(runs: Runs):
    page = opened()
    page.toggle(key="train_code").set_value(True).run()
    compile(page.code[0].value, "shown", "exec")
    assert "torch.optim.Adam" in page.code[0].value


def test_the_code_of_a_run_that_went_on_comes_with_the_weights_that_it_begins_with(runs: Runs):
    page = press(opened(), "train_start")
    runs.find(page.session_state["training"]["run"]).refresh()
    press(page, "train_on")
    page.toggle(key="train_code").set_value(True).run()
    assert not page.exception
    assert "load_file('digits-0.safetensors')" in page.code[0].value
    assert any("from digits-0.safetensors" in caption.value for caption in page.caption)


def test_changes_that_a_link_brought_stay_until_others_are_chosen(runs: Runs):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["augment"] = "turn17_shift0.7"
    press(page.run(), "train_open_data")
    assert page.session_state["training"]["setup"]["augmentation"]["turn"] == 17
    assert any("stays until you choose" in caption.value for caption in page.caption)
    strength = next(slider for slider in page.select_slider if slider.key.endswith("_strength"))
    strength.set_value(2.0).run()
    assert page.session_state["training"]["setup"]["augmentation"]["turn"] == 24  # twice the usual 12
    assert not page.exception


@pytest.mark.parametrize("key", offered())
def test_every_ready_made_network_can_be_trained_on_its_pictures(key: str):
    made = usual(key)
    job = fitted(made, made.blueprint.input_shape, made.blueprint.classes)
    assert job.blueprint == made.blueprint


def test_a_page_is_one_thin_file():
    assert len((ROOT / "pages" / "train.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_a_link_that_names_layers_opens_them_as_ones_own_network(runs: Runs):
    layers = parts_text(preset("lenet5").parts)
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = layers
    page.run()
    assert not page.exception
    record = page.session_state["training"]["setup"]
    assert record["network"] == OWN
    assert parts_text(Blueprint.from_record(record["blueprint"]).parts) == layers
    assert page.session_state["training"]["open"] == "network"


def test_a_link_with_junk_opens_the_usual_network_and_says_so_until_something_is_changed(runs: Runs):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = "conv_<script>"
    page.query_params["rate"] = "50"
    page.run()
    assert not page.exception
    setup = page.session_state["training"]["setup"]
    assert (setup["network"], setup["config"]["rate"]) == ("digits_small", 9.99)
    assert "(layers, rate)" in page.warning[0].value
    press(page, "train_open_settings")
    page.number_input(key="train_1_epochs").set_value(2).run()
    assert len(page.warning) == 0


def test_the_run_of_a_link_is_the_run_that_was_set_up(runs: Runs):
    page = AppTest.from_file(str(APP), default_timeout=60)
    made = usual("lenet5")
    made = replace(made, data=DataChoice("digits", limit=100), config=replace(made.config, steps=30, seed=5))
    for name, text in write_setup(made).items():
        page.query_params[name] = text
    press(page.run(), "train_start")
    run = runs.find(page.session_state["training"]["run"])
    assert run.job == fitted(made, (1, 28, 28), tuple("0123456789"))
    press(page, "train_open_settings")
    assert page.number_input(key="train_1_steps").value == 30
    assert not page.error


def test_the_network_that_is_set_up_can_be_had_as_code(runs: Runs):
    page = press(opened(), "train_open_network")
    page.toggle(key="train_network_code").set_value(True).run()
    assert not page.exception
    assert page.code[0].value == code_of(preset("digits_small"), CodeForm.SEQUENTIAL).strip()
    page.segmented_control(key="train_network_code form").set_value(CodeForm.KERAS).run()
    assert page.code[0].value == code_of(preset("digits_small"), CodeForm.KERAS).strip()
