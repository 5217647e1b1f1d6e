"""Overfitting on purpose: jobs that differ in one thing each; bare, the few pictures are learned by heart."""

from dataclasses import fields

import pytest

from cnnviz.data.augment_images import DRAWINGS, PHOTOS
from cnnviz.data.image_sets import DataChoice
from cnnviz.experiments.overfitting import overfitting_trials, with_dropout, with_norms
from cnnviz.models.builder import Activation, LayerKind, NetworkSpec, inspect_spec, preset, preset_keys
from cnnviz.models.builder.layer_config import FLATTEN, activation, conv, linear
from cnnviz.training import Job, TrainConfig, start_session

JOB = Job(preset("digits_small"), DataChoice("digits", seed=3), TrainConfig(epochs=30, batch=20, rate=3e-3))


def test_each_trial_differs_from_the_bare_one_in_one_thing():
    bare, *others = overfitting_trials(JOB, few=40)
    assert bare.key == "bare"
    for trial in others:
        differs = [field.name for field in fields(Job)
                   if getattr(trial.job, field.name) != getattr(bare.job, field.name)]  # fmt: skip
        assert len(differs) == 1, trial.key
        assert Job.from_record(trial.job.to_record()) == trial.job
        assert trial.job.config.steps == 60
    assert len({trial.title for trial in (bare, *others)}) == 7


def test_the_bare_one_has_no_regulariser_left():
    job = Job(preset("birds_batch_norm"), DataChoice("birds"),
              TrainConfig(l2=0.1, decay=0.1, smoothing=0.1, averaging=0.9), PHOTOS)  # fmt: skip
    bare = overfitting_trials(job)[0].job
    assert (bare.config.l2, bare.config.decay, bare.config.smoothing, bare.config.averaging) == (0, 0, 0, 0)
    assert bare.augmentation is None
    assert LayerKind.BATCH_NORM not in {part.kind for part in bare.blueprint.parts}
    assert (bare.data.limit, bare.data.balanced) == (100, True)
    changed = {trial.key: trial.job.augmentation for trial in (*overfitting_trials(job), *overfitting_trials(JOB)[5:6])}
    assert changed["augmentation"] == DRAWINGS  # the second, for drawings
    assert {trial.key: trial.job.augmentation for trial in overfitting_trials(job)}["augmentation"] == PHOTOS


@pytest.mark.parametrize("key", preset_keys())
def test_every_preset_stays_sound_with_each_regulariser(key: str):
    for changed in (with_dropout(preset(key)), with_norms(preset(key))):
        assert inspect_spec(changed).problem is None
        assert inspect_spec(changed).rows[-1].output_shape == inspect_spec(preset(key)).rows[-1].output_shape


def test_without_pooling_values_are_dropped_before_the_last_layer():
    plain = NetworkSpec("x", (1, 28, 28), ("a", "b"), (conv(2), activation(Activation.RELU), FLATTEN, linear()))
    kinds = [part.kind for part in with_dropout(plain).parts]
    assert kinds == ["conv", "activation", "flatten", "dropout", "linear"]


def test_the_few_pictures_are_learned_by_heart_and_more_of_them_help():
    chosen = {trial.key: trial.job for trial in overfitting_trials(JOB, few=40)}
    found = {}
    for key in ("bare", "more"):
        course = start_session(chosen[key])
        course.run.advance(60.0)
        found[key] = course.evaluated()
    bare, more = found["bare"], found["more"]
    assert bare.training.accuracy > 0.97
    assert bare.validation.accuracy < bare.training.accuracy - 0.1  # it overfits
    gap = bare.training.accuracy - bare.validation.accuracy
    assert more.training.accuracy - more.validation.accuracy < gap  # the twin: it hardly does
    assert more.validation.accuracy > bare.validation.accuracy
