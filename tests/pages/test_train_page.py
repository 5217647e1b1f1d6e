"""The page "Train live" without a browser: it opens, starts, refuses kindly; every choice can be made."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import CodeForm, NetworkSpec, layers_to_text, preset, spec_to_pytorch
from cnnviz.training import Job, TrainConfig
from cnnviz.training.worker import RunState
from cnnviz.ui.train import held
from cnnviz.ui.train.links import write_setup
from cnnviz.ui.train.run_registry import RunRegistry
from cnnviz.ui.train.setup import OWN, default_setup, fit_setup, setup_offers, with_network
from tests.ui.fake_worker import FakeWorker

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "tests" / "browser" / "apps" / "training_app.py"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunRegistry]:
    made = RunRegistry(FakeWorker, most_working=1)
    monkeypatch.setattr(held, "RUNS", made)
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


def test_a_newcomer_only_presses_start(runs: RunRegistry):
    page = press(opened(), "train_start")
    run = runs.find(page.session_state["training"]["run"])
    assert run.is_working
    assert run.job == fit_setup(default_setup("digits_small"), (1, 28, 28), tuple("0123456789"))
    assert not page.error


def held_runs(page: AppTest) -> dict[str, str | None]:
    kept = page.session_state["training"]
    return {name: kept[name] for name in ("kept", "run", "aside")}


def learned(page: AppTest, runs: RunRegistry):
    """The present run, some steps on."""
    run = runs.find(held_runs(page)["run"])
    run.refresh()
    return run


def test_the_large_button_pauses_a_run_and_lets_it_go_on_and_never_throws_it_away(runs: RunRegistry):
    page = press(opened(), "train_start")
    run = learned(page, runs)
    press(page, "train_pause")
    run.refresh()
    page.run()
    assert not any(button.key == "train_start" for button in page.button)
    steps = run.history.status.step
    press(page, "train_resume")
    run.refresh()
    assert runs.find(held_runs(page)["run"]) is run
    assert run.history.status.step > steps


def test_a_run_that_makes_room_for_another_can_be_brought_back(runs: RunRegistry):
    page = press(opened(), "train_start")
    first = learned(page, runs)
    press(page, "train_anew")  # there is one place only
    assert not page.error
    second = learned(page, runs)
    assert held_runs(page)["aside"] == first.token
    assert second.is_working
    assert not first.is_working
    assert any("Put aside" in caption.value for caption in page.caption)
    press(page, "train_back")
    assert held_runs(page) == {"kept": None, "run": first.token, "aside": second.token}
    assert first.history.status.state is RunState.STOPPED
    assert first.history.moments
    assert not second.is_working
    third = press(page, "train_start") and learned(page, runs)
    assert held_runs(page) == {"kept": None, "run": third.token, "aside": first.token}
    assert runs.find(second.token) is None  # one can be brought back, not all


def test_a_run_without_a_step_is_not_put_aside(runs: RunRegistry):
    page = press(opened(), "train_start")
    first = held_runs(page)["run"]
    press(page, "train_anew")
    assert held_runs(page)["aside"] is None
    assert runs.find(first) is None


def test_layers_of_ones_own_come_back_after_a_look_at_another_network(runs: RunRegistry):
    layers = layers_to_text(preset("lenet5").parts)
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = layers

    def chosen(key: str) -> str:
        version = page.session_state["training"]["version"]
        page.selectbox(key=f"train_network_{version}").set_value(key).run()
        assert not page.exception
        return layers_to_text(NetworkSpec.from_record(page.session_state["training"]["setup"]["blueprint"]).parts)

    page.run()
    assert chosen("xo_small") == layers_to_text(preset("xo_small").parts)
    assert any("Your own layers are kept" in caption.value for caption in page.caption)
    assert chosen(OWN) == layers
    chosen("xo_small")
    press(page, "train_copy")
    assert page.session_state["training"]["setup"]["network"] == OWN
    assert page.session_state["training"]["setup"]["blueprint"]["parts"] == preset("xo_small").to_record()["parts"]


def test_pictures_of_ones_own_stay_when_another_network_is_chosen():
    own = DataChoice("own", upload="ab" * 32)
    assert with_network(replace(default_setup("digits_small"), data=own), "lenet5").data == own
    assert with_network(default_setup("digits_small"), "lenet5").data == default_setup("lenet5").data


def test_the_page_says_where_the_run_has_other_settings_and_takes_them_over(runs: RunRegistry):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["epochs"] = "3"
    press(page.run(), "train_start")
    assert not any("other settings" in caption.value for caption in page.caption)
    press(page, "train_open_settings")
    page.number_input(key="train_1_epochs").set_value(5).run()
    assert any("other settings" in caption.value for caption in page.caption)
    press(page, "train_take")
    assert page.session_state["training"]["setup"]["config"]["epochs"] == 3
    assert page.number_input(key="train_2_epochs").value == 3
    assert not any("other settings" in caption.value for caption in page.caption)


@pytest.mark.parametrize("part", ["train_open_network", None])
def test_a_network_that_does_not_fit_is_said_at_the_button_and_not_started(runs: RunRegistry, part: str | None):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = "conv_4-relu-fc"  # maps reach a fully connected layer
    page.run()
    if part is None:
        press(page, "train_open_network")  # closed: nothing of the editor is on the page
    assert "cannot be started yet" in page.warning[0].value
    press(page, "train_start")
    assert "Not started. " in page.error[0].value
    assert held_runs(page)["run"] is None


def test_a_seed_of_the_pictures_out_of_its_bounds_is_said_and_not_trained_without(runs: RunRegistry):
    page = press(opened(), "train_open_data")
    seed = next(each for each in page.number_input if "_data_seed_" in each.key)
    seed.set_value(-3).run()
    press(page, "train_start")
    assert any(error.value.startswith("Not started. Seed must be") for error in page.error)
    seed.set_value(7).run()
    press(page, "train_start")
    assert runs.find(held_runs(page)["run"]).job.data.seed == 7


@pytest.mark.parametrize(("key", "typed"), [("epochs", 0), ("epochs", 99_999), ("seed", -1)])
def test_a_setting_out_of_its_bounds_is_said_and_not_trained_without(runs: RunRegistry, key: str, typed: int):
    page = press(opened(), "train_open_settings")
    page.number_input(key=f"train_1_{key}").set_value(typed).run()
    press(page, "train_start")
    assert any(error.value.startswith("Not started. ") for error in page.error)
    assert held_runs(page)["run"] is None
    page.number_input(key=f"train_1_{key}").set_value(3).run()
    press(page, "train_start")
    assert runs.find(held_runs(page)["run"]).is_working
    assert not page.error


def test_a_network_is_trained_on_from_where_it_stands(runs: RunRegistry):
    page = press(opened(), "train_start")
    before = learned(page, runs)
    last = before.history.moments[-1]
    press(page, "train_on")
    run = runs.find(page.session_state["training"]["run"])
    assert run is not before
    run.refresh()
    start, end = run.history.weights_at(0), before.history.weights_at(last)
    assert all(np.array_equal(start[name], end[name]) for name in end)
    assert not np.array_equal(before.history.weights_at(0)["conv1.weight"], end["conv1.weight"])


def test_nothing_is_trained_on_where_nothing_was_trained(runs: RunRegistry):
    assert opened().button(key="train_on").disabled


def test_where_all_places_are_taken_it_is_said_and_the_run_starts_by_itself(runs: RunRegistry):
    theirs = runs.start(Job(preset("xo_small"), DataChoice("xo_generated", limit=20), TrainConfig()), "somebody else's")
    page = press(opened(), "train_start")
    assert "All places for training are taken" in page.warning[0].value
    assert "starts by itself" in page.warning[0].value
    assert page.session_state["training"]["run"] is None
    page.run()  # as the clock of the page does: still nothing is free
    assert page.session_state["training"]["run"] is None
    runs.drop(theirs)
    page.run()
    assert runs.find(page.session_state["training"]["run"]).is_working
    assert not page.warning


def test_who_waits_for_a_place_may_leave_off(runs: RunRegistry):
    theirs = runs.start(Job(preset("xo_small"), DataChoice("xo_generated", limit=20), TrainConfig()), "somebody else's")
    page = press(press(opened(), "train_start"), "train_no_wait")
    runs.drop(theirs)
    page.run()
    assert page.session_state["training"]["run"] is None
    assert not page.warning


def test_missing_pictures_are_said_with_the_way_out(runs: RunRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value("birds_c1").run()
    press(page, "train_start")
    assert len(page.error) == 1
    assert str(tmp_path) in page.error[0].value
    assert not page.exception


@pytest.mark.parametrize("part", ["network", "data", "settings"])
def test_every_part_opens_and_closes(runs: RunRegistry, part: str):
    page = press(opened(), f"train_open_{part}")
    assert len(page.selectbox) > 0
    press(page, f"train_open_{part}")
    assert len(page.selectbox) == 0


def test_a_network_brings_its_pictures_and_settings_and_fits_others(runs: RunRegistry):
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value("xo_small").run()
    setup = page.session_state["training"]["setup"]
    assert (setup["data"]["key"], setup["config"]["epochs"]) == (
        "xo_generated",
        default_setup("xo_small").config.epochs,
    )
    assert page.selectbox(key="train_network_2").value == "xo_small"
    other = fit_setup(default_setup("birds_c1"), (1, 28, 28), ("X", "O"))
    assert (other.blueprint.input_shape, other.blueprint.classes) == ((1, 28, 28), ("X", "O"))


def test_a_setting_that_was_chosen_is_what_trains(runs: RunRegistry):
    page = press(opened(), "train_open_settings")
    page.selectbox(key="train_1_optimiser").set_value("sgd").run()
    page.select_slider(key="train_1_rate").set_value(0.1).run()
    page.number_input(key="train_1_epochs").set_value(2).run()
    page.select_slider(key="train_1_l2").set_value(0.001).run()
    press(page, "train_start")
    config = runs.find(page.session_state["training"]["run"]).job.config
    assert (config.optimiser, config.rate, config.epochs, config.l2) == ("sgd", 0.1, 2, 0.001)


def test_a_network_of_ones_own_starts_from_the_present_one(runs: RunRegistry):
    page = press(opened(), "train_open_network")
    page.selectbox(key="train_network_1").set_value(OWN).run()
    assert not page.exception
    wanted = default_setup("digits_small").blueprint.to_record() | {"title": "My own"}
    assert page.session_state["training"]["setup"]["blueprint"] == wanted


def test_the_code_of_the_training_is_shown(runs: RunRegistry):
    page = opened()
    page.toggle(key="train_code").set_value(True).run()
    compile(page.code[0].value, "shown", "exec")
    assert "torch.optim.Adam" in page.code[0].value


def test_the_code_of_a_run_that_went_on_comes_with_the_weights_that_it_begins_with(runs: RunRegistry):
    page = press(opened(), "train_start")
    runs.find(page.session_state["training"]["run"]).refresh()
    press(page, "train_on")
    page.toggle(key="train_code").set_value(True).run()
    assert not page.exception
    assert "load_file('digits-0.safetensors')" in page.code[0].value
    assert any("from digits-0.safetensors" in caption.value for caption in page.caption)


def test_changes_that_a_link_brought_stay_until_others_are_chosen(runs: RunRegistry):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["augment"] = "turn17_shift0.7"
    press(page.run(), "train_open_data")
    assert page.session_state["training"]["setup"]["augmentation"]["turn"] == 17
    assert any("stays until you choose" in caption.value for caption in page.caption)
    strength = next(slider for slider in page.select_slider if slider.key.endswith("_strength"))
    strength.set_value(2.0).run()
    assert page.session_state["training"]["setup"]["augmentation"]["turn"] == 24  # twice the usual 12
    assert not page.exception


@pytest.mark.parametrize("key", setup_offers())
def test_every_ready_made_network_can_be_trained_on_its_pictures(key: str):
    made = default_setup(key)
    job = fit_setup(made, made.blueprint.input_shape, made.blueprint.classes)
    assert job.blueprint == made.blueprint


def test_a_page_is_one_thin_file():
    assert len((ROOT / "pages" / "train.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_a_link_that_names_layers_opens_them_as_ones_own_network(runs: RunRegistry):
    layers = layers_to_text(preset("lenet5").parts)
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = layers
    page.run()
    assert not page.exception
    record = page.session_state["training"]["setup"]
    assert record["network"] == OWN
    assert layers_to_text(NetworkSpec.from_record(record["blueprint"]).parts) == layers
    assert page.session_state["training"]["open"] == "network"


def test_a_link_with_junk_opens_the_usual_network_and_says_so_until_something_is_changed(runs: RunRegistry):
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params["layers"] = "conv_<script>"
    page.query_params["rate"] = "50"
    page.run()
    assert not page.exception
    setup = page.session_state["training"]["setup"]
    assert (setup["network"], setup["config"]["rate"]) == ("digits_small", 3e-3)
    assert "(layers, rate)" in page.warning[0].value
    press(page, "train_open_settings")
    page.number_input(key="train_1_epochs").set_value(2).run()
    assert len(page.warning) == 0


def test_the_run_of_a_link_is_the_run_that_was_set_up(runs: RunRegistry):
    page = AppTest.from_file(str(APP), default_timeout=60)
    made = default_setup("lenet5")
    made = replace(made, data=DataChoice("digits", limit=100), config=replace(made.config, steps=30, seed=5))
    for name, text in write_setup(made).items():
        page.query_params[name] = text
    press(page.run(), "train_start")
    run = runs.find(page.session_state["training"]["run"])
    assert run.job == fit_setup(made, (1, 28, 28), tuple("0123456789"))
    press(page, "train_open_settings")
    assert page.number_input(key="train_1_steps").value == 30
    assert not page.error


def test_the_network_that_is_set_up_can_be_had_as_code(runs: RunRegistry):
    page = press(opened(), "train_open_network")
    page.toggle(key="train_network_code").set_value(True).run()
    assert not page.exception
    assert page.code[0].value == spec_to_pytorch(preset("digits_small"), CodeForm.SEQUENTIAL).strip()
    page.segmented_control(key="train_network_code form").set_value(CodeForm.KERAS).run()
    assert page.code[0].value == spec_to_pytorch(preset("digits_small"), CodeForm.KERAS).strip()
