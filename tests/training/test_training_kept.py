"""A run kept after every step survives being killed at any moment; a damaged or foreign file changes nothing."""

import json

import pytest
import safetensors.torch
import torch

from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import start_session
from cnnviz.training.folder_run import FolderRun
from cnnviz.training.reports import Diverged
from cnnviz.training.run_lock import lock_run_folder, write_job
from cnnviz.training.state_files import NAMES, SUM, UNFINISHED, CheckpointWriter, _tally, last_state
from tests.training.small_jobs import RICH, job, sets


@pytest.fixture(scope="module")
def data():
    return sets()


def kept_run(folder, data, steps=3):
    run = start_session(job(RICH), data).run
    keeper = CheckpointWriter(folder)
    run.advance(60, most=steps, after_each=lambda each: keeper.keep(each.live_state()))
    return run, keeper


def is_same(one, other):
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_what_is_kept_is_the_whole_state_of_the_last_step(tmp_path, data):
    run, keeper = kept_run(tmp_path, data)
    assert is_same(last_state(tmp_path), run.state())
    keeper.close()
    assert is_same(last_state(tmp_path), run.state())


def test_the_files_are_ordinary_and_hold_the_last_two_steps(tmp_path, data):
    kept_run(tmp_path, data, steps=5)
    assert sorted(int(safetensors.torch.load_file(tmp_path / name)["step"]) for name in NAMES) == [4, 5]


class Killed(BaseException):
    """In the place of a signal: nothing after it runs."""


@pytest.mark.parametrize("survived", [0, 1, 5, 12])
def test_a_process_that_dies_while_it_writes_leaves_the_step_before(tmp_path, data, survived):
    run, keeper = kept_run(tmp_path, data, steps=3)
    before = last_state(tmp_path)
    run.advance(60, most=1)
    state = DiesAfter(run.live_state(), survived)
    with pytest.raises(Killed):
        keeper._slots[1 - keeper._turn].write(state)
    assert is_same(last_state(tmp_path), before)


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


def test_half_a_state_with_a_number_is_known_by_its_sum(tmp_path, data):
    """The negative twin: with another sum, half a state passes for a whole one."""
    run, keeper = kept_run(tmp_path, data, steps=3)
    before = last_state(tmp_path)
    run.advance(60, most=1)
    slot = keeper._slots[1 - keeper._turn]
    with pytest.raises(Killed):
        slot.write(DiesAfter(run.live_state(), 5))
    assert int(slot._tensors["step"]) == UNFINISHED
    slot._tensors["step"].fill_(4)
    assert is_same(last_state(tmp_path), before)
    slot._tensors[SUM].fill_(_tally(slot._map, 4, int(slot._tensors[SUM])))
    assert not is_same(last_state(tmp_path), before)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9, 0.9999])
@pytest.mark.parametrize("change", [1, 255])
def test_one_changed_byte_in_the_latest_file_costs_one_step_and_nothing_else(tmp_path, data, place, change):
    _run, keeper = kept_run(tmp_path, data, steps=4)
    keeper.close()
    (latest,) = [path for path in map(tmp_path.joinpath, NAMES) if int(safetensors.torch.load_file(path)["step"]) == 4]
    damaged = bytearray(latest.read_bytes())
    first = 8 + int.from_bytes(damaged[:8], "little")
    damaged[first + int(place * (len(damaged) - first))] ^= change
    latest.write_bytes(damaged)
    assert int(last_state(tmp_path)["step"]) == 3
    run = start_session(job(RICH), data).run
    run.resume(last_state(tmp_path))
    run.advance(60, most=1)
    assert is_same(run.state(), _run.state())


def test_nothing_kept_is_none_and_two_damaged_files_are_one_sentence(tmp_path):
    assert last_state(tmp_path) is None
    for name in NAMES:
        (tmp_path / name).write_bytes(b"junk")
    with pytest.raises(CheckpointError, match="damaged: start in a new folder"):
        last_state(tmp_path)


def test_one_damaged_file_leaves_the_other_one(tmp_path, data):
    kept_run(tmp_path, data, steps=4)
    (latest,) = [name for name in NAMES if int(safetensors.torch.load_file(tmp_path / name)["step"]) == 4]
    (tmp_path / latest).write_bytes(b"")
    assert int(last_state(tmp_path)["step"]) == 3


def test_a_folder_belongs_to_one_job(tmp_path):
    lock_run_folder(tmp_path / "runs", job()).close()
    lock_run_folder(tmp_path / "runs", job()).close()
    with pytest.raises(ValueError, match="holds a run with other settings: choose another folder"):
        lock_run_folder(tmp_path / "runs", job(rate=0.5))
    assert json.loads((tmp_path / "runs" / "job.json").read_text()) == job().to_record()


def test_a_state_without_its_job_is_nobody_s_to_go_on_with(tmp_path, data):
    _run, keeper = kept_run(tmp_path, data)
    keeper.close()
    with pytest.raises(ValueError, match="holds a run with other settings"):
        lock_run_folder(tmp_path, job(RICH))


def test_two_processes_never_write_into_one_folder(tmp_path, data):
    first = FolderRun(job(), data, tmp_path)
    with pytest.raises(ValueError, match="in use by another process: wait until it has ended"):
        FolderRun(job(), data, tmp_path)
    first.finish()
    FolderRun(job(), data, tmp_path).finish()


def test_a_runner_that_cannot_begin_lets_go_of_its_folder(tmp_path, data):
    for name in NAMES:
        (tmp_path / name).write_bytes(b"junk")
    (tmp_path / "job.json").write_bytes(write_job(job().to_record()))
    for _turn in range(2):
        with pytest.raises(CheckpointError, match="damaged: start in a new folder"):
            FolderRun(job(), data, tmp_path)


@pytest.mark.parametrize("junk", ["", "{", "[3]", '{"step": 1}', '[{"epoch": 1}]', "null"])
def test_damaged_evaluations_are_one_sentence_with_the_way_out(tmp_path, data, junk):
    FolderRun(job(steps=2), data, tmp_path).finish()
    network = (tmp_path / "network.safetensors").read_bytes()
    (tmp_path / "evaluations.json").write_text(junk)
    with pytest.raises(CheckpointError, match=r"evaluations.json is damaged: remove it"):
        FolderRun(job(steps=2), data, tmp_path).finish()
    (tmp_path / "evaluations.json").unlink()
    FolderRun(job(steps=2), data, tmp_path).finish()
    assert (tmp_path / "network.safetensors").read_bytes() == network


@pytest.mark.parametrize("steps", [300, 5])  # lost on the way; or by the last update, after a loss that still was one
def test_a_run_whose_numbers_are_lost_says_so_and_leaves_no_network(tmp_path, data, steps):
    wild = job(optimiser="sgd", rate=9.9, loss="squared_error", l2=1.0, steps=steps)
    for _turn in range(2):  # asked again, it says so again
        with pytest.raises(Diverged, match=r"diverged (at|after) step .* start again with a smaller learning rate"):
            FolderRun(wild, data, tmp_path).finish()
    assert not (tmp_path / "network.safetensors").exists()
    assert not any("NaN" in path.read_text() for path in tmp_path.glob("evaluations.json"))


def test_a_run_interrupted_at_the_end_of_an_epoch_is_judged_all_the_same(tmp_path, data):
    settings = {"steps": None, "epochs": 2}
    first = FolderRun(job(**settings), data, tmp_path)
    run = first._course.run
    run.advance(60, run.steps_an_epoch, first._keep)  # killed before the evaluation
    first.close()
    FolderRun(job(**settings), data, tmp_path).finish()
    FolderRun(job(**settings), data, tmp_path).finish()  # a finished run stays as it is
    evaluations = json.loads((tmp_path / "evaluations.json").read_text())
    assert [each["epoch"] for each in evaluations] == [1, 2]
