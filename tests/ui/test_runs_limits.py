"""Where the bounds of a machine are met, a visitor is told in one sentence, and nobody else notices."""

from dataclasses import replace

import pytest
from office import JOB, Office

from cnnviz.data.image_sets import DataChoice
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import SavedNetwork, pack_network, start_session, unpack_network
from cnnviz.training.worker import WorkerError
from cnnviz.ui.train.files import loaded_network, saved_network
from cnnviz.ui.train.run_entry import RunError
from cnnviz.ui.train.run_registry import MOST_RUNS, MOST_WORKING, RunRegistry
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


def with_facts(file, **facts):
    network = unpack_network(file)
    return pack_network(SavedNetwork(network.blueprint, network.scaling, network.weights, {**network.facts, **facts}))


@pytest.mark.parametrize("step", [10**400, 9, -1, 1.5, None, "1"])
def test_a_file_of_a_step_that_its_job_has_not_is_refused(saved, step):
    with pytest.raises(CheckpointError, match="does not fit its network"):
        loaded_network(with_facts(saved, step=step))


def test_a_network_trained_on_another_device_is_judged_here(saved):
    job = replace(JOB, config=replace(JOB.config, device="cuda"))
    assert loaded_network(with_facts(saved, job=job.to_record())).history.evaluations[0].validation.n > 0


TOKEN = "ab" * 32


def of_own_images(file):
    """The file of a network that was trained on somebody's upload."""
    job = replace(JOB, data=DataChoice("own", upload=TOKEN))
    return with_facts(file, job=job.to_record(), data=job.data.to_record(), title=TOKEN[:8])


def test_no_file_holds_the_token_of_the_images_that_it_was_trained_on(saved):
    assert TOKEN.encode() not in of_own_images(saved)
    assert pack_network(unpack_network(of_own_images(saved))) == of_own_images(saved)


def test_who_gets_a_file_does_not_get_its_images(saved, monkeypatch):
    """Not by the mark in it, and not by the token that files of earlier versions held."""
    monkeypatch.setattr("cnnviz.ui.train.files.start_session", lambda job: pytest.fail(f"it looked at {job.data}"))
    new = of_own_images(saved)
    monkeypatch.setattr("cnnviz.training.saved_networks.upload_mark", lambda token: token)
    old = of_own_images(saved)
    assert (TOKEN.encode() in old, TOKEN.encode() in new) == (True, False)
    for file in (new, old):
        with pytest.raises(CheckpointError, match="does not lead to them"):
            loaded_network(file)
        with pytest.raises(CheckpointError, match="does not lead to them"):
            loaded_network(file, ["cd" * 32])


def test_who_brought_the_images_has_them_again_with_the_file(saved, monkeypatch):
    asked = []
    monkeypatch.setattr("cnnviz.ui.train.files.start_session", lambda job: asked.append(job.data) or start_session(JOB))
    loaded_network(of_own_images(saved), ["cd" * 32, TOKEN])
    assert asked == [DataChoice("own", upload=TOKEN)]
