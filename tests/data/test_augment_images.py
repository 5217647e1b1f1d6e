"""Changed images: by how much was asked, each by its own draw, all channels alike, and the same for the same seed."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from cnnviz.data.augment_images import DRAWINGS, MOST, NOTHING, PHOTOS, Augmentation, BorderFill, augment_images

ONLY = dict.fromkeys(MOST, 0.0)


def only(**how) -> Augmentation:
    """One kind of change alone."""
    return Augmentation(**(ONLY | how))


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def later_draws(seed: int, shape: tuple[int, int]) -> Tensor:
    """What is drawn after the six numbers an image for turn, size, aspect, slant and shift."""
    generator = chance(seed)
    torch.rand(6, shape[1], generator=generator)
    return torch.rand(*shape, generator=generator)


def photos(count: int = 8, channels: int = 3, side: int = 12) -> Tensor:
    return torch.rand(count, channels, side, side, generator=chance(1))


def test_nothing_is_the_very_images_and_draws_no_numbers():
    generator = chance()
    images = photos()
    assert augment_images(images, NOTHING, generator) is images
    assert torch.equal(generator.get_state(), chance().get_state())
    assert DRAWINGS.scaled(0) == NOTHING


def test_a_mirrored_image_is_read_from_right_to_left():
    mirrored = augment_images(photos(), only(flip=1.0), chance())
    torch.testing.assert_close(mirrored, photos().flip(3), atol=1e-5, rtol=0)
    assert not torch.allclose(mirrored, photos().flip(2), atol=0.1)  # the twin: upside down


def test_about_as_many_are_mirrored_as_were_asked_for_and_the_others_stay():
    images = photos(400, side=4)
    mirrored = augment_images(images, only(flip=0.25), chance())
    is_same = torch.isclose(mirrored, images, atol=1e-5).all(dim=3).all(dim=2).all(dim=1)
    is_flipped = torch.isclose(mirrored, images.flip(3), atol=1e-5).all(dim=3).all(dim=2).all(dim=1)
    assert (is_same ^ is_flipped).all()
    assert 70 <= int(is_flipped.sum()) <= 130  # 100 ± 3.5 standard deviations


def naive_read(image: np.ndarray, row: float, col: float) -> float:
    """Between four pixels, in proportion to how near they are; paper outside. (row, col) in pixel centres."""
    total = 0.0
    for at in (math.floor(row), math.floor(row) + 1):
        for to in (math.floor(col), math.floor(col) + 1):
            if 0 <= at < image.shape[0] and 0 <= to < image.shape[1]:
                total += image[at, to] * (1 - abs(row - at)) * (1 - abs(col - to))
    return total


def naive_crop(image: np.ndarray, side: float, x: float, y: float) -> np.ndarray:
    """The window of `side` (a share) around (x, y) in −1..1, enlarged to the whole, by loops in float64."""
    height, width = image.shape
    made = np.zeros_like(image)
    for row in range(height):
        for col in range(width):
            across, down = (2 * col + 1) / width - 1, (2 * row + 1) / height - 1
            made[row, col] = naive_read(
                image, ((down * side + y + 1) * height - 1) / 2, ((across * side + x + 1) * width - 1) / 2
            )
    return made


def test_a_window_is_enlarged_as_loops_would_do_it():
    images = photos(6, channels=1, side=9)
    got = augment_images(images, only(crop=0.6), chance(3)).double().numpy()[:, 0]
    draw = later_draws(3, (3, 6)).double().numpy()
    off = []
    for number, image in enumerate(images.double().numpy()[:, 0]):
        side = 1 - 0.6 * draw[0, number]
        x, y = ((2 * draw[axis, number] - 1) * (1 - side) for axis in (1, 2))
        np.testing.assert_allclose(got[number], naive_crop(image, side, x, y), atol=1e-5)
        off.append(np.abs(got[number] - naive_crop(image, side, y, x)).max())
    assert max(off) > 0.1  # the twin: axes exchanged


def test_a_window_lies_inside_the_image_and_a_shift_does_not():
    white = torch.ones(64, 1, 16, 16)
    least = float(augment_images(white, only(crop=0.9), chance()).min())
    assert least >= 0.25 - 1e-5  # half of the paper's first pixel along either axis, at the most
    assert float(augment_images(white, only(shift=4), chance()).min()) == 0


def test_beyond_a_mirroring_border_the_image_goes_on():
    white = torch.ones(64, 3, 16, 16)
    moved = augment_images(white, only(shift=4, turn=20, border=BorderFill.MIRROR), chance())
    torch.testing.assert_close(moved, white, atol=1e-5, rtol=0)


def test_light_is_contrast_around_the_mean_and_brightness():
    images = photos(5)
    got = augment_images(images, only(light=0.3), chance(2))
    draw = (later_draws(2, (2, 5)) * 2 - 1) * 0.3
    for number in range(5):
        image = images[number].double().numpy()
        lit = image.mean() + (image - image.mean()) * (1 + float(draw[0, number])) + float(draw[1, number]) / 2
        np.testing.assert_allclose(got[number].numpy(), np.clip(lit, 0, 1), atol=1e-4)


@pytest.mark.parametrize("how", [PHOTOS, DRAWINGS, Augmentation(cut=1.0, border="mirror")])
def test_all_channels_are_changed_alike(how: Augmentation):
    how = Augmentation(**(how.to_record() | {"light": 0}))  # which mixes channels: their common mean
    grey = photos(6, channels=1)
    coloured = augment_images(grey.repeat(1, 3, 1, 1), how, chance())
    alone = augment_images(grey, how, chance())
    for channel in range(3):
        torch.testing.assert_close(coloured[:, channel], alone[:, 0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("how", [PHOTOS, DRAWINGS])
@pytest.mark.parametrize("channels", [1, 3])
def test_changed_images_keep_shape_and_range_and_are_the_same_for_the_same_seed(how: Augmentation, channels: int):
    images = photos(16, channels, 28)
    changed = augment_images(images, how, chance(5))
    assert changed.shape == images.shape
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert torch.equal(changed, augment_images(images, how, chance(5)))
    assert not torch.allclose(changed, augment_images(images, how, chance(6)), atol=0.05)
    assert torch.equal(images, photos(16, channels, 28))


def test_changes_that_are_off_draw_no_numbers_so_that_old_runs_can_be_made_again():
    before, after = chance(), chance()
    augment_images(photos(4, 1), Augmentation(pen=0, cut=0, bend=0), before)
    torch.rand(6, 4, generator=after)
    assert torch.equal(before.get_state(), after.get_state())


AUGMENTATIONS = st.builds(
    lambda values, border: Augmentation(**values, border=border),
    st.fixed_dictionaries({name: st.floats(0, most) for name, most in MOST.items()}),
    st.sampled_from(list(BorderFill)),
)


@given(AUGMENTATIONS)
def test_an_augmentation_comes_back_from_json_as_it_was(how: Augmentation):
    assert Augmentation.from_record(json.loads(json.dumps(how.to_record()))) == how


@settings(deadline=None, max_examples=40)
@given(AUGMENTATIONS, st.integers(0, 9))
def test_no_augmentation_leaves_the_range_or_makes_what_is_no_number(how: Augmentation, seed: int):
    changed = augment_images(photos(3, side=6), how, chance(seed))
    assert bool(torch.isfinite(changed).all())
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1


def test_twice_as_strong_is_twice_as_far_up_to_the_bounds():
    twice = PHOTOS.scaled(2)
    assert (twice.turn, twice.flip, twice.border) == (2 * PHOTOS.turn, 1.0, BorderFill.MIRROR)
    assert PHOTOS.scaled(1) == PHOTOS
    assert Augmentation.from_record({"turn": 3}) == only(turn=3)


@pytest.mark.parametrize(
    "record",
    [None, 3, [], {"spin": 1}, {"turn": -1}, {"turn": 181}, {"turn": "12"}, {"turn": True}, {"flip": 1.5},
     {"flip": float("nan")}, {"border": "black"}, {"border": 0}],
)  # fmt: skip
def test_any_other_record_is_one_sentence(record):
    with pytest.raises(ValueError, match="must be"):
        Augmentation.from_record(record)
