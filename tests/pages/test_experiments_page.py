"""The page "Experiments" without a browser: every lesson opens, runs when asked, stops, and shows what was found."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.experiments import registry
from cnnviz.experiments.experiment_process import ExperimentProcesses
from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record, run_experiment
from cnnviz.training.worker import RunState
from cnnviz.ui.experiments import batch_size, choices, overfitting, page, softmax, xor
from cnnviz.ui.train import held
from cnnviz.ui.train.run_registry import RunRegistry
from tests.ui.fake_worker import FakeWorker

ROOT = Path(__file__).resolve().parents[2]
PAGE = "pages/experiments.py"
KINDS = [kind.value for kind in ExperimentKind]
SHORT = {
    "batch": {"seconds": 0.1}, "overfitting": {"steps": 2, "few": 20}, "softmax": {"steps": 2}, "xor": {"steps": 30},
}  # fmt: skip


class FakeAttempt:
    """An experiment without a process, whose records the test gives out."""

    def __init__(self, wish: ExperimentSettings) -> None:
        self.wish, self.seen, self.found, self.state, self.sentence = wish, 0.0, [], RunState.STARTING, ""

    @property
    def is_working(self) -> bool:
        return self.state in (RunState.STARTING, RunState.RUNNING)

    @property
    def share(self) -> float:
        return self.found[-1]["share"] if self.found else 0.0

    def records(self) -> list[Record]:
        return self.found

    def stop(self) -> None:
        if self.is_working:
            self.state = RunState.STOPPED


@pytest.fixture(scope="module")
def found() -> dict[str, list[Record]]:
    """Real records of each lesson, of very short trainings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "BATCHES", (1, 10))
        return {
            kind: [json.loads(json.dumps(each)) for each in run_experiment(ExperimentSettings(kind, **SHORT[kind]))]
            for kind in KINDS
        }


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExperimentProcesses]:
    made = ExperimentProcesses(FakeAttempt, most_working=1)
    monkeypatch.setattr(page, "ATTEMPTS", made)
    yield made
    made.close()


def opened(lesson: str | None = None, **settings: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(PAGE)
    if lesson:
        app.query_params["lesson"] = lesson
    for name, value in settings.items():
        app.query_params[name] = value
    return calm(app.run())


def calm(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def pressed(app: AppTest, key: str) -> AppTest:
    return calm(app.button(key=key).click().run())


def running(app: AppTest, attempts: ExperimentProcesses, lesson: str) -> FakeAttempt:
    return attempts.find(app.session_state["experiments"][lesson])


def texts(app: AppTest) -> str:
    return " ".join(each.value for kind in (app.markdown, app.caption, app.info) for each in kind)


@pytest.mark.parametrize("lesson", KINDS)
def test_a_lesson_runs_when_asked_shows_what_was_found_and_can_be_run_again(
    lesson: str, attempts: ExperimentProcesses, found: dict[str, list[Record]]
):
    app = opened(lesson)
    assert app.session_state["experiments"] == {"open": lesson}  # nothing runs by itself
    before = len(app.get("plotly_chart"))
    attempt = running(pressed(app, f"run_{lesson}"), attempts, lesson)
    assert attempt.wish.lesson == lesson
    half = len(found[lesson]) // 2
    attempt.state, attempt.found = RunState.RUNNING, found[lesson][:half]
    assert app.run().button(key=f"stop_{lesson}")
    attempt.state, attempt.found = RunState.DONE, found[lesson]
    calm(app.run())
    assert len(app.get("plotly_chart")) > before
    assert [button.key for button in app.button if button.key.startswith("stop_")] == []
    attempt.state, attempt.sentence = RunState.FAILED, "It broke: run it again."
    assert app.run().error[0].value == "It broke: run it again."
    assert app.button(key=f"run_{lesson}").label == "Run again"


def test_what_was_set_is_what_is_run(attempts: ExperimentProcesses):
    app = opened("xor")
    app.number_input(key="xor_seed").set_value(7).run()
    app.segmented_control(key="xor_units").set_value(8).run()
    wish = running(pressed(app, "run_xor"), attempts, "xor").wish
    assert (wish.seed, wish.units) == (7, 8)


SETTINGS = [
    ("batch", {"seconds": "60", "pictures": "digits"}, {"seconds": 60.0, "pictures": "digits"}),
    ("overfitting", {"few": "300"}, {"few": 300}),
    ("softmax", {"pictures": "mnist"}, {"pictures": "mnist"}),
    ("xor", {"units": "8", "seed": "7"}, {"units": 8, "seed": 7}),
]


@pytest.fixture
def both_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine on which MNIST lies."""
    monkeypatch.setattr(choices, "is_available", lambda _key: True)


def in_address(app: AppTest) -> dict[str, str]:
    return {name: "".join(app.query_params[name]) for name in choices.LINK_NAMES if name in app.query_params}


@pytest.mark.parametrize(("lesson", "link", "wanted"), SETTINGS)
def test_a_link_brings_the_settings_of_a_lesson_back(lesson, link, wanted, attempts: ExperimentProcesses, both_sets):
    app = opened(lesson, **link)
    assert in_address(app) == link
    wish = running(pressed(app, f"run_{lesson}"), attempts, lesson).wish
    assert {name: getattr(wish, name) for name in wanted} == wanted
    assert not app.warning


def test_what_is_chosen_stands_in_the_address_and_what_is_usual_does_not(attempts: ExperimentProcesses, both_sets):
    app = opened("xor")
    assert in_address(app) == {}
    app.segmented_control(key="xor_units").set_value(8).run()
    app.number_input(key="xor_seed").set_value(7).run()
    assert in_address(app) == {"units": "8", "seed": "7"}
    app.segmented_control(key="xor_units").set_value(4).run()
    assert in_address(app) == {"seed": "7"}


def test_each_lesson_keeps_its_settings_and_only_the_open_one_is_in_the_address(
    attempts: ExperimentProcesses, both_sets
):
    app = opened("batch", pictures="digits", seconds="60")
    app.segmented_control(key=page.CHOICE).set_value("softmax").run()
    assert in_address(app) == {}  # and not the other lesson's pictures
    app.segmented_control(key=page.CHOICE).set_value("batch").run()
    assert in_address(calm(app)) == {"pictures": "digits", "seconds": "60"}
    assert app.segmented_control(key="batch_seconds").value == 60


@pytest.mark.parametrize(
    ("lesson", "link"),
    [
        ("xor", {"units": "3"}), ("xor", {"seed": "10000"}), ("xor", {"seed": "-1"}), ("xor", {"seed": "many"}),
        ("batch", {"seconds": "600"}), ("overfitting", {"few": "1e9"}), ("softmax", {"pictures": "cats"}),
    ],
)  # fmt: skip
def test_what_a_link_asks_for_and_cannot_be_is_said_and_as_usual(
    lesson, link, attempts: ExperimentProcesses, both_sets
):
    app = opened(lesson, **link)
    (name,) = link
    assert f"cannot be ({name})" in app.warning[0].value
    assert in_address(app) == {}
    assert running(pressed(app, f"run_{lesson}"), attempts, lesson).wish == opened_wish(lesson)


def opened_wish(lesson: str) -> ExperimentSettings:
    """The wish of a lesson at which nothing was chosen."""
    usual = ExperimentSettings(lesson)
    return replace(usual, pictures="mnist") if lesson == "batch" else usual


def test_the_sentence_on_a_link_goes_with_the_next_choice(attempts: ExperimentProcesses, both_sets):
    app = opened("xor", units="3")
    assert app.warning
    app.segmented_control(key="xor_units").set_value(8).run()
    assert not calm(app).warning


@pytest.mark.parametrize("typed", [10_000, -1])
def test_a_seed_out_of_its_bounds_is_said_and_never_run_as_another(typed, attempts: ExperimentProcesses, both_sets):
    app = opened("xor", seed="7")
    app.number_input(key="xor_seed").set_value(typed).run()
    assert app.number_input(key="xor_seed").value == typed  # what is wrong is still there to be seen
    assert "Seed must be 0 to 9,999" in app.error[0].value
    assert app.button(key="run_xor").disabled
    app.number_input(key="xor_seed").set_value(9_999).run()
    assert running(pressed(calm(app), "run_xor"), attempts, "xor").wish.seed == 9_999


def test_stop_keeps_what_was_found(attempts: ExperimentProcesses, found: dict[str, list[Record]]):
    app = pressed(opened("xor"), "run_xor")
    running(app, attempts, "xor").found = found["xor"][:2]
    calm(pressed(app, "stop_xor").run())
    assert "Stopped: the results so far stay." in texts(app)
    assert len(app.get("plotly_chart")) == 3  # two maps and the loss


def test_another_lesson_stops_the_one_that_runs_and_finds_it_again(attempts: ExperimentProcesses):
    app = pressed(opened("xor"), "run_xor")
    attempt = running(app, attempts, "xor")
    app.segmented_control(key=page.CHOICE).set_value("softmax").run()
    calm(app)
    assert attempt.state is RunState.STOPPED
    assert app.query_params["lesson"] in ("softmax", ["softmax"])
    calm(app.segmented_control(key=page.CHOICE).set_value("xor").run())
    assert "Stopped" in texts(app)


@pytest.fixture
def theirs(attempts: ExperimentProcesses) -> FakeAttempt:
    """Somebody else's experiment, which takes the only place."""
    return attempts.find(attempts.start(ExperimentSettings("xor")))


def waits(app: AppTest) -> bool:
    return any("experiment starts by itself as soon as one is free" in each.value for each in app.warning)


def test_where_all_places_are_taken_it_is_said_and_the_experiment_starts_by_itself(
    attempts: ExperimentProcesses, theirs: FakeAttempt
):
    app = pressed(opened("batch"), "run_batch")
    assert "All places for experiments are taken on this machine." in app.warning[0].value
    assert waits(app)
    assert app.button(key="run_batch")
    assert waits(calm(app.run()))  # as the clock of the page does: still nothing is free
    theirs.stop()
    calm(app.run())
    assert running(app, attempts, "batch").is_working
    assert not waits(app)


def test_what_is_set_when_its_turn_comes_is_what_is_run(attempts: ExperimentProcesses, theirs: FakeAttempt):
    app = pressed(opened("xor"), "run_xor")
    app.number_input(key="xor_seed").set_value(10_000).run()
    theirs.stop()
    assert waits(app.run())  # what is typed now cannot be run
    app.number_input(key="xor_seed").set_value(7).run()
    assert running(app, attempts, "xor").wish.seed == 7


@pytest.mark.parametrize("way", ["do not wait", "another lesson"])
def test_who_waits_for_a_place_may_leave_off(way: str, attempts: ExperimentProcesses, theirs: FakeAttempt):
    app = pressed(opened("xor"), "run_xor")
    if way == "do not wait":
        pressed(app, "experiments_no_wait")
    else:
        calm(app.segmented_control(key=page.CHOICE).set_value("softmax").run())
        calm(app.segmented_control(key=page.CHOICE).set_value("xor").run())
    theirs.stop()
    calm(app.run())
    assert not waits(app)
    assert "xor" not in app.session_state["experiments"]


def test_what_hinders_when_its_turn_comes_is_said(attempts: ExperimentProcesses, theirs: FakeAttempt):
    def no_room(_wish: ExperimentSettings) -> FakeAttempt:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    app = pressed(opened("xor"), "run_xor")
    theirs.stop()
    attempts._begin = no_room
    calm(app.run())
    assert "no room for another process just now" in app.warning[0].value


def test_without_mnist_the_digits_are_used_and_it_is_said(
    attempts: ExperimentProcesses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    app = opened("batch")
    assert "MNIST is not on this machine" in texts(app)
    assert running(pressed(app, "run_batch"), attempts, "batch").wish.pictures == "digits"


@pytest.mark.parametrize(
    ("lesson", "holds"),
    [
        ("batch", lambda setup: setup["network"] == "mnist_b1"),
        ("overfitting", lambda setup: setup["data"]["limit"] == 100),
        ("softmax", lambda setup: setup["config"]["loss"] == "softmax_nll"),
        ("xor", lambda setup: "none" in str(setup["blueprint"]) and "relu" not in str(setup["blueprint"])),
    ],
)
def test_a_lesson_leads_to_a_training_that_is_set_up(lesson, holds, attempts: ExperimentProcesses, monkeypatch):
    runs = RunRegistry(FakeWorker)
    monkeypatch.setattr(held, "RUNS", runs)
    app = pressed(opened(lesson), "to_training")
    runs.close()
    assert holds(app.session_state["training"]["setup"])
    assert app.button(key="train_start")
    back = pressed(app, f"to_{lesson}")
    assert back.button(key=f"run_{lesson}")


def test_the_sum_on_the_page_holds_as_it_is_read(found: dict[str, list[Record]]):
    bare = found["xor"][0]
    shown = xor.written_sum(bare).replace("−", "-").replace("(", "").replace(")", "")
    terms, total = shown.split(" = ")
    by_hand = sum(Decimal(term) for term in terms.split(" + "))
    assert round(by_hand, len(total.split(".")[1])) == Decimal(total)
    wrong = json.loads(json.dumps(bare))
    wrong["layers"][2][0][0] += 0.5  # the twin: what does not add up is never written with =
    wrong["layers"][0][0][0] = 1.0
    assert "≈" in xor.written_sum(wrong)


def test_both_ways_to_the_score_agree_only_for_the_joined_layer(found: dict[str, list[Record]]):
    bare = found["xor"][0]
    for _name, two, one in xor.point_rows(bare):
        assert two == pytest.approx(one, abs=1e-6)
    wrong = bare | {"bias": [0.0, bare["bias"][1] + 0.01]}
    assert not all(two == pytest.approx(one, abs=1e-6) for _name, two, one in xor.point_rows(wrong))


def test_the_table_of_pulls_is_the_chain_rules():
    for p, right, wrong in softmax.gradient_rows():
        assert (right, wrong) == pytest.approx((1 - p, p * (1 - p)), abs=1e-12)
        assert wrong != pytest.approx(1 - p, abs=1e-3)


def test_findings_say_the_records_numbers(found: dict[str, list[Record]]):
    last = batch_size.latest_timings(found["batch"])
    times = last[1]["epoch_seconds"] / last[10]["epoch_seconds"]
    assert f"{times:.1f} times as fast" in batch_size.describe_timings(last)
    assert "being measured" in batch_size.describe_timings({1: last[1]})
    bare = {record["key"]: record for record in found["overfitting"]}["bare"]
    p = bare["validation"]["accuracy"]
    chance = 2 * max(math.sqrt(p * (1 - p) / 180), 0.5 / 180)
    said = overfitting.describe_overfitting({"bare": bare})
    assert re.findall(r"[\d.]+(?= %)", said) == [
        f"{100 * share:.1f}" for share in (bare["training"]["accuracy"], p, chance)
    ]
    right, wrong = found["softmax"][:2]
    factor = right["gradient"] / wrong["gradient"]
    assert f"by a factor of {factor:.1f}" in softmax.describe_losses(found["softmax"])
    assert softmax.describe_losses(found["softmax"][:1]) == ""


def test_the_map_is_shown_with_the_first_number_along(attempts: ExperimentProcesses, found: dict[str, list[Record]]):
    app = pressed(opened("xor"), "run_xor")
    attempt = running(app, attempts, "xor")
    attempt.state, attempt.found = RunState.DONE, found["xor"]
    spec = json.loads(calm(app.run()).get("plotly_chart")[1].proto.spec)
    drawn = np.array(spec["data"][0]["z"])
    answers = np.array(found["xor"][1]["map"])
    np.testing.assert_allclose(drawn, answers.T)
    assert np.abs(drawn - answers).max() > 1e-3  # the twin: drawn the other way round it would be another map


def test_a_page_is_one_thin_file():
    assert len((ROOT / PAGE).read_text(encoding="utf-8").splitlines()) <= 90
