"""A rule chosen again leaves the weights and what does not depend on it, and says by what it rejects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cnnviz.__main__ import main
from cnnviz.data.datasets import LabelledImages, PenDrawing
from cnnviz.data.digit_pools import TabletSplit, rasterise_all
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.evaluation.metrics import logits_of
from cnnviz.models import checkpoints
from cnnviz.models.decision import DecisionRule, RejectBy, acceptance_scores, softmax
from cnnviz.release import digits, measure_again

OURS = tuple(
    PenDrawing(sample.label, "ours", "us", tuple(stroke.points for stroke in sample.sketch.strokes))
    for sample in DIGIT_SAMPLES
)
FIGURES = {"mnist_test": {"accuracy": 0.5}, "pen_held_out": {"accuracy": 0.25}}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> LabelledImages:
    """Our own drawings are all that is kept for choosing; the figures, which take minutes, are made up."""
    shown = rasterise_all(OURS)
    monkeypatch.setattr(digits.DigitPlan, "split", lambda _plan: TabletSplit(OURS, OURS, OURS))
    monkeypatch.setattr(digits, "selection_images", lambda: shown)
    monkeypatch.setattr(measure_again, "published_figures", lambda *_told, **_how: dict(FIGURES))
    monkeypatch.setattr(measure_again, "rejection_figures", lambda *_: {"energy": {}})
    return shown


def measured(tmp_path: Path, *words: str) -> tuple[checkpoints.Manifest, bytes]:
    out = tmp_path / "again"
    assert main(["train", "digits_residual", "--measure", "digits_residual", "--out", str(out), *words]) == 0
    return checkpoints.read_manifest("again", tmp_path), out.with_suffix(".safetensors").read_bytes()


@pytest.mark.parametrize("name", ["probability", "divergence"])
def test_the_threshold_accepts_985_of_a_thousand_by_the_score_that_was_asked_for(name, few, tmp_path):
    manifest, packed = measured(tmp_path, "--reject-by", name)
    model, before = checkpoints.load("digits_residual")
    assert packed == checkpoints.weights_path("digits_residual").read_bytes()
    by = {"probability": RejectBy.PROBABILITY, "divergence": RejectBy.UNIFORM}[name]
    scores = acceptance_scores(softmax(logits_of(model, np.concatenate([few.images] * 2))), by)  # as two sets
    least = np.quantile(scores, 0.015)
    assert manifest.rule == DecisionRule(manifest.threshold, by)
    assert least - 0.0101 <= manifest.threshold <= least
    assert manifest.figures["accuracy_under"] == before.figures["accuracy_under"]
    assert manifest.figures["mnist_test"] == FIGURES["mnist_test"]
    assert manifest.config["plan"]["reject_by"] == by.value
    assert (manifest.seed, manifest.data, manifest.made) == (before.seed, before.data, before.made)


def test_the_command_names_the_rule_once_and_no_place_of_this_machine(few, tmp_path):
    del few
    manifest, _packed = measured(tmp_path, "--reject-by", "divergence")
    first, last = manifest.command.split(" && ")
    assert "--reject-by" not in first
    assert last.endswith(" --reject-by divergence")
    assert str(tmp_path) not in json.dumps(manifest.command)
    back, _same = measured(tmp_path)  # the usual rule again
    assert "--reject-by" not in back.command
    assert back.rule.by is RejectBy.PROBABILITY
