"""The runs of a process: whose they are, how many there may be, when they go, which commands reach them."""

from typing import Any

import numpy as np
import pytest
from office import JOB, Office

from cnnviz.processes.registry import LASTS_S
from cnnviz.training.worker import RunState
from cnnviz.ui.train.example import example_token
from cnnviz.ui.train.run_entry import RunError


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


def test_tokens_cannot_be_guessed(office: Office):
    tokens = {office.runs.put(JOB, "", office.runs.find(office.finished()).history) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize("token", ["", "a" * 32, None, 3, ["x"], {"token": 1}])
def test_who_has_no_token_learns_nothing(office: Office, token: Any):
    office.finished()
    back = token if isinstance(token, str) and len(token) <= 64 else None  # whatever was sent does not come back whole
    assert office.asked(token) == {"runs": [{"token": back, "state": "gone"}]}


def test_a_command_with_another_token_reaches_nobody():
    office = Office()
    office.started()
    office.asked("b" * 32, commands=[{"token": "b" * 32, "do": "stop"}])
    assert office.hired[0].state is RunState.RUNNING


def test_all_places_taken_is_said_and_a_free_one_is_given():
    office = Office(most_working=2)
    first, _second = office.started(), office.started()
    with pytest.raises(RunError, match="All 2 places for training are taken"):
        office.started()
    office.runs.drop(first)
    assert office.runs.find(office.started()).is_working


def test_a_finished_run_gives_its_worker_to_the_next():
    office = Office(most_working=1)
    office.finished()
    office.finished()
    assert len(office.hired) == 1
    assert office.hired[0].log.count("start") == 2


def test_what_nobody_asks_for_is_forgotten():
    office = Office()
    token = office.finished()
    office.clock.now = LASTS_S - 1
    office.runs.tend()
    assert office.runs.find(token) is not None
    office.clock.now += LASTS_S + 1
    office.runs.tend()
    assert office.runs.find(token) is None


def test_a_run_is_not_kept_alive_by_other_visitors():
    office = Office()
    office.started()
    other = office.started()
    asked = office.hired[0].polls
    for second in range(30):
        office.clock.now = 6.0 * second
        office.hired[1].state = RunState.PAUSED
        office.asked(other)
    assert office.hired[0].polls == asked
    assert office.hired[1].polls >= 5


def test_there_are_never_more_runs_than_the_bound():
    office = Office(most=3)
    tokens = [office.finished() for _ in range(5)]
    assert [office.runs.find(token) is not None for token in tokens] == [False, False, True, True, True]


@pytest.mark.parametrize(("cores", "hired"), [(2, 1), (8, 2)])
def test_another_worker_is_made_ready_only_where_it_takes_no_core_from_the_one_at_work(cores: int, hired: int):
    office = Office(cores=cores)
    office.runs.warm()
    token = office.started()
    office.runs.warm()
    assert len(office.hired) == hired
    office.runs.drop(token)
    office.runs.warm()
    assert len(office.hired) == hired  # the one that was at work is free again


def test_no_worker_stays_after_the_end():
    office = Office(cores=8)
    office.started()
    office.runs.warm()
    assert len(office.hired) == 2
    office.runs.close()
    assert not any(worker.is_alive for worker in office.hired)


@pytest.mark.parametrize(
    ("command", "says"),
    [({"do": "fly"}, "must be one of"), ({"do": None}, "must be one of"), ({"do": ["stop"]}, "must be one of"),
     ({"do": "rate", "rate": float("nan")}, "rate must be"), ({"do": "rate", "rate": 50}, "rate must be"),
     ({"do": "speed", "speed": 0}, "speed must be"), ({"do": "speed", "speed": "2"}, "speed must be"),
     ({"do": "rate"}, "rate must be"), ({"do": "rate", "rate": True}, "rate must be")],
)  # fmt: skip
def test_an_odd_command_changes_nothing_and_is_answered_in_one_sentence(command: dict[str, Any], says: str):
    office = Office()
    token = office.started()
    answered = office.asked(token, commands=[{"token": token, **command}])
    assert says in answered["problem"]
    assert answered["runs"][0]["state"] == "running"


def test_pause_one_step_and_another_rate_reach_the_run():
    office = Office()
    token = office.started()
    office.asked(token)
    office.asked(token, commands=[{"token": token, "do": "pause"}])
    before = office.asked(token)["runs"][0]["step"]
    told = office.asked(token, commands=[{"token": token, "do": "rate", "rate": 0.5}])["runs"][0]
    assert told["rate"] == 0.5  # although no step was taken with it yet
    after = office.asked(token, commands=[{"token": token, "do": "step"}])
    assert after["runs"][0]["step"] == before + 1
    assert after["runs"][0]["state"] == "paused"
    office.asked(token, commands=[{"token": token, "do": "resume"}])
    rates = office.asked(token)["runs"][0]["curves"]["rates"]
    assert rates[0] == np.float32(0.01)
    assert rates[-1] == 0.5


def test_a_command_that_comes_twice_is_done_once():
    office = Office()
    token = office.started()
    office.asked(token, commands=[{"token": token, "do": "pause", "number": "a-1"}])
    before = office.asked(token)["runs"][0]["step"]
    for number in ("a-2", "a-2", "a-3", None, None, 7):  # a command without a number, or with an odd one, is a new one
        after = office.asked(token, commands=[{"token": token, "do": "step", "number": number}])["runs"][0]["step"]
    assert after == before + 5


def test_a_run_that_is_put_aside_frees_its_place_and_stays_to_be_looked_at():
    office = Office(most_working=1)
    token = office.started()
    office.asked(token)
    told = office.asked(token, commands=[{"token": token, "do": "aside"}])["runs"][0]
    assert (told["state"], told["step"] > 0, bool(told["look"])) == ("stopped", True, True)
    assert office.runs.find(office.started()).is_working


def test_the_speed_reaches_the_run_and_is_told():
    office = Office()
    token = office.started()
    assert office.asked(token)["runs"][0]["speed"] is None
    told = office.asked(token, commands=[{"token": token, "do": "speed", "speed": 2}])["runs"][0]
    assert told["speed"] == 2
    assert "speed 2.0" in office.hired[0].log
    other = office.runs.start(JOB, "", speed=2.0)
    assert office.asked(other)["runs"][0]["speed"] == 2
    assert any("start at 2.0" in each.log for each in office.hired)


def test_the_recorded_run_is_everybodys_to_look_at_and_nobodys_to_command_or_to_lose():
    office = Office(most=1)
    token = example_token(office.runs)
    told = office.asked(token, commands=[{"token": token, "do": "aside"}, {"token": token, "do": "resume"}])
    assert "This run is over" in told["problem"]
    assert (told["runs"][0]["state"], told["runs"][0]["step"]) == ("done", 306)
    office.finished()
    office.runs.drop(token)
    office.clock.now = 3 * LASTS_S
    office.runs.tend()
    assert office.runs.find(token) is not None
    assert example_token(office.runs) == token
    assert office.hired  # nothing but the other run was hired for
