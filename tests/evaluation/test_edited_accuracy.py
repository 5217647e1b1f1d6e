"""How well an edited network reads: counted part by part as all at once, on MNIST or on scikit-learn's digits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits
from cnnviz.data.datasets import XO_FILE, LabelledImages, data_folder, has_mnist
from cnnviz.data.held_out_images import HeldOutImages, ImageSource, held_out_digits, held_out_letters
from cnnviz.data.rasterize import Preparation, preprocess_ink
from cnnviz.evaluation.edited_accuracy import AccuracyScore, advance_edited_accuracy, describe_score
from cnnviz.models import checkpoints

MODEL, _MANIFEST = checkpoints.load("mnist")
WORSE = apply_edits(MODEL, Edits((Edit(EditKind.SHUFFLE, "conv2", seed=1),)))
needs_mnist = pytest.mark.skipif(not has_mnist(), reason="MNIST is not in CNNVIZ_DATA")


@pytest.fixture
def no_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HeldOutImages:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return held_out_digits()


def right_at_once(model: torch.nn.Module, asked: HeldOutImages) -> int:
    """The oracle: all images in one batch, in float64."""
    images = torch.tensor(asked.shown.images, dtype=torch.float64)[:, None] / 255
    twin = checkpoints.load("mnist")[0]
    twin.load_state_dict(model.state_dict())
    with torch.no_grad():
        return int((twin.double()(images).argmax(1).numpy() == asked.shown.labels).sum())


def finished(asked: HeldOutImages, after: torch.nn.Module = WORSE, images: int = 100) -> AccuracyScore:
    score = AccuracyScore(len(asked.shown))
    while not score.is_complete:
        score = advance_edited_accuracy(score, MODEL, after, asked, images)
    return score


@pytest.mark.data
@needs_mnist
def test_the_score_on_mnist_is_that_of_all_images_at_once():
    asked = held_out_digits()
    score = finished(asked)
    assert score == AccuracyScore(1000, 1000, right_at_once(MODEL, asked), right_at_once(WORSE, asked))
    assert score.before > 980
    assert score.after < score.before - 100


@pytest.mark.data
@needs_mnist
def test_it_is_said_on_what_it_was_measured():
    score = AccuracyScore(1000, 1000, 989, 971)
    assert describe_score(score, held_out_digits()) == "98.9 % before, 97.1 % after, on 1,000 MNIST test images"
    assert describe_score(AccuracyScore(1000, 300, 290, 280), held_out_digits()) == "300 of 1,000 MNIST test images"


@pytest.mark.data
@needs_mnist
def test_the_images_are_every_tenth_of_the_test_set():
    from cnnviz.data.datasets import mnist

    all_, asked = mnist("test"), held_out_digits().shown
    np.testing.assert_array_equal(asked.images[7], all_.images[70])
    assert asked.labels[7] == all_.labels[70]
    assert np.bincount(asked.labels).min() > 80  # all ten digits


def test_without_mnist_it_is_measured_on_the_digits_of_scikit_learn(no_mnist: HeldOutImages):
    score = finished(no_mnist)
    assert score.total == 1000
    assert score == AccuracyScore(1000, 1000, right_at_once(MODEL, no_mnist), right_at_once(WORSE, no_mnist))
    words = describe_score(score, no_mnist)
    assert words.endswith("after, on 1,000 digits of scikit-learn, prepared as drawings are")
    assert score.before > 850
    assert score.after < score.before


def test_scikit_learns_digits_are_prepared_as_drawings_are(no_mnist: HeldOutImages):
    from sklearn.datasets import load_digits

    ink = np.rint(load_digits().images[5] * 255 / 16).astype(np.uint8)
    wanted = preprocess_ink(Image.fromarray(ink), Preparation()).image[0] * 255
    np.testing.assert_allclose(no_mnist.shown.images[5], wanted, atol=1e-4)
    shrunk = preprocess_ink(Image.fromarray(ink), Preparation(crops=False, fits=False, centres=False)).image[0] * 255
    assert np.abs(no_mnist.shown.images[5] - shrunk).max() > 50  # the negative twin: merely enlarged


def made(count: int) -> HeldOutImages:
    dice = np.random.default_rng(count)
    digits = LabelledImages(dice.integers(0, 256, (count, 28, 28), dtype=np.uint8), dice.integers(0, 10, count))
    return HeldOutImages(digits, ImageSource.MNIST)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.integers(1, 17))
def test_parts_of_any_size_make_the_same_score(count: int, images: int):
    asked = made(count)
    assert finished(asked, images=images) == finished(asked, images=count)


def test_a_part_is_no_more_than_was_asked_for():
    assert advance_edited_accuracy(AccuracyScore(40), MODEL, WORSE, made(40), 15).done == 15
    assert advance_edited_accuracy(AccuracyScore(40, 30), MODEL, WORSE, made(40), 15).done == 40
    whole = AccuracyScore(40, 40, 3, 2)
    assert advance_edited_accuracy(whole, MODEL, WORSE, made(40)) == whole


def test_a_network_that_is_not_changed_scores_the_same_before_and_after():
    score = finished(made(40), after=MODEL)
    assert score.before == score.after


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (5, 6, 0, 0), (5, 2, 3, 0), (5, 2, 0, 3), (5, 2, -1, 0)])
def test_a_score_that_cannot_be_is_refused(counts: tuple[int, ...]):
    with pytest.raises(ValueError, match="score must count"):
        AccuracyScore(*counts)


def test_a_score_of_another_exam_is_refused():
    with pytest.raises(ValueError, match="score must be of this test set"):
        advance_edited_accuracy(AccuracyScore(41), MODEL, WORSE, made(40))


def test_one_image_is_one_image():
    assert describe_score(AccuracyScore(1, 1, 1, 0), made(1)) == "100.0 % before, 0.0 % after, on 1 MNIST test image"


def test_x_and_o_are_measured_on_unknown_writers_or_generated_drawings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model = checkpoints.load("xo")[0]
    worse = apply_edits(model, Edits((Edit(EditKind.SHUFFLE, "conv2", seed=1),)))
    if (data_folder() / XO_FILE).is_file():
        assert held_out_letters().title == "459 drawings by unknown writers"
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    asked = held_out_letters()
    assert asked.title == "400 generated drawings"
    assert np.bincount(asked.shown.labels).tolist() == [200, 200]
    score = advance_edited_accuracy(AccuracyScore(400), model, worse, asked, 400)
    assert score.before >= 0.99 * 400
    assert score.after < score.before
