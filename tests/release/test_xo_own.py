"""A network of one's own for X and O: what is held out, changed and misread, the same seed, foreign files."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.data.augment_images import DRAWINGS
from cnnviz.data.rasterize import preprocessed_pixels, rasterise
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import MAX_POINTS, Sketch, Stroke
from cnnviz.models.builder import preset
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import SavedNetwork, Scaling, own_xo, pack_network, start_session, unpack_network
from cnnviz.training.own_xo import (
    OwnXoScore,
    OwnXoTask,
    TooFewDrawings,
    XoDrawing,
    augmented_examples,
    check_fits,
    generate_drawings,
    save_own_xo,
    score_own_xo,
)
from cnnviz.training.saved_networks import build_untouched

CROSS, RING = (XoDrawing(label.upper(), find_sample(label).sketch) for label in "xo")


def weights_after(lesson: OwnXoTask, steps: int = 2) -> dict[str, torch.Tensor]:
    course = start_session(lesson.job(), lesson.sets())
    course.run.advance(60, steps)
    return dict(course.run.snapshot().weights)


def test_a_quarter_of_each_letter_is_held_out_and_nothing_is_in_both_parts():
    lesson = OwnXoTask((CROSS,) * 8 + (RING,) * 12, seed=3)
    learned, away = lesson.parts()
    assert sorted([*learned, *away]) == list(range(20))
    assert np.bincount(lesson.labels()[away]).tolist() == [8 // 4, 12 // 4]
    sets = lesson.sets()
    assert (len(sets.training), len(sets.validation), sets.test) == (15, 5, None)
    assert np.array_equal(sets.validation.images[:, 0], lesson.images()[away])


def test_another_seed_holds_out_other_drawings():
    drawings = generate_drawings(40, 0)
    assert not np.array_equal(OwnXoTask(drawings, seed=0).parts()[1], OwnXoTask(drawings, seed=1).parts()[1])


def test_the_pictures_are_what_the_pad_prepares():
    assert np.array_equal(CROSS.image, preprocessed_pixels(rasterise(CROSS.sketch)))
    assert not CROSS.image.flags.writeable


@pytest.mark.parametrize(
    ("label", "sketch"),
    [
        ("x", CROSS.sketch),
        ("neither", CROSS.sketch),
        ("X", Sketch()),
        ("X", Sketch((Stroke(((0.5, 0.5),), erases=True),))),
        ("X", Sketch((Stroke(((3.0, 3.0), (4.0, 4.0))),))),  # beside the pad
        ("X", Sketch((Stroke(((0.5, 0.5),)), Stroke(((0.5, 0.5),), 0.3, erases=True)))),  # rubbed out again
        ("X", Sketch((Stroke(tuple((0.5, at / MAX_POINTS) for at in range(own_xo.MOST_POINTS + 1))),))),
    ],
)
def test_what_is_no_drawing_of_a_letter_is_one_sentence(label: str, sketch: Sketch):
    with pytest.raises(ValueError, match=r"^(label|drawing) must"):
        XoDrawing(label, sketch)


def test_a_drawing_is_the_same_after_a_session():
    assert XoDrawing.from_record(CROSS.to_record()) == CROSS
    with pytest.raises(ValueError, match="label must"):
        XoDrawing.from_record(CROSS.sketch.to_record())


def test_too_few_and_too_many_drawings_are_one_sentence():
    with pytest.raises(TooFewDrawings, match="got 3 X and"):
        OwnXoTask((CROSS,) * 3 + (RING,) * 30)
    with pytest.raises(ValueError, match="at most 40, got 41"):
        OwnXoTask((CROSS,) * 21 + (RING,) * 20)
    assert len(OwnXoTask((CROSS,) * 4 + (RING,) * 4).parts()[1]) == 2  # one of each can be held out


def test_the_same_drawings_and_seed_make_the_same_network_and_another_seed_another():
    drawings = generate_drawings(12, 0)
    one, again, other = (weights_after(OwnXoTask(drawings, 1.0, seed)) for seed in (5, 5, 6))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])


def test_a_changed_drawing_makes_another_job():
    drawings = generate_drawings(12, 0)
    assert OwnXoTask(drawings).job() == OwnXoTask(drawings).job()
    assert OwnXoTask(drawings).job().data.upload != OwnXoTask((*drawings[:-1], RING)).job().data.upload


def test_generated_drawings_are_as_many_of_each_and_others_for_another_seed():
    made = generate_drawings(20, 0)
    assert [drawing.label for drawing in made] == ["X", "O"] * 10
    assert made == generate_drawings(20, 0)
    assert not set(made) & set(generate_drawings(20, 1))
    assert generate_drawings(5, 0) == made[:5]


def test_a_few_generated_drawings_teach_it_to_read_our_own():
    weights = weights_after(OwnXoTask(generate_drawings(24, 0)), steps=50)
    model = SavedNetwork(
        own_xo.own_xo_spec(), Scaling((0.0,), (1.0,)), {n: w.numpy() for n, w in weights.items()}
    ).build()
    found = [find_sample(key).sketch for key in ("x", "leaning-x", "bowed-x", "o", "narrow-o", "open-o")]
    images = np.stack([preprocessed_pixels(rasterise(sketch)) for sketch in found])
    assert score_own_xo(model, images, np.array([0, 0, 0, 1, 1, 1])).right >= 5
    torch.manual_seed(0)
    untrained = build_untouched(own_xo.own_xo_spec()).eval()
    assert score_own_xo(untrained, images, np.array([0, 0, 0, 1, 1, 1])).right < 5  # the negative twin


def test_looks_are_the_drawing_and_changed_versions_of_it():
    images = np.stack([CROSS.image, RING.image])
    shown = augmented_examples(images, 1.0, 3, seed=0)
    assert shown.shape == (2 * (1 + 3), 1, 28, 28)
    assert np.array_equal(shown[[0, 4], 0], images)
    assert len({picture.tobytes() for picture in shown[:4]}) == 4
    assert np.array_equal(augmented_examples(images, 1.0, 3, seed=0), shown)
    assert all(
        np.array_equal(picture[0], CROSS.image) for picture in augmented_examples(images, 0.0, 3, seed=0)[:4]
    )  # off is off
    assert OwnXoTask((CROSS, RING) * 4, strength=0.0).augmentation() is None
    assert OwnXoTask((CROSS, RING) * 4, strength=2.0).augmentation() == DRAWINGS.scaled(2.0)


class MoreInkIsO(nn.Module):
    """Reads an O where the mean of the pixels is above a tenth."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        ink = images.mean(dim=(1, 2, 3)) * 10 - 1
        return torch.stack([-ink, ink], dim=1)


def test_a_score_counts_and_names_what_is_misread():
    images = np.stack([np.full((28, 28), level, np.uint8) for level in (0, 255, 0, 255)])
    found = score_own_xo(MoreInkIsO(), images, np.array([0, 0, 1, 1]))
    assert (found.n, found.right) == (4, 2)
    assert [(at, read) for at, read, _share in found.failures] == [(1, "O"), (2, "X")]
    assert [share for _at, _read, share in found.failures] == pytest.approx(
        [1 / (1 + np.exp(-18)), 1 / (1 + np.exp(-2))]
    )


def a_network() -> SavedNetwork:
    lesson = OwnXoTask((CROSS, RING) * 4)
    weights = {name: weight.numpy() for name, weight in build_untouched(own_xo.own_xo_spec()).state_dict().items()}
    return save_own_xo(weights, lesson, OwnXoScore(2, 1, ()))


def test_a_saved_network_is_the_same_after_loading_and_says_what_it_was_taught():
    network = a_network()
    again = check_fits(unpack_network(pack_network(network)))
    assert all(np.array_equal(again.weights[name], network.weights[name]) for name in network.weights)
    assert again.facts["held_out"] == {"n": 2, "right": 1}
    assert (again.facts["seed"], again.facts["drawings"]) == (0, 8)


@pytest.mark.parametrize("key", ["lenet5", "birds_c1", "digits_small"])
def test_a_network_for_something_else_is_refused(key: str):
    other = preset(key)
    weights = {name: weight.numpy() for name, weight in build_untouched(other).state_dict().items()}
    channels = other.input_shape[0]
    with pytest.raises(CheckpointError, match="This file holds a network for"):
        check_fits(SavedNetwork(other, Scaling((0.0,) * channels, (1.0,) * channels), weights))


def test_a_network_that_reads_pictures_otherwise_is_refused():
    network = a_network()
    with pytest.raises(CheckpointError, match="This file holds"):
        check_fits(SavedNetwork(network.blueprint, Scaling((0.5,), (0.5,)), network.weights))
