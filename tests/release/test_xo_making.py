"""How the network for X and O is made: whose drawings are for what, other ink, batches, the same seed."""

import dataclasses

import numpy as np
import pytest
import torch

from cnnviz.data import non_digits as ink
from cnnviz.data.datasets import PenDrawing
from cnnviz.data.digit_pools import TabletSplit, rasterise_all, rasterise_varied, split_indices
from cnnviz.data.xo_drawings import CLASSES, HELD_OUT, is_suspect, split_xo
from cnnviz.data.xo_negatives import LETTERS, NEAR_X, PRACTICE, PRINTED, UNSEEN, not_zero, xo_negatives
from cnnviz.models.decision import softmax
from cnnviz.release.xo import train
from cnnviz.release.xo.train import SETTINGS, XoPlan, XoPools, XoSources, make_xo_pools, start_xo_model

DOWN, UP = ((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), ((0.9, 0.1), (0.5, 0.5), (0.1, 0.9))
RING = tuple((0.5 + 0.4 * np.cos(a), 0.5 + 0.4 * np.sin(a)) for a in np.linspace(0, 6.2, 30))


def written(label: str, *paths, source: str = "ibm", writer: str = "w") -> PenDrawing:
    return PenDrawing(label, source, writer, paths)


def a_few(source: str = "ibm") -> tuple[PenDrawing, ...]:
    return tuple(
        written(label, *paths, source=source, writer=f"{source}{number}")
        for number in range(6)
        for label, paths in (("X", (DOWN, UP)), ("O", (RING,)))
    )


def test_a_straight_line_is_half_of_an_x():
    assert is_suspect(written("X", DOWN))
    assert is_suspect(written("X", ((0.5, 0.5),)))  # a dot


def test_two_strokes_a_bent_one_and_an_o_are_taken_as_they_are():
    assert not is_suspect(written("X", DOWN, UP))
    assert not is_suspect(written("X", ((0, 0), (1, 1), (1, 0), (0, 1))))  # 1 + 2·√2 long, √2 across: 2.7 times
    assert not is_suspect(written("O", DOWN))


def test_held_out_tablets_are_for_the_figures_only_and_doubtful_drawings_stay_in_these():
    drawings = a_few("ibm") + a_few("app") + (written("X", DOWN), written("X", DOWN, source="app"))
    found = split_xo(drawings)
    assert {one.source for one in found.held_out} == {"app"}
    assert {one.source for one in (*found.practice, *found.choosing)} == {"ibm"}
    assert not {one.writer for one in found.practice} & {one.writer for one in found.choosing}
    assert len(found.practice) + len(found.choosing) == 12  # the straight line is gone
    assert len(found.held_out) == 12 + 1  # here it is not


LIKE_ONE = set("XxOo0QCcDU+") - {"+"}  # a plus sign is no X


def test_other_ink_has_no_x_no_o_and_no_zero_and_unseen_kinds_are_other_kinds():
    assert not set(PRACTICE) & set(UNSEEN)
    assert not LIKE_ONE & (set(LETTERS) | set(NEAR_X) | set(PRINTED))
    assert LIKE_ONE & set(ink.LETTERS)  # what the digits' network learns to turn away has an X
    assert [one.label for one in not_zero(tuple(written(label, RING) for label in "0123"))] == ["1", "2", "3"]


def test_other_ink_is_ink_and_the_same_for_the_same_seed():
    one, again, other = (xo_negatives(PRACTICE, 2 * len(PRACTICE), [seed]) for seed in (0, 0, 1))
    assert one.any(axis=(1, 2)).all()
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_labels_are_places_among_the_classes():
    assert split_indices((written("O", RING), written("X", DOWN)), CLASSES).tolist() == [1, 0]
    with pytest.raises(ValueError, match="not in tuple"):
        split_indices((written("Q", RING),), CLASSES)


PLAN = XoPlan(variations=1, others=26, others_share=0.5)
CONFIG = dataclasses.replace(SETTINGS, steps=3, warm=1, cool=0, batch=16, device="cpu")


@pytest.fixture(scope="module")
def pools() -> XoPools:
    drawings = a_few()
    digits = tuple(written(label, DOWN, UP) for label in "0123456789")
    parts = TabletSplit(drawings, drawings, drawings)
    return make_xo_pools(
        PLAN, XoSources(parts, TabletSplit(digits, digits, digits), ()), 0, lambda things, _what: things
    )


def test_each_x_is_varied_twice_as_often_as_each_o_and_zeros_are_left_out(pools: XoPools):
    assert (len(pools.crosses), len(pools.rings), len(pools.digits), len(pools.others)) == (12, 6, 9, 26)


def test_half_of_the_letters_are_xs_and_other_ink_is_of_neither_class(pools: XoPools):
    run = start_xo_model(CONFIG, PLAN, pools)
    _images, targets = run._source.batch(0, 16, torch.Generator().manual_seed(0))
    assert targets.argmax(dim=1)[:8].tolist() == [0] * 4 + [1] * 4
    assert targets[:8].max(dim=1).values.tolist() == pytest.approx([1 - 0.02 / 2] * 8)
    assert targets[8:].unique().tolist() == [0.5]


def trained(pools: XoPools, seed: int) -> dict[str, torch.Tensor]:
    run = start_xo_model(dataclasses.replace(CONFIG, seed=seed), PLAN, pools)
    run.advance(60)
    assert run.is_done
    return dict(run.snapshot().weights)


def test_the_same_seed_makes_the_same_weights_and_another_one_others(pools: XoPools):
    one, again, other = trained(pools, 0), trained(pools, 0), trained(pools, 1)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])


def by_ink(images: np.ndarray) -> np.ndarray:
    """Instead of a network: the more ink, the surer of an X."""
    return np.stack([images.mean(axis=(1, 2)) / 20, np.zeros(len(images))], axis=1)


def test_the_threshold_makes_the_least_errors_on_what_is_kept_for_choosing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(train, "logits_of", lambda _model, images: by_ink(images))
    drawings, digits = a_few(), tuple(written(label, DOWN, UP) for label in "0123456789")
    found = XoSources(TabletSplit((), drawings, ()), TabletSplit((), digits, ()), ())
    plan = dataclasses.replace(PLAN, others=400)
    chosen = train.choose_threshold(torch.nn.Flatten(), plan, found, 0).threshold
    letters = rasterise_varied(drawings, 1, 0, classes=CLASSES).images
    made, nines = xo_negatives(PRACTICE, 40, [0, 2]), rasterise_all(digits[1:]).images

    def errors(at: float) -> float:
        sure = [[max(softmax(row)) for row in by_ink(images)] for images in (letters, made, nines)]
        away = sum(share < at for share in sure[0]) / len(sure[0])
        passed = [sum(share >= at for share in part) / len(part) for part in sure[1:]]
        return 2 * away + sum(passed) / 2

    assert errors(chosen) == min(errors(percent / 100) for percent in range(50, 100))
    assert errors(chosen) < errors(0.5) or errors(chosen) < errors(0.99)  # it makes a difference


def test_the_tablets_held_out_are_those_of_the_digits():
    assert HELD_OUT == ("app", "tos", "uqb")
