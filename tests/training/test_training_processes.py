"""Several processes are one: a team of two trains like one process, and a run that is killed like one that is not."""

import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from cnnviz.training import ProcessGroup, unpack_network
from tests.training.forked import KILLS, TEAM_JOBS

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-5  # sums in another order, ten steps long
JUST_THIS = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs processes that split")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forked")
    command = [sys.executable, "-W", "error", "-m", "tests.training.forked", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "said").write_text(done.stdout)
    return folder


def loaded(folder, name):
    return safetensors.torch.load_file(folder / f"{name}.safetensors")


def distance(one, other):
    """The largest difference of any number in two states."""
    assert set(one) == set(other)
    return max(float((one[name].double() - other[name].double()).abs().max()) for name in one if one[name].numel())


@JUST_THIS
@pytest.mark.parametrize("name", TEAM_JOBS)
@pytest.mark.parametrize("rank", [0, 1])
def test_a_team_of_two_ends_where_one_process_on_the_joined_batch_does(folder, name, rank):
    alone, member = loaded(folder, f"{name}-alone"), loaded(folder, f"{name}-{rank}")
    assert distance(alone, member) < TOLERANCE
    before = {name: torch.zeros_like(value) for name, value in alone.items()}
    assert distance(alone, before) > 100 * TOLERANCE


@JUST_THIS
def test_members_who_do_not_add_up_would_be_noticed(folder):
    """The negative twin: each on its own share, which is what a forgotten sum amounts to."""
    from cnnviz.training import start_session
    from tests.training.small_jobs import sets

    job = TEAM_JOBS["plain"]
    course = start_session(job, sets())
    whole = course.run._source.batch
    course.run._source.batch = lambda step, size, chance: tuple(part[: size // 2] for part in whole(step, size, chance))
    course.run.advance(60)
    alone = {name: value for name, value in loaded(folder, "plain-alone").items() if name.startswith("model.")}
    apart = {name: value for name, value in course.run.state().items() if name.startswith("model.")}
    assert distance(alone, apart) > 100 * TOLERANCE


@JUST_THIS
def test_a_run_killed_three_times_ends_bit_for_bit_like_one_that_was_left_alone(folder):
    whole, killed = (
        unpack_network((folder / name / "network.safetensors").read_bytes()) for name in ("whole", "killed")
    )
    assert {name: array.tobytes() for name, array in whole.weights.items()} == {
        name: array.tobytes() for name, array in killed.weights.items()
    }
    assert whole.facts == killed.facts
    for name in ("job.json", "evaluations.json"):
        assert (folder / "whole" / name).read_text() == (folder / "killed" / name).read_text()


@JUST_THIS
def test_it_was_killed_in_the_middle_each_time(folder):
    steps = [int(step) for step in (folder / "said").read_text().split("[")[1].split("]")[0].split(",")]
    assert len(steps) == KILLS
    assert 0 < steps[0] < steps[1] < steps[2] < 40


@JUST_THIS
def test_a_member_that_is_killed_is_one_sentence_for_the_other(folder):
    said = (folder / "broken").read_text()
    assert said.startswith("another process of the group has ended: start all of them again")


def test_shares_are_contiguous_and_differ_by_one_at_most():
    for count in range(20):
        parts = [ProcessGroup(rank, 3).share(count) for rank in range(3)]
        assert [parts[0].start, parts[1].start, parts[2].start] == [0, parts[0].stop, parts[1].stop]
        assert parts[2].stop == count
        assert max(part.stop - part.start for part in parts) - min(part.stop - part.start for part in parts) <= 1
