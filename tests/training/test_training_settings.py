"""Settings of a training: JSON both ways, one sentence for nonsense, rates as PyTorch's schedulers have them."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.training import Job, TrainConfig, rate_at
from cnnviz.training.config import LossKind, OptimiserKind, ScalingKind, ScheduleKind
from tests.training.small_jobs import job

LENGTH = 30
configs = st.builds(
    TrainConfig,
    steps=st.none() | st.integers(1, 10_000),
    epochs=st.integers(1, 100),
    batch=st.integers(1, 512),
    optimiser=st.sampled_from(OptimiserKind),
    rate=st.floats(1e-6, 1),
    schedule=st.sampled_from(ScheduleKind),
    warm=st.integers(0, 50),
    cool=st.integers(0, 50),
    loss=st.sampled_from(LossKind),
    scaling=st.sampled_from(ScalingKind),
    l2=st.floats(0, 1),
    changes=st.lists(st.tuples(st.integers(0, 99), st.floats(1e-6, 1)), max_size=4).map(
        lambda all_: tuple(sorted(all_))
    ),
)


@settings(max_examples=40)
@given(configs)
def test_settings_survive_json(config):
    assert TrainConfig.from_record(json.loads(json.dumps(config.to_record()))) == config


def test_a_job_survives_json_and_equal_jobs_are_equal():
    one = job(l2=0.1)
    assert Job.from_record(json.loads(json.dumps(one.to_record()))) == one
    assert hash(one) == hash(job(l2=0.1))
    assert one != job(l2=0.2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimiser": "adamant"}, {"schedule": 3}, {"loss": None}, {"scaling": "x"}, {"batch": 1.5}, {"batch": True},
        {"rate": float("nan")}, {"rate": "0.1"}, {"rate": 10}, {"epochs": 0}, {"l2": -1}, {"decay": 2},
        {"momentum": 1}, {"changes": [[1]]}, {"changes": [[3, 0.1], [2, 0.1]]}, {"changes": [[1, 0]]},
        {"seed": -1}, {"device": "tpu"}, {"steps": 10**9}, {"rate": 10**400}, {"changes": [[0, 10**400]]},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(wrong):
    with pytest.raises(ValueError, match=r"must be .*, got .{1,61}: "):
        TrainConfig(**wrong)


@pytest.mark.parametrize("wrong", [None, [], {"steps": 1, "pace": 2}])
def test_a_record_that_is_none_is_one_sentence(wrong):
    with pytest.raises(ValueError, match="training settings must be"):
        TrainConfig.from_record(wrong)
    with pytest.raises(ValueError, match="job must be"):
        Job.from_record(wrong)


def test_a_batch_too_large_for_the_network_is_one_sentence():
    with pytest.raises(ValueError, match="network"):
        Job.from_record(record_of_a_wide_network())


def record_of_a_wide_network():
    record = job(batch=65_536).to_record()
    record["blueprint"]["input_shape"] = [1, 96, 96]
    record["blueprint"]["parts"][0] |= {"outputs": 32}
    return record


def of_pytorch(schedule, length):
    """The rates that PyTorch's own scheduler sets, one a step."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([weight], lr=0.1)
    made = {
        ScheduleKind.STEP: lambda: torch.optim.lr_scheduler.StepLR(optimiser, -(-length // 3), 0.1),
        ScheduleKind.COSINE: lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, length),
        ScheduleKind.ONE_CYCLE: lambda: torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=length),
    }[schedule]()
    rates = []
    for _ in range(length):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        made.step()
    return rates


SCHEDULES = (ScheduleKind.STEP, ScheduleKind.COSINE, ScheduleKind.ONE_CYCLE)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("length", [10, 30, 31])
def test_the_rates_are_those_of_pytorchs_schedulers(schedule, length):
    config = TrainConfig(rate=0.1, schedule=schedule)
    found = [rate_at(step, config, length) for step in range(length)]
    assert found == pytest.approx(of_pytorch(schedule, length), abs=1e-12)


def test_a_schedule_that_is_one_step_late_is_noticed():
    config = TrainConfig(rate=0.1, schedule="cosine")
    late = [rate_at(max(0, step - 1), config, LENGTH) for step in range(LENGTH)]
    assert late != pytest.approx(of_pytorch(ScheduleKind.COSINE, LENGTH), abs=1e-12)


@settings(max_examples=40)
@given(configs, st.integers(1, 200))
def test_no_rate_is_below_0_or_above_its_base(config, length):
    highest = max([config.rate, *(rate for _step, rate in config.changes)])
    assert all(0 <= rate_at(step, config, length) <= highest * (1 + 1e-12) for step in range(length))


def test_a_rate_set_by_hand_holds_from_its_step_on_and_the_schedule_goes_on():
    config = TrainConfig(rate=1.0, changes=((3, 0.5), (6, 2.0)))
    assert [rate_at(step, config, 8) for step in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 2, 2]
    falling = TrainConfig(rate=1.0, schedule="cosine", changes=((4, 0.5),))
    assert rate_at(4, falling, 8) == pytest.approx(0.5 / 2)


def test_a_run_of_epochs_has_as_many_steps_as_its_batches():
    assert TrainConfig(epochs=3, batch=16).length(50) == 3 * 4
    assert TrainConfig(steps=7, epochs=3).length(50) == 7
    with pytest.raises(ValueError, match="length must be told"):
        rate_at(0, TrainConfig(epochs=1))
