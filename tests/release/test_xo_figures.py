"""What is published of the network for X and O: mistakes, counted by hand; the shipped checkpoint keeps its word."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.edits import Edit, editable_layers
from cnnviz.core.edits.edit import EditKind
from cnnviz.data.datasets import STROKES_FILE, XO_FILE, DataBroken, LabelledImages, PenDrawing, data_folder, sha256
from cnnviz.data.digit_pools import rasterise_all
from cnnviz.data.non_digits import print_letter
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import LETTER_SAMPLES
from cnnviz.data.strokes import Sketch
from cnnviz.data.xo_drawings import CLASSES, HELD_OUT, held_out_numbers, is_suspect, split_xo, xo_drawings
from cnnviz.data.xo_negatives import UNSEEN, xo_negatives
from cnnviz.evaluation.metrics import evaluate, logits_of
from cnnviz.models.checkpoints import load
from cnnviz.models.decision import DecisionRule, PredictionStatus, predict, softmax
from cnnviz.models.zoo import find_recipe
from cnnviz.release.xo.published import HardCase, find_hardest, load_case_images

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


def shown(*told: tuple[int, int]) -> LabelledImages:
    """Pictures whose first pixel is 0..255, with their labels."""
    images = np.zeros((len(told), 28, 28), np.uint8)
    images[:, 0, 0] = [pixel for pixel, _label in told]
    return LabelledImages(images, np.array([label for _pixel, label in told]))


def origins(pictures: LabelledImages) -> list[tuple[int, str]]:
    """A number and a tablet for each picture, as a stroke file would give them."""
    return [(number, f"tablet {number}") for number in range(100, 100 + len(pictures))]


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


def test_mistakes_come_first_the_surest_misreading_before_all_then_the_least_sure():
    everything = shown((255, 0), (0, 0), (0, 1), (200, 1), (140, 0), (250, 0))
    found = find_hardest(ByTheFirstPixel(), DecisionRule(0.7), everything, origins(everything))
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
    assert [everything.images[one.number - 100, 0, 0] for one in found] == [0, 200, 140, 250, 255, 0]
    assert [one.tablet for one in found] == [f"tablet {one.number}" for one in found]


def test_every_mistake_is_shown_and_a_dozen_drawings_at_least():
    all_right, half_wrong = shown(*[(255, 0)] * 40), shown(*[(255, 0)] * 10, *[(255, 1)] * 30)
    assert len(find_hardest(ByTheFirstPixel(), DecisionRule(0.5), all_right, origins(all_right))) == 12
    found = find_hardest(ByTheFirstPixel(), DecisionRule(0.5), half_wrong, origins(half_wrong))
    assert [one.is_misread for one in found] == [True] * 30


A_CASE = HardCase(3, "app", "X", "O", 0.875, False)


def test_a_case_is_the_same_after_a_manifest():
    assert HardCase.from_record(json.loads(json.dumps(A_CASE.to_record()))) == A_CASE


@pytest.mark.parametrize(
    "change",
    [
        {"number": "3"},
        {"number": True},
        {"number": -1},
        {"tablet": None},
        {"drawn": 7},
        {"share": "much"},
        {"share": None},
        {"share": float("nan")},
        {"share": 1.5},
    ],
)
def test_a_case_that_is_none_is_one_sentence(change):
    with pytest.raises(ValueError, match="drawing must be"):
        HardCase.from_record(A_CASE.to_record() | change)


def test_a_case_without_one_of_its_words_is_one_sentence():
    for name in A_CASE.to_record():
        with pytest.raises(ValueError, match="drawing must be"):
            HardCase.from_record({key: value for key, value in A_CASE.to_record().items() if key != name})


def a_file() -> tuple[PenDrawing, ...]:
    """Six of our own drawings, as if two tablets had written them in turn."""
    letters = [sample for sample in LETTER_SAMPLES if sample.label]
    return tuple(
        PenDrawing(sample.label, ("app", "ibm")[at % 2], "us", tuple(stroke.points for stroke in sample.sketch.strokes))
        for at, sample in enumerate(letters)
    )


def case_of(file: tuple[PenDrawing, ...], number: int) -> HardCase:
    return HardCase(number, file[number].source, file[number].label, "X", 0.9, False)


def test_a_case_is_drawn_from_its_place_in_the_file_as_the_canvas_would_draw_it():
    file = a_file()
    found = load_case_images([case_of(file, number) for number in (4, 1)], file)
    for picture, number in zip(found, (4, 1), strict=True):
        assert np.array_equal(picture, np.rint(preprocess(file[number].sketch()).image[0] * 255))
        assert not picture.flags.writeable
    assert not np.array_equal(*found)  # so a wrong place would be seen


@pytest.mark.parametrize("change", [{"number": 6}, {"number": 10**9}, {"tablet": "ibm"}, {"drawn": "O"}])
def test_a_file_with_another_drawing_at_that_place_is_refused(change):
    file = a_file()
    assert len(file) == 6
    assert file[0].label == "X"
    with pytest.raises(DataBroken, match="train again"):
        load_case_images([dataclasses.replace(case_of(file, 0), **change)], file)


def test_the_numbers_held_out_are_the_places_of_the_drawings_held_out():
    file = a_file()
    assert held_out_numbers(file) == (0, 2, 4)  # app is held out, ibm is not
    assert tuple(file[number] for number in held_out_numbers(file)) == split_xo(file).held_out


MODEL, MANIFEST = load("xo")


@pytest.mark.parametrize("sample", LETTER_SAMPLES, ids=lambda sample: sample.key)
def test_the_shipped_network_reads_our_own_drawings_as_they_are_meant(sample):
    with torch.no_grad():
        logits = MODEL(torch.tensor(preprocess(sample.sketch).image)[None])[0].numpy()
    reading = predict(logits, has_ink=True, rule=MANIFEST.rule)
    if sample.label:
        assert (reading.status, CLASSES[reading.top]) == (PredictionStatus.ANSWER, sample.label)
    else:
        assert reading.status is PredictionStatus.FOREIGN


def test_a_blank_pad_is_blank():
    with torch.no_grad():
        logits = MODEL(torch.tensor(preprocess(Sketch()).image)[None])[0].numpy()
    assert predict(logits, has_ink=False, rule=MANIFEST.rule).status is PredictionStatus.BLANK


def test_the_shipped_network_is_small_and_its_kernels_can_be_edited():
    assert MANIFEST.parameters == 8 * (25 + 1) + 16 * (8 * 25 + 1) + 2 * (16 * 7 * 7 + 1) == 4_994
    assert find_recipe("xo").classes == CLASSES == ("X", "O")
    assert editable_layers(MODEL).fits(Edit(EditKind.ZERO, "conv2", out=15, into=7))


def test_the_published_figures_belong_together():
    pen, found = MANIFEST.figures["pen_held_out"], list(map(HardCase.from_record, MANIFEST.figures["hardest"]))
    misread = [one for one in found if one.is_misread]
    assert pen["accuracy"] >= 0.99
    assert pen["n"] - len(misread) == sum(pen["confusion"][at][at] for at in range(2))
    assert len([one for one in found if one.is_turned_away]) == round(pen["share_rejected"] * pen["n"])
    assert pen["n"] == sum(each["n"] for each in MANIFEST.figures["pen_held_out_by_tablet"].values())
    assert not set(MANIFEST.data["trained_on_tablets"]) & set(HELD_OUT)
    assert MANIFEST.command.startswith("python -m cnnviz train xo")


def test_the_manifest_holds_no_drawing_and_names_those_of_held_out_tablets_only():
    """A record is six plain words and numbers: no text long enough to hold a picture, no list of points."""
    assert len(MANIFEST.figures["hardest"]) == 12
    for record in MANIFEST.figures["hardest"]:
        assert set(record) == {"number", "tablet", "drawn", "read", "share", "turned_away"}
        assert len(json.dumps(record)) < 120
        assert record["tablet"] in HELD_OUT
    assert len({record["number"] for record in MANIFEST.figures["hardest"]}) == 12


@pytest.mark.data
@NEEDS_DATA
def test_each_published_drawing_is_read_by_the_shipped_network_as_it_says():
    assert sha256(data_folder() / XO_FILE) == MANIFEST.data["xo_sha256"]
    found = list(map(HardCase.from_record, MANIFEST.figures["hardest"]))
    probabilities = softmax(logits_of(MODEL, np.stack(load_case_images(found, xo_drawings()))))
    for one, row in zip(found, probabilities, strict=True):
        assert CLASSES[row.argmax()] == one.read
        assert row.max() == pytest.approx(one.share, abs=2e-4)
        assert (row.max() < MANIFEST.threshold) == one.is_turned_away


@pytest.mark.data
@NEEDS_DATA
def test_the_drawing_after_a_published_one_would_be_seen():
    written = xo_drawings()
    found = list(map(HardCase.from_record, MANIFEST.figures["hardest"]))
    nexts = rasterise_all((written[one.number + 1] for one in found), classes=CLASSES).images
    shares = softmax(logits_of(MODEL, nexts)).max(axis=1)
    assert not any(abs(share - one.share) <= 2e-4 for share, one in zip(shares, found, strict=True))


def test_ink_that_was_never_trained_on_is_turned_away_as_published():
    published = np.mean(list(MANIFEST.figures["other_ink_turned_away"].values()))
    drawn = xo_negatives(UNSEEN, 70 * len(UNSEEN), [3])  # other pictures than those of the manifest
    away = (softmax(logits_of(MODEL, drawn)).max(axis=1) < MANIFEST.threshold).mean()
    assert away == pytest.approx(published, abs=0.06)


@pytest.mark.parametrize(("sign", "least"), [("K", 0.9), ("%", 0.9), ("+", 0.9), ("#", 0.9), ("*", 0.6), ("k", 0.4)])
def test_printed_signs_that_are_nearly_an_x_are_turned_away(sign: str, least: float):
    assert _turned_away(sign) >= least


@pytest.mark.parametrize("letter", ["X", "O"])
def test_printed_letters_of_ours_are_not(letter: str):
    assert _turned_away(letter) <= 0.1


def _turned_away(letter: str) -> float:
    """Of thirty printed ones, thin to fat."""
    printed = np.stack([print_letter(letter, np.random.default_rng([5, number])) for number in range(30)])
    return float((softmax(logits_of(MODEL, printed)).max(axis=1) < MANIFEST.threshold).mean())


@pytest.mark.data
@NEEDS_DATA
def test_the_shipped_network_reads_the_held_out_writers_as_published():
    result = evaluate(MODEL, rasterise_all(split_xo(xo_drawings()).held_out, classes=CLASSES), MANIFEST.rule)
    published = MANIFEST.figures["pen_held_out"]
    assert result.n == published["n"]
    assert result.accuracy == pytest.approx(published["accuracy"], abs=3e-3)  # one drawing: other CPUs round otherwise
    assert result.accuracy >= 0.99
    assert result.share_rejected == pytest.approx(published["share_rejected"], abs=5e-3)


@pytest.mark.data
@NEEDS_DATA
def test_a_network_that_was_not_trained_would_be_seen():
    torch.manual_seed(0)
    result = evaluate(
        find_recipe("xo").build().eval(),
        rasterise_all(split_xo(xo_drawings()).held_out, classes=CLASSES),
        DecisionRule(),
    )
    assert result.accuracy < 0.9


@pytest.mark.data
@NEEDS_DATA
def test_half_of_an_x_is_found_on_one_tablet_only():
    doubtful = [drawing for drawing in xo_drawings() if is_suspect(drawing)]
    assert len(doubtful) == 29
    assert {drawing.source for drawing in doubtful} == {"ibm"}


def test_the_figures_in_the_documents_are_the_manifests():
    text, figures = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8"), MANIFEST.figures
    pen, other = figures["pen_held_out"], figures["other_ink_turned_away"]
    assert f"| {pen['n']} | {pen['accuracy']:.2%} | {pen['share_rejected']:.2%} |".replace("%", " %") in text
    assert f"| {sum(other.values()) / len(other):.1%} |".replace("%", " %") in text
    assert f"| {figures['digits_turned_away']:.1%} |".replace("%", " %") in text
    assert f"{MANIFEST.parameters:,} parameters" in text
