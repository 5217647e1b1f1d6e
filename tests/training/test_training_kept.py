"""A run kept after every step survives being killed at any moment; a damaged or foreign file changes nothing."""

import json

import pytest
import safetensors.torch
import torch

from cnnviz.checkpoints import CheckpointError
from cnnviz.training import begin
from cnnviz.training.kept import NAMES, UNFINISHED, Keeper, last_kept
from cnnviz.training.runner import Runner, claim
from tests.training.small_jobs import RICH, job, sets


@pytest.fixture(scope="module")
def data():
    return sets()


def kept_run(folder, data, steps=3):
    run = begin(job(RICH), data).run
    keeper = Keeper(folder)
    run.advance(60, most=steps, after_each=lambda each: keeper.keep(each.live_state()))
    return run, keeper


def is_same(one, other):
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_what_is_kept_is_the_whole_state_of_the_last_step(tmp_path, data):
    run, keeper = kept_run(tmp_path, data)
    assert is_same(last_kept(tmp_path), run.state())
    keeper.close()
    assert is_same(last_kept(tmp_path), run.state())


def test_the_files_are_ordinary_and_hold_the_last_two_steps(tmp_path, data):
    kept_run(tmp_path, data, steps=5)
    assert sorted(int(safetensors.torch.load_file(tmp_path / name)["step"]) for name in NAMES) == [4, 5]


class Killed(BaseException):
    """In the place of a signal: nothing after it runs."""


@pytest.mark.parametrize("survived", [0, 1, 5, 12])
def test_a_process_that_dies_while_it_writes_leaves_the_step_before(tmp_path, data, survived):
    run, keeper = kept_run(tmp_path, data, steps=3)
    before = last_kept(tmp_path)
    run.advance(60, most=1)
    state = DiesAfter(run.live_state(), survived)
    with pytest.raises(Killed):
        keeper._slots[1 - keeper._turn].write(state)
    assert is_same(last_kept(tmp_path), before)


class DiesAfter(dict):
    """A state that can be read so many times."""

    def __init__(self, state, reads):
        super().__init__(state)
        self.reads = reads

    def __getitem__(self, name):
        self.reads -= 1
        if self.reads < 0:
            raise Killed
        return super().__getitem__(name)


def test_a_file_whose_number_was_written_first_would_be_noticed(tmp_path, data):
    """The negative twin: with the number there already, half a state passes for a whole one."""
    run, keeper = kept_run(tmp_path, data, steps=3)
    before = last_kept(tmp_path)
    run.advance(60, most=1)
    slot = keeper._slots[1 - keeper._turn]
    with pytest.raises(Killed):
        slot.write(DiesAfter(run.live_state(), 5))
    assert int(slot._tensors["step"]) == UNFINISHED
    slot._tensors["step"].fill_(4)
    assert not is_same(last_kept(tmp_path), before)


def test_nothing_kept_is_none_and_two_damaged_files_are_one_sentence(tmp_path):
    assert last_kept(tmp_path) is None
    for name in NAMES:
        (tmp_path / name).write_bytes(b"junk")
    with pytest.raises(CheckpointError, match="damaged: begin in a fresh folder"):
        last_kept(tmp_path)


def test_one_damaged_file_leaves_the_other_one(tmp_path, data):
    kept_run(tmp_path, data, steps=4)
    (latest,) = [name for name in NAMES if int(safetensors.torch.load_file(tmp_path / name)["step"]) == 4]
    (tmp_path / latest).write_bytes(b"")
    assert int(last_kept(tmp_path)["step"]) == 3


def test_a_folder_belongs_to_one_job(tmp_path):
    claim(tmp_path / "runs", job())
    claim(tmp_path / "runs", job())
    with pytest.raises(ValueError, match="holds a run with other settings: choose another folder"):
        claim(tmp_path / "runs", job(rate=0.5))
    assert json.loads((tmp_path / "runs" / "job.json").read_text()) == job().to_record()


def test_a_run_interrupted_at_the_end_of_an_epoch_is_judged_all_the_same(tmp_path, data):
    settings = {"steps": None, "epochs": 2}
    first = Runner(job(**settings), data, tmp_path)
    run = first._course.run
    run.advance(60, run.steps_an_epoch, first._keep)  # killed before the evaluation
    Runner(job(**settings), data, tmp_path).finish()
    Runner(job(**settings), data, tmp_path).finish()  # a finished run stays as it is
    evaluations = json.loads((tmp_path / "evaluations.json").read_text())
    assert [each["epoch"] for each in evaluations] == [1, 2]
