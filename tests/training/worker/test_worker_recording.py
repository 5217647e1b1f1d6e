"""A recorded run is a run: whoever trains its job again finds the same weights and the same figures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnviz.models.checkpoints import CheckpointError
from cnnviz.release.example_run import FILE, MOMENTS, recorded_job
from cnnviz.training import start_session
from cnnviz.training.worker import RunState
from cnnviz.training.worker.recording import pack_recording, read_recording, record_run
from cnnviz.ui.train.setup import default_setup, fit_setup

SHORT = replace(recorded_job(), config=replace(recorded_job().config, steps=6))


@pytest.fixture(scope="module")
def shipped():
    return read_recording(FILE.read_bytes())


def test_the_shipped_recording_is_what_its_job_gives_when_it_is_trained_again(shipped):
    course, history = start_session(shipped.job), shipped.history
    curve = history.curve()
    reports = course.run.advance(float("inf"), 60)
    np.testing.assert_allclose([each.loss for each in reports], curve.losses[:60], rtol=2e-3, atol=2e-4)
    for name, weight in course.run.snapshot().weights.items():
        np.testing.assert_allclose(history.weights_at(60)[name], weight.numpy(), atol=2e-3)
        assert np.abs(history.weights_at(60)[name] - history.weights_at(0)[name]).max() > 1e-2  # it did learn


@pytest.mark.parametrize("step", [0, 60, 306])
def test_what_the_shipped_recording_says_of_a_moment_is_what_its_weights_read(shipped, step: int):
    course, check = start_session(shipped.job), shipped.history.evaluation_at(step)
    course.run.model.load_state_dict(
        {name: torch.tensor(array) for name, array in shipped.history.weights_at(step).items()}
    )
    found = course.evaluated()
    assert check.step == step
    assert check.validation.accuracy == pytest.approx(found.validation.accuracy, abs=1e-6)
    assert check.validation.loss == pytest.approx(found.validation.loss, rel=1e-4)
    np.testing.assert_array_equal(check.predicted, found.predicted)
    np.testing.assert_array_equal(check.confusion, found.confusion)


def test_the_shipped_recording_is_of_the_network_that_the_page_begins_with(shipped):
    start = default_setup("digits_small")
    assert shipped.job == recorded_job()
    as_set_up = fit_setup(start, shipped.job.blueprint.input_shape, shipped.job.blueprint.classes)
    assert replace(shipped.job, config=replace(shipped.job.config, epochs=start.config.epochs)) == as_set_up
    assert shipped.history.moments == MOMENTS
    assert shipped.history.status.state is RunState.DONE
    assert len(FILE.read_bytes()) < 1_300_000


def test_a_recording_survives_its_file_to_the_last_bit():
    made = record_run(SHORT, (0, 1, 4, 6))
    found = read_recording(pack_recording(made))
    assert found.job == made.job
    assert found.history.moments == (0, 1, 4, 6)
    np.testing.assert_array_equal(found.history.curve().losses, made.history.curve().losses)
    assert found.history.norms() == made.history.norms()
    assert found.history.started == made.history.started
    for step in found.history.moments:
        for name, weight in made.history.weights_at(step).items():
            np.testing.assert_array_equal(found.history.weights_at(step)[name], weight)


@pytest.mark.parametrize("moments", [(), (3, 1), (0, 1_000_000)])
def test_moments_that_cannot_be_are_one_sentence(moments):
    with pytest.raises(ValueError, match="moments must"):
        record_run(SHORT, moments)


@pytest.mark.parametrize("data", [b"", b"nothing", b"\x02\0\0\0\0\0\0\0{}"])
def test_a_file_that_is_no_recording_is_one_sentence(data: bytes):
    with pytest.raises(CheckpointError, match="no recording of a run"):
        read_recording(data)
