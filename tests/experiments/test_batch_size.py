"""Batch size and speed, measured: every point is of its batch size, counts its pictures, keeps to the budget."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.experiments.batch_size import PIECES, BatchTiming, _size, measure_batch_size
from cnnviz.models.builder import preset
from cnnviz.training import Job, TrainConfig


@pytest.fixture(scope="module")
def job() -> Job:
    return Job(preset("xo_small"), DataChoice("xo_generated", limit=60), TrainConfig(rate=1e-3))


def test_every_batch_size_gets_its_points_and_its_share_of_the_time(job: Job):
    sets = load_images(job.data)
    paces = list(measure_batch_size(job, (1, 16, 1000), budget_s=0.6, sets=sets))
    assert [pace.batch for pace in paces] == [1] * PIECES + [16] * PIECES  # 1,000 are more than there are
    for batch in (1, 16):
        own = [pace for pace in paces if pace.batch == batch]
        assert [pace.is_last for pace in own] == [False] * (PIECES - 1) + [True]
        assert all(a.updates < b.updates and a.seconds < b.seconds for a, b in itertools.pairwise(own))
        assert own[-1].seconds >= 0.3
        assert own[-1].of == 60
        steps = range(1, own[-1].updates)  # the first is not timed
        assert own[-1].images == sum(len(range(60)[step % math.ceil(60 / batch) * batch :][:batch]) for step in steps)
        assert all(0 <= pace.accuracy <= 1 for pace in own)


@given(st.integers(1, 70), st.integers(1, 80))
def test_the_steps_of_an_epoch_hold_every_picture_once(batch: int, of: int):
    steps = math.ceil(of / batch)
    assert sum(_size(step, batch, of) for step in range(steps)) == of
    assert _size(steps, batch, of) == min(batch, of)


def test_an_epoch_is_scaled_up_from_what_was_measured():
    pace = BatchTiming(batch=10, updates=101, images=1000, seconds=2.0, accuracy=0.5, of=50_005, is_last=True)
    assert pace.images_a_second == 500
    assert pace.epoch_seconds == pytest.approx(100.01)
    assert pace.updates_an_epoch == 5001


@pytest.mark.parametrize("wrong", [{"budget_s": 0}, {"budget_s": 601}, {"budget_s": float("nan")}, {"batches": ()},
                                   {"batches": (0,)}, {"batches": (1.5,)}, {"batches": (True,)}])  # fmt: skip
def test_what_cannot_be_measured_is_one_sentence(job: Job, wrong):
    with pytest.raises(ValueError, match="must be"):
        next(measure_batch_size(job, **wrong))
