"""What is published of the network for X and O: mistakes, counted by hand; the shipped checkpoint keeps its word."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.checkpoints import load
from cnnviz.datasets import STROKES_FILE, XO_FILE, Labelled, data_folder
from cnnviz.drawing import prepare
from cnnviz.evaluation import evaluate, logits_of
from cnnviz.networks import find_recipe
from cnnviz.reading import Rule, Status, read, softmax
from cnnviz.samples import samples
from cnnviz.strokes import Sketch
from cnnviz.surgery import Edit, anatomy_of
from cnnviz.surgery.edits import Op
from cnnviz.training_data import draw_all
from cnnviz.xo.drawings import CLASSES, HELD_OUT, drawings, is_doubtful, split
from cnnviz.xo.figures import Case, hardest
from cnnviz.xo.others import UNSEEN, other_ink

NEEDS_DATA = pytest.mark.skipif(
    not ((data_folder() / XO_FILE).is_file() and (data_folder() / STROKES_FILE).is_file()),
    reason=f"the published figures need the strokes; CNNVIZ_DATA is {os.environ.get('CNNVIZ_DATA')!r}",
)


class ByTheFirstPixel(nn.Module):
    """The first pixel says what is read: its value in 0..1 is the logit of X over O, times 4 minus 2."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        difference = images[:, 0, 0, 0] * 4 - 2
        return torch.stack([difference, torch.zeros_like(difference)], dim=1)


def shown(*told: tuple[int, int]) -> Labelled:
    """Pictures whose first pixel is 0..255, with their labels."""
    images = np.zeros((len(told), 28, 28), np.uint8)
    images[:, 0, 0] = [pixel for pixel, _label in told]
    return Labelled(images, np.array([label for _pixel, label in told]))


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


def test_mistakes_come_first_the_surest_misreading_before_all_then_the_least_sure():
    everything = shown((255, 0), (0, 0), (0, 1), (200, 1), (140, 0), (250, 0))
    found = hardest(ByTheFirstPixel(), Rule(0.7), everything)
    assert [(one.drawn, one.read, one.is_turned_away) for one in found] == [
        ("X", "O", False),  # 0: −2, so 88 % O
        ("O", "X", False),  # 200: 1.137, so 76 % X
        ("X", "X", True),  # 140: 0.196, so 55 % X: right, but below the threshold
        ("X", "X", False),  # 250
        ("X", "X", False),  # 255
        ("O", "O", False),  # 0: as sure as 255
    ]
    assert [one.share for one in found[:3]] == pytest.approx(
        [sigmoid(2), sigmoid(800 / 255 - 2), sigmoid(560 / 255 - 2)]
    )
    assert [int(one.picture[0, 0]) for one in found] == [0, 200, 140, 250, 255, 0]


def test_every_mistake_is_shown_and_a_dozen_drawings_at_least():
    all_right, half_wrong = shown(*[(255, 0)] * 40), shown(*[(255, 0)] * 10, *[(255, 1)] * 30)
    assert len(hardest(ByTheFirstPixel(), Rule(0.5), all_right)) == 12
    assert [one.is_misread for one in hardest(ByTheFirstPixel(), Rule(0.5), half_wrong)] == [True] * 30


def a_case() -> Case:
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    return Case("X", "O", 0.875, False, picture)


def test_a_case_is_the_same_after_a_manifest():
    one = a_case()
    again = Case.from_record(one.to_record())
    assert (again.drawn, again.read, again.share, again.is_turned_away) == ("X", "O", 0.875, False)
    assert np.array_equal(again.picture, one.picture)
    assert not again.picture.flags.writeable


@pytest.mark.parametrize(
    "change",
    [
        {"picture": "§"},
        {"picture": ""},
        {"picture": a_case().to_record()["picture"][:40]},
        {"share": "much"},
        {"share": None},
    ],
)
def test_a_picture_that_is_none_is_one_sentence(change):
    with pytest.raises(ValueError, match="drawing must be"):
        Case.from_record(a_case().to_record() | change)


MODEL, MANIFEST = load("xo")


@pytest.mark.parametrize("sample", samples("xo"), ids=lambda sample: sample.key)
def test_the_shipped_network_reads_our_own_drawings_as_they_are_meant(sample):
    with torch.no_grad():
        logits = MODEL(torch.tensor(prepare(sample.sketch).image)[None])[0].numpy()
    reading = read(logits, has_ink=True, rule=MANIFEST.rule)
    if sample.label:
        assert (reading.status, CLASSES[reading.top]) == (Status.ANSWER, sample.label)
    else:
        assert reading.status is Status.FOREIGN


def test_a_blank_pad_is_blank():
    with torch.no_grad():
        logits = MODEL(torch.tensor(prepare(Sketch()).image)[None])[0].numpy()
    assert read(logits, has_ink=False, rule=MANIFEST.rule).status is Status.BLANK


def test_the_shipped_network_is_small_and_its_kernels_can_be_edited():
    assert MANIFEST.parameters == 8 * (25 + 1) + 16 * (8 * 25 + 1) + 2 * (16 * 7 * 7 + 1) == 4_994
    assert find_recipe("xo").classes == CLASSES == ("X", "O")
    assert anatomy_of(MODEL).fits(Edit(Op.ZERO, "conv2", out=15, into=7))


def test_the_published_figures_belong_together():
    pen, found = MANIFEST.figures["pen_held_out"], list(map(Case.from_record, MANIFEST.figures["hardest"]))
    misread = [one for one in found if one.is_misread]
    assert pen["accuracy"] >= 0.99
    assert pen["n"] - len(misread) == sum(pen["confusion"][at][at] for at in range(2))
    assert len([one for one in found if one.is_turned_away]) == round(pen["share_rejected"] * pen["n"])
    assert pen["n"] == sum(each["n"] for each in MANIFEST.figures["pen_held_out_by_tablet"].values())
    assert not set(MANIFEST.data["trained_on_tablets"]) & set(HELD_OUT)
    assert MANIFEST.command.startswith("python -m cnnviz train xo")


def test_each_published_drawing_is_read_by_the_shipped_network_as_it_says():
    found = list(map(Case.from_record, MANIFEST.figures["hardest"]))
    probabilities = softmax(logits_of(MODEL, np.stack([one.picture for one in found])))
    for one, row in zip(found, probabilities, strict=True):
        assert CLASSES[row.argmax()] == one.read
        assert row.max() == pytest.approx(one.share, abs=2e-4)
        assert (row.max() < MANIFEST.threshold) == one.is_turned_away


def test_ink_that_was_never_trained_on_is_turned_away_as_published():
    published = np.mean(list(MANIFEST.figures["other_ink_turned_away"].values()))
    drawn = other_ink(UNSEEN, 70 * len(UNSEEN), [3])  # other pictures than those of the manifest
    away = (softmax(logits_of(MODEL, drawn)).max(axis=1) < MANIFEST.threshold).mean()
    assert away == pytest.approx(published, abs=0.06)


@pytest.mark.data
@NEEDS_DATA
def test_the_shipped_network_reads_the_held_out_writers_as_published():
    result = evaluate(MODEL, draw_all(split(drawings()).held_out, classes=CLASSES), MANIFEST.rule)
    published = MANIFEST.figures["pen_held_out"]
    assert result.n == published["n"]
    assert result.accuracy == pytest.approx(published["accuracy"], abs=3e-3)  # one drawing: other CPUs round otherwise
    assert result.accuracy >= 0.99
    assert result.share_rejected == pytest.approx(published["share_rejected"], abs=5e-3)


@pytest.mark.data
@NEEDS_DATA
def test_a_network_that_was_not_trained_would_be_seen():
    torch.manual_seed(0)
    result = evaluate(find_recipe("xo").build().eval(), draw_all(split(drawings()).held_out, classes=CLASSES), Rule())
    assert result.accuracy < 0.9


@pytest.mark.data
@NEEDS_DATA
def test_half_of_an_x_is_found_on_one_tablet_only():
    doubtful = [drawing for drawing in drawings() if is_doubtful(drawing)]
    assert len(doubtful) == 29
    assert {drawing.source for drawing in doubtful} == {"ibm"}


def test_the_figures_in_the_documents_are_the_manifests():
    text, figures = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8"), MANIFEST.figures
    pen, other = figures["pen_held_out"], figures["other_ink_turned_away"]
    assert f"| {pen['n']} | {pen['accuracy']:.2%} | {pen['share_rejected']:.2%} |".replace("%", " %") in text
    assert f"| {sum(other.values()) / len(other):.1%} |".replace("%", " %") in text
    assert f"| {figures['digits_turned_away']:.1%} |".replace("%", " %") in text
    assert f"{MANIFEST.parameters:,} parameters" in text
