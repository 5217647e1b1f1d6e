"""Training: a run advanced in pieces is the run; what it reports and keeps is true."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.augment_images import Augmentation, augment_images
from cnnviz.data.augment_strokes import augment_strokes
from cnnviz.data.batch_sampler import PoolWeights, digit_batches
from cnnviz.data.datasets import LabelledImages, PenDrawing
from cnnviz.data.digit_pools import DigitPools, rasterise_varied, smallest_tablets, split_by_tablet
from cnnviz.data.non_digits import PRACTICE, UNSEEN, make_non_digits
from cnnviz.models.zoo import find_recipe
from cnnviz.training import TrainConfig, TrainingRun, find_device, rate_at, soft_cross_entropy

BRIEF = {
    "optimiser": "adamw", "rate": 3e-3, "decay": 1e-4, "smoothing": 0.05, "averaging": 0.999, "steps": 6, "batch": 8,
    "warm": 2, "device": "cpu",
}  # fmt: skip
NOTHING = Augmentation(0, 0, 0, 0, 0, 0, 0, 0)


class Corners:
    """Two classes that are easy to tell apart: ink above or below."""

    def __len__(self):
        return 64

    def batch(self, _step, size, generator):
        labels = torch.randint(2, (size,), generator=generator)
        images = torch.zeros(size, 1, 28, 28)
        images[labels == 0, :, :14] = 1
        images[labels == 1, :, 14:] = 1
        return images, labels


def run_of(**settings):
    return TrainingRun(TrainConfig(**{**BRIEF, **settings}), Corners(), find_recipe("mnist").build)


def finished(run):
    reports = []
    while not run.is_done:
        reports += run.advance(0)
    return reports


def same(one, other):
    return all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second, third = run_of(), run_of(), run_of(seed=1)
    for run in (first, second, third):
        finished(run)
    assert same(first.snapshot(), second.snapshot())
    assert not same(first.snapshot(), third.snapshot())


def test_every_step_is_reported_once():
    assert [report.step for report in finished(run_of(steps=5))] == [1, 2, 3, 4, 5]


def test_no_time_still_means_one_step_and_a_finished_run_means_none():
    run = run_of(steps=2)
    assert len(run.advance(0)) == 1
    assert len(run.advance(10)) == 1
    assert run.advance(10) == []


@pytest.mark.parametrize(("budget", "steps"), [(0, 1), (0.2, 1), (0.25, 1), (0.3, 2), (1, 4)])
def test_advance_takes_no_step_once_its_budget_is_used_up(monkeypatch, budget, steps):
    """By a clock on which each step takes a quarter of a second."""
    now = [0.0]
    monkeypatch.setattr("cnnviz.training.run.time", SimpleNamespace(perf_counter=lambda: now[0]))
    reports = run_of(steps=100).advance(budget, after_each=lambda _run: now.__setitem__(0, now[0] + 0.25))
    assert len(reports) == steps


def test_something_easy_is_learned():
    reports = finished(run_of(steps=30, batch=16))
    assert reports[-1].accuracy == 1
    assert reports[-1].loss < reports[0].loss


def test_the_loss_and_accuracy_reported_are_those_of_the_step():
    run = run_of(steps=1, smoothing=0.0)
    before = {name: weight.clone() for name, weight in run.model.state_dict().items()}
    images, labels = Corners().batch(0, 8, torch.Generator().manual_seed(run.config.seed))
    (report,) = run.advance(0)
    logits = torch.func.functional_call(run.model, before, images)
    assert report.loss == pytest.approx(float(F.cross_entropy(logits, labels)), abs=1e-5)
    assert report.accuracy == pytest.approx(float((logits.argmax(1) == labels).float().mean()))


def test_a_snapshot_does_not_change_as_training_goes_on():
    run = run_of(steps=4)
    run.advance(0)
    snapshot = run.snapshot()
    before = {name: weight.clone() for name, weight in snapshot.weights.items()}
    finished(run)
    assert all(torch.equal(before[name], weight) for name, weight in snapshot.weights.items())


def test_a_run_that_is_kept_and_resumed_is_the_run_that_went_on():
    whole, first, second = run_of(), run_of(), run_of()
    finished(whole)
    for _ in range(3):
        first.advance(0)
    second.resume(first.state())
    finished(second)
    assert same(whole.snapshot(), second.snapshot())


def test_a_run_can_start_from_given_weights_but_not_in_its_middle():
    weights = find_recipe("mnist").build().state_dict()
    run = run_of()
    run.begin_with(weights)
    assert all(torch.equal(weight, weights[name]) for name, weight in run.snapshot().weights.items())
    run.advance(0)
    with pytest.raises(ValueError, match="step must be 0, got 1"):
        run.begin_with(weights)


def test_without_averaging_the_snapshot_is_the_model():
    run = run_of(averaging=0.0)
    finished(run)
    weights = run.snapshot().weights
    assert all(torch.allclose(weight, weights[name]) for name, weight in run.model.state_dict().items())


def test_training_leaves_the_global_random_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    finished(run_of())
    assert torch.equal(torch.rand(3), expected)


def test_the_rate_rises_stays_and_falls():
    config = TrainConfig(steps=100, warm=10, cool=20, rate=1.0)
    assert rate_at(0, config) == 1 / 10
    assert rate_at(50, config) == 1
    assert rate_at(99, config) == 1 / 20


@given(st.integers(1, 500), st.integers(0, 100), st.integers(0, 100))
def test_the_rate_is_always_above_0_and_at_most_the_highest(steps, warm, cool):
    config = TrainConfig(steps=steps, warm=warm, cool=cool, rate=0.5)
    assert all(0 < rate_at(step, config) <= 0.5 for step in range(steps))


@pytest.mark.parametrize(
    "settings",
    [{"steps": 0}, {"batch": 0}, {"rate": 0}, {"smoothing": 1}, {"averaging": 1}, {"warm": -1}, {"cool": -1}],
)
def test_settings_that_make_no_sense_are_one_sentence(settings):
    with pytest.raises(ValueError, match=r"must be .*, got .*: "):
        TrainConfig(**settings)


def test_unknown_devices_are_refused():
    with pytest.raises(ValueError, match="device must be"):
        find_device("tpu")


def test_cuda_without_a_gpu_is_one_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("auto") == torch.device("cpu")
    with pytest.raises(ValueError, match="choose cpu"):
        find_device("cuda")


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_a_run_on_the_gpu_learns_too():
    class OnDevice(Corners):
        def batch(self, _step, size, generator):
            images, labels = super().batch(0, size, torch.Generator().manual_seed(0))
            return images.cuda(), labels.cuda()

    run = TrainingRun(TrainConfig(steps=60, batch=32, warm=2, device="cuda"), OnDevice(), find_recipe("mnist").build)
    assert finished(run)[-1].accuracy == 1


def test_soft_targets_of_one_class_are_the_usual_loss():
    logits, labels = torch.randn(5, 10), torch.arange(5)
    expected = F.cross_entropy(logits, labels)
    assert soft_cross_entropy(logits, F.one_hot(labels, 10).float()) == pytest.approx(float(expected), abs=1e-6)


def ink(count=16):
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def test_an_augmentation_of_nothing_changes_nothing():
    assert torch.allclose(augment_images(ink(), NOTHING, torch.Generator().manual_seed(0)), ink(), atol=1e-5)


def test_augmented_images_keep_shape_and_range_and_differ():
    changed = augment_images(ink(), Augmentation(cut=1.0), torch.Generator().manual_seed(0))
    assert changed.shape == (16, 1, 28, 28)
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert not torch.allclose(changed, ink(), atol=0.1)


def test_a_thicker_pen_adds_ink_and_never_more_than_a_pixel():
    dot = torch.zeros(64, 1, 28, 28)
    dot[:, :, 14, 14] = 1
    penned = augment_images(dot, Augmentation(0, 0, 0, 0, 0, 0, 1.0, 0), torch.Generator().manual_seed(0))
    assert float(penned.sum(dim=(1, 2, 3)).max()) > 2
    assert float(penned.sum(dim=(1, 2, 3)).min()) < 0.5
    assert float(penned[:, :, :13].sum() + penned[:, :, :, :13].sum()) == pytest.approx(0, abs=1e-3)


def test_a_shift_moves_ink_by_at_most_its_pixels():
    dot = torch.zeros(64, 1, 28, 28)
    dot[:, :, 14, 14] = 1
    moved = augment_images(dot, Augmentation(0, 0, 0, 0, 2.0, 0, 0, 0), torch.Generator().manual_seed(0))
    rows = (moved.sum(dim=(1, 3)) * torch.arange(28)).sum(dim=1)
    assert float(rows.min()) >= 12 - 1e-3
    assert float(rows.max()) <= 16 + 1e-3
    assert float(rows.std()) > 0.5


SEVEN = (np.array([[0.1, 0.1], [0.9, 0.1], [0.4, 0.9]]),)


def test_varied_drawings_are_drawings_on_the_canvas_and_differ():
    rng = np.random.default_rng(0)
    sketches = [augment_strokes(SEVEN, "7", rng) for _ in range(50)]
    points = np.array([point for sketch in sketches for stroke in sketch.strokes for point in stroke.points])
    assert points.min() > 0
    assert points.max() < 1
    assert len(set(sketches)) == 50
    assert {len(sketch.strokes) for sketch in sketches} == {1, 2}  # some have a bar


def test_a_dot_can_be_varied():
    (stroke,) = augment_strokes((np.array([[0.5, 0.5]]),), "1", np.random.default_rng(0)).strokes
    assert np.all(np.array(stroke.points) > 0)
    assert np.all(np.array(stroke.points) < 1)
    assert np.ptp(np.array(stroke.points), axis=0).max() < 0.05  # it has stayed a dot


def drawing(source, writer, label="7"):
    return PenDrawing(label, source, writer, tuple(tuple(map(tuple, path.tolist())) for path in SEVEN))


def test_the_split_is_by_tablet_and_by_writer():
    drawings = tuple(
        drawing(source, f"{source}{number}") for source, n in zip("abcdef", (30, 31, 2, 3, 4, 50), strict=True)
        for number in range(n)
    )  # fmt: skip
    split = split_by_tablet(drawings)
    assert smallest_tablets(drawings) == ("c", "d", "e")
    assert {one.source for one in split.held_out} == {"c", "d", "e"}
    assert not {one.writer for one in split.practice} & {one.writer for one in split.choosing}
    assert {one.source for one in split.practice} == {one.source for one in split.choosing} == {"a", "b", "f"}
    assert len(split.practice) + len(split.choosing) + len(split.held_out) == len(drawings)


def test_practice_and_unseen_outliers_have_no_kind_in_common():
    assert not set(PRACTICE) & set(UNSEEN)
    made = make_non_digits({**PRACTICE, **UNSEEN}, len(PRACTICE) + len(UNSEEN), np.random.default_rng(0))
    assert made.shape == (len(PRACTICE) + len(UNSEEN), 28, 28)
    assert made.any(axis=(1, 2)).all()


def small_pools():
    blank = LabelledImages(np.zeros((5, 28, 28), np.uint8), np.arange(5))
    return DigitPools(
        blank, rasterise_varied((drawing("a", "w"),), 3, seed=0), make_non_digits(PRACTICE, 9, np.random.default_rng(0))
    )


def test_a_batch_has_the_shares_asked_for():
    mixture = digit_batches(small_pools(), torch.device("cpu"), PoolWeights(pen=0.5, others=0.25), smoothing=0.1)
    images, targets = mixture.batch(0, 16, torch.Generator().manual_seed(0))
    assert images.shape == (16, 1, 28, 28)
    assert targets.sum(dim=1).tolist() == pytest.approx([1.0] * 16)
    assert (targets[4:12, 7] == pytest.approx(0.9 + 0.1 / 10)) is True  # pen: all sevens
    assert targets[12:].unique().tolist() == pytest.approx([0.1])  # no digit: any class


def test_the_shipped_network_trains_on_a_mixture():
    run = TrainingRun(
        TrainConfig(steps=2, batch=16, device="cpu"),
        digit_batches(small_pools(), torch.device("cpu")),
        find_recipe("mnist").build,
        soft_cross_entropy,
    )
    assert len(finished(run)) == 2
    find_recipe("mnist").build().load_state_dict(dict(run.snapshot().weights))
