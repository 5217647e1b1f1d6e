"""Where the bounds of a machine are met, a visitor is told in one sentence, and nobody else notices."""

from dataclasses import replace

import pytest
from office import JOB, Office

from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import SavedNetwork, pack_network, unpack_network
from cnnviz.training.worker import WorkerError
from cnnviz.ui.train.files import loaded_network, saved_network
from cnnviz.ui.train.run_registry import MOST_RUNS, MOST_WORKING, RunError, RunRegistry
from tests.ui.fake_worker import FakeWorker


def test_a_run_at_work_is_never_forgotten_for_another_one():
    """On a machine of many cores as well, where more could work than are remembered."""
    assert MOST_WORKING < MOST_RUNS
    office = Office(most=3, most_working=100, cores=200)
    tokens = [office.started() for _ in range(3)]
    with pytest.raises(RunError, match="All 3 places for training are taken"):
        office.started()
    assert all(office.runs.find(token).is_working for token in tokens)


def test_a_machine_without_room_for_a_process_says_so_and_works_when_there_is_room_again():
    office = Office()

    def no_room():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    office.runs._hire = no_room
    office.runs.warm()
    with pytest.raises(RunError, match="no room for another process just now: try again later"):
        office.started()
    office.runs._hire = office.hire
    assert office.runs.find(office.started()).is_working


class Gone(FakeWorker):
    """A worker that ends between the look at it and the job."""

    def start(self, *_what, **_more):
        raise WorkerError("The training process has ended unexpectedly.")


def test_a_worker_that_goes_at_the_last_moment_is_one_sentence():
    office = RunRegistry(Gone)
    with pytest.raises(RunError, match="ended unexpectedly"):
        office.start(JOB, "a run")
    assert not office._registry.values


@pytest.fixture(scope="module")
def saved():
    office = Office()
    return saved_network(office.runs.find(office.finished()), None)


def with_facts(data, **facts):
    network = unpack_network(data)
    return pack_network(SavedNetwork(network.blueprint, network.scaling, network.weights, {**network.facts, **facts}))


@pytest.mark.parametrize("step", [10**400, 9, -1, 1.5, None, "1"])
def test_a_file_of_a_step_that_its_job_has_not_is_refused(saved, step):
    with pytest.raises(CheckpointError, match="does not fit its network"):
        loaded_network(with_facts(saved, step=step))


def test_a_network_trained_on_another_device_is_judged_here(saved):
    job = replace(JOB, config=replace(JOB.config, device="cuda"))
    assert loaded_network(with_facts(saved, job=job.to_record())).history.evaluations[0].validation.n > 0
