"""The experiments as records: they are the core's numbers, plain JSON, in order; wishes are checked at the door."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from cnnviz.data.image_sets import DataChoice, SetKey, load_images
from cnnviz.experiments import registry
from cnnviz.experiments.overfitting import overfitting_trials
from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, few_job, run_experiment
from cnnviz.experiments.softmax_mistake import RIGHT, WRONG, LossComparison
from cnnviz.experiments.xor import learn_xor
from cnnviz.models.builder import Activation
from cnnviz.training import start_session


def told(wish: ExperimentSettings) -> list[dict]:
    """The records, as they arrive on the other side of a pipe."""
    found = [json.loads(json.dumps(record, allow_nan=False)) for record in run_experiment(wish)]
    shares = [record["share"] for record in found]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == pytest.approx(1)
    return found


def test_xor_is_told_as_it_was_learned():
    found = told(ExperimentSettings(ExperimentKind.XOR, steps=12, seed=4, units=3))
    assert [record["function"] for record in found] == ["none", "relu", "tanh"]
    for record in found:
        run = learn_xor(Activation(record["function"]), 4, 12, units=3)
        assert record["losses"] == run.losses.tolist()
        np.testing.assert_array_equal(np.array(record["map"], np.float32), run.map)
        assert (record["right"], record["weight"] is None) == (run.right, run.weight is None)
    other = told(ExperimentSettings(ExperimentKind.XOR, steps=12, seed=5, units=3))  # the twin
    assert other[0]["losses"] != found[0]["losses"]


def test_the_layers_that_are_told_make_the_scores_that_are_told():
    """By hand in float64: first layer, bend, second layer; the bends are told apart."""
    bends = {"none": lambda x: x, "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh}
    for record in run_experiment(ExperimentSettings(ExperimentKind.XOR, steps=40, seed=1)):
        first, b, second, c = (np.array(array) for array in record["layers"])
        inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
        made = {name: bend(inputs @ first.T + b) @ second.T + c for name, bend in bends.items()}
        np.testing.assert_allclose(record["scores"], made.pop(record["function"]), atol=1e-5)
        assert all(np.abs(np.array(record["scores"]) - wrong).max() > 1e-3 for wrong in made.values())


def test_overfitting_tells_every_trial_to_its_last_step():
    found = told(ExperimentSettings(ExperimentKind.OVERFITTING, few=20, steps=3, seed=2))
    keys = [trial.key for trial in overfitting_trials(few_job(SetKey.DIGITS))]
    assert [record["key"] for record in found] == [key for key in keys for _step in range(3)]
    assert [record["step"] for record in found[:3]] == [1, 2, 3]
    course = start_session(overfitting_trials(few_job(SetKey.DIGITS, 3, 2), 20)[0].job)
    course.run.advance(60)
    scores = course.evaluated()
    assert found[2]["training"] == asdict(scores.training)
    assert found[2]["validation"] == asdict(scores.validation)
    assert found[1]["validation"] != found[2]["validation"]


def test_both_losses_are_told_step_by_step_of_the_same_training():
    found = told(ExperimentSettings(ExperimentKind.SOFTMAX, steps=2, seed=3))
    assert [(record["step"], record["way"]) for record in found] == [(s, w) for s in (1, 2) for w in (RIGHT, WRONG)]
    sets = load_images(DataChoice("digits"))
    parts = [((part.images / 255 - 0.5) / 0.5).astype(np.float32) for part in (sets.training, sets.validation)]
    both = LossComparison(parts[0], sets.training.labels, (parts[1], sets.validation.labels), steps=2, seed=3, every=1)
    both.advance(60)
    for record in found:
        moment = asdict(both.moments[record["way"]][record["step"] - 1])
        assert {name: record[name] for name in moment} == pytest.approx(moment, rel=1e-4)
    assert found[0]["gradient"] > 5 * found[1]["gradient"]


def test_batch_sizes_are_told_with_what_an_epoch_takes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "BATCHES", (8, 5000))
    found = told(ExperimentSettings(ExperimentKind.BATCH, seconds=0.1))
    assert {record["batch"] for record in found} == {8}  # 5,000 are more than there are
    for record in found:
        assert record["epoch_seconds"] == pytest.approx(record["of"] * record["seconds"] / record["images"])
        assert record["updates_an_epoch"] == -(-record["of"] // 8)


@pytest.mark.parametrize("kind", list(ExperimentKind))
def test_a_wish_survives_json(kind: ExperimentKind):
    wish = ExperimentSettings(kind, SetKey.MNIST, 10.0, 50, None if kind is ExperimentKind.BATCH else 7, 9, 2)
    assert ExperimentSettings.from_record(json.loads(json.dumps(wish.to_record()))) == wish


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"lesson": "chess"}, "lesson must be one of batch, overfitting, softmax, xor, got 'chess'"),
        ({"lesson": "xor", "pictures": "birds"}, "pictures must be one of digits, mnist"),
        ({"lesson": "xor", "seconds": float("nan")}, "seconds must be a number from 0.1 to 120, got nan"),
        ({"lesson": "xor", "few": 3_000}, "few must be a whole number from 20 to 2000, got 3000"),
        ({"lesson": "xor", "seed": True}, "seed must be a whole number from 0 to 99999, got True"),
        ({"lesson": "xor", "units": 2.5}, "units must be a whole number from 1 to 64, got 2.5"),
        ({"lesson": "xor", "steps": 0}, "steps must be a whole number from 1 to 5000, got 0"),
        ({"lesson": "xor", "path": "/etc"}, "experiment must be a JSON object of"),
        ({}, "experiment must be a JSON object of"),
        ("xor", "experiment must be a JSON object of"),
    ],
)
def test_what_cannot_be_wished_is_one_sentence(record: object, says: str):
    with pytest.raises(ValueError, match=says):
        ExperimentSettings.from_record(record)
