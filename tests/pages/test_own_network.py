"""A network of one's own, taught without a process: scores, what stays after a failure, places that are all taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from cnnviz.data.image_sets import ImageSplits
from cnnviz.training import Job, start_session, unpack_network
from cnnviz.training.worker import Evaluated, Message, MomentMessage, RunState, RunStatus
from cnnviz.ui.teach import own_network
from cnnviz.ui.train.run_registry import RunRegistry

ROOT = Path(__file__).resolve().parents[2]
STEPS = 8


class InThisProcess:
    """Takes a few steps at once when it is asked, or fails."""

    fails = False

    def __init__(self) -> None:
        self.is_alive, self.course = True, None

    def start(
        self, job: Job, sets: ImageSplits | None = None, weights: object = None, speed: float | None = None
    ) -> None:
        assert weights is None
        self.course = start_session(job, sets)

    def poll(self, timeout_s: float = 0.5) -> list[Message]:
        if self.course is None:
            return [RunStatus(RunState.IDLE)]
        if self.fails:
            return [RunStatus(RunState.FAILED, sentence="The training process has ended unexpectedly.")]
        run, told = self.course.run, [self._moment()]
        run.advance(60, STEPS)
        return [*told, self._moment(), Evaluated(self.course.evaluated()), RunStatus(RunState.DONE, STEPS, run.length)]

    def _moment(self) -> MomentMessage:
        snapshot = self.course.run.snapshot()
        return MomentMessage(snapshot.step, {name: weight.numpy() for name, weight in snapshot.weights.items()})

    def stop(self) -> None:
        """Nothing goes on by itself."""

    def close(self) -> None:
        self.is_alive = False


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[InThisProcess]]:
    kind = type("Hired", (InThisProcess,), {})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(own_network, "RUNS", RunRegistry(hire=kind, most_working=1))
    yield kind
    torch.set_num_threads(threads)


@pytest.fixture
def app(worker: type[InThisProcess]) -> AppTest:
    """The page, with twenty generated drawings."""
    found = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page("pages/train_xo.py").run()
    return found.button(key="own_generate").click().run()


def kept(app: AppTest, name: str):
    return app.session_state["own_xo"][name]


def trained(app: AppTest) -> bytes:
    app.button(key="own_train").click().run()
    app.run()
    assert not app.exception
    assert not app.error
    return kept(app, "network")


def test_a_taught_network_is_judged_on_what_was_held_out(app: AppTest):
    saved = unpack_network(trained(app))
    facts = saved.facts["held_out"]
    assert facts["n"] == 20 // 4
    assert app.metric[0].value == f"{facts['right']} of 5"
    assert app.metric[1].value.endswith((" of 459", " of 400"))
    assert saved.facts["drawings"] == 20
    assert kept(app, "run") is None


def test_the_same_seed_gives_the_same_file_and_another_one_another(app: AppTest):
    one, again = trained(app), trained(app)
    assert again == one
    app.number_input(key="own_seed").set_value(1).run()
    assert trained(app) != one


def test_a_seed_out_of_its_bounds_is_said_and_hinders_the_start(app: AppTest):
    app.number_input(key="own_seed").set_value(10_000).run()
    assert "Seed must be 0 to 9,999, got 10000" in app.error[0].value
    assert app.button(key="own_train").disabled
    app.number_input(key="own_seed").set_value(9_999).run()
    assert not app.error
    assert not app.button(key="own_train").disabled


def test_its_score_is_that_of_what_it_was_taught_whatever_is_drawn_later(app: AppTest):
    trained(app)
    before = app.metric[0].value
    app.session_state["own_xo"]["drawings"] = kept(app, "drawings")[:-1]
    app.run()
    assert app.metric[0].value == before


def test_a_run_that_fails_says_why_and_leaves_the_drawings(app: AppTest, worker: type[InThisProcess]):
    worker.fails = True
    app.button(key="own_train").click().run()
    assert [error.value for error in app.error] == ["The training process has ended unexpectedly."]
    assert kept(app, "network") is None
    assert len(kept(app, "drawings")) == 20
    worker.fails = False
    assert trained(app)


@pytest.fixture
def full(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of somebody who has pressed "Train" while others take all places."""
    monkeypatch.setattr(own_network.RUNS._registry, "most_working", 0)
    return calm(app.button(key="own_train").click().run())


def calm(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


SAID = "All places for training are taken on this machine. Your run starts by itself as soon as one is free."


def waits(app: AppTest) -> bool:
    return any(each.value == SAID for each in app.warning)


def one_is_free(app: AppTest) -> AppTest:
    """Somebody else's training is over, and the clock of the page has come round."""
    own_network.RUNS._registry.most_working = 1
    return app.run()


def test_where_all_places_are_taken_it_is_said_and_the_run_starts_by_itself(full: AppTest):
    assert waits(full)
    assert SAID in next_words(full)
    assert headings(full) == ["", "", "now", "later"]
    assert waits(calm(full.run()))  # still nothing is free
    calm(one_is_free(full))
    assert not waits(full)
    calm(full.run())
    assert kept(full, "network")


def test_who_waits_for_a_place_may_leave_off(full: AppTest):
    full.button(key="own_no_wait").click().run()
    assert "press “Train”" in next_words(full)
    calm(one_is_free(full))
    assert (kept(full, "run"), kept(full, "network")) == (None, None)


@pytest.mark.parametrize("way", ["start over", "too few drawings"])
def test_who_has_nothing_to_train_on_any_more_does_not_wait(full: AppTest, way: str):
    full.button(key="own_over" if way == "start over" else "own_undo").click().run()
    assert not waits(full)
    assert "are needed" in next_words(full)
    calm(one_is_free(full))
    full.button(key="own_undo" if way == "start over" else "own_generate").click().run()
    calm(full)
    assert (kept(full, "run"), kept(full, "network")) == (None, None)


def test_a_seed_that_cannot_be_is_never_trained_with_when_its_turn_comes(full: AppTest):
    full.number_input(key="own_seed").set_value(10_000).run()
    one_is_free(full)
    assert waits(full)
    full.number_input(key="own_seed").set_value(7).run()
    calm(full.run())
    assert kept(full, "taught")["seed"] == 7


def test_what_hinders_when_its_turn_comes_is_said(full: AppTest, monkeypatch: pytest.MonkeyPatch):
    def no_room() -> InThisProcess:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(own_network.RUNS, "_hire", no_room)
    own_network.RUNS._spare = None
    one_is_free(full)
    assert ["no room for another process just now" in error.value for error in full.error] == [True]
    assert not waits(full)


def test_starting_over_forgets_everything(app: AppTest):
    trained(app)
    app.button(key="own_over").click().run()
    assert kept(app, "network") is None
    assert kept(app, "drawings") == ()
    assert any("Nothing has been trained yet" in caption.value for caption in app.caption)


def test_starting_over_can_be_undone_network_and_all(app: AppTest):
    network = trained(app)
    drawings, score = kept(app, "drawings"), app.metric[0].value
    app.button(key="own_over").click().run()
    app.button(key="own_undo").click().run()
    assert (kept(app, "network"), kept(app, "drawings")) == (network, drawings)
    assert app.metric[0].value == score
    app.button(key="own_undo").click().run()  # of “Draw 20 for me”: the network stays, for it was trained later
    assert (kept(app, "network"), kept(app, "drawings")) == (network, ())


def next_words(app: AppTest) -> str:
    """What the page says comes next."""
    return next(words.value for words in app.markdown if words.value.startswith(":material/arrow_forward:"))


def headings(app: AppTest) -> list[str]:
    """The four steps: "now" stands out, "later" is faint."""
    found = [words.value.removeprefix("## ") for words in app.markdown if words.value.startswith("## ")]
    kinds = {":primary[": "now", ":gray[": "later"}
    return [next((kind for start, kind in kinds.items() if words.startswith(start)), "") for words in found]


def test_the_page_says_what_comes_next_until_the_network_is_tried(app: AppTest):
    assert "press “Train”" in next_words(app)
    assert headings(app) == ["", "", "now", "later"]
    app.button(key="own_undo").click().run()
    assert "4 more X and 4 more O are needed" in next_words(app)
    assert headings(app) == ["now", "later", "later", "later"]
    assert app.select_slider(key="own_strength").disabled
    app.button(key="own_generate").click().run()
    trained(app)
    assert "draw something on the pad" in next_words(app)
    assert headings(app) == ["", "", "", "now"]


@pytest.mark.parametrize("change", ["drawings", "strength"])
def test_what_has_changed_since_asks_for_another_training_and_undoing_it_does_not(app: AppTest, change: str):
    trained(app)
    if change == "drawings":
        app.button(key="own_generate").click().run()
    else:
        app.select_slider(key="own_strength").set_value(2.0).run()
    assert "press “Train” again" in next_words(app)
    assert headings(app)[2] == "now"
    if change == "drawings":
        app.button(key="own_undo").click().run()
    else:
        app.select_slider(key="own_strength").set_value(1.0).run()
    assert "draw something on the pad" in next_words(app)


def test_training_again_keeps_the_network_before_and_going_back_loses_none(app: AppTest):
    first = trained(app)
    assert app.button(key="own_swap").disabled
    app.number_input(key="own_seed").set_value(7).run()
    second = trained(app)
    assert second != first
    assert told(app.button(key="own_swap").click().run()) == (first, second)
    assert kept(app, "taught")["seed"] == 0
    assert told(app.button(key="own_swap").click().run()) == (second, first)
    assert kept(app, "taught")["seed"] == 7
    assert not app.exception


def told(app: AppTest) -> tuple[bytes, bytes]:
    """The network that is there, and the one before."""
    return kept(app, "network"), kept(app, "former")["network"]


def test_a_training_that_fails_gives_the_network_before_back(app: AppTest, worker: type[InThisProcess]):
    first = trained(app)
    worker.fails = True
    app.button(key="own_train").click().run()
    assert "ended unexpectedly" in app.error[0].value
    assert kept(app, "network") == first
    assert kept(app, "taught")["seed"] == 0
    assert kept(app, "former") is None


def test_a_network_that_is_loaded_keeps_the_one_before(app: AppTest):
    first = trained(app)
    app.number_input(key="own_seed").set_value(7).run()
    other = trained(app)
    app.button(key="own_over").click().run()
    app.button(key="own_undo").click().run()
    assert kept(app, "network") == other

    def brings() -> None:
        import streamlit as st

        from cnnviz.ui.teach import own_network

        own_network.bring(st.session_state["other"], "other.safetensors")

    loading = AppTest.from_function(brings, default_timeout=60)
    loading.session_state["own_xo"] = dict(app.session_state["own_xo"])
    loading.session_state["other"] = first
    loading.run()
    assert told(loading) == (first, other)


def test_undoing_start_over_loses_no_network_that_was_trained_since(app: AppTest):
    first = trained(app)
    app.button(key="own_over").click().run()
    app.button(key="own_generate").click().run()
    app.number_input(key="own_seed").set_value(7).run()
    second = trained(app)
    app.button(key="own_undo").click().run()  # the generated ones
    app.button(key="own_undo").click().run()  # starting over
    assert told(app) == (first, second)
    assert not app.exception
