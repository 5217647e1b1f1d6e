"""Copies: a network is never tried on what it learned from, and labels that contradict each other are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zips import honest, picture, zip_of

from cnnviz.data.image_sets import DataChoice, ImageSetError, load_images, take_zip
from cnnviz.data.image_sets.from_files import pool_from_zip
from cnnviz.data.image_sets.split import split_indices

MANY = honest(each=12, size=(8, 8))
COPIED = MANY | {f"cat/again{n}.png": MANY[f"cat/{n % 4}.png"] for n in range(8)}


@pytest.mark.parametrize("seed", range(8))
def test_copies_are_never_on_both_sides_of_the_split(seed: int):
    token, pool = take_zip(zip_of(COPIED))
    sets = load_images(DataChoice("own", upload=token, validation=0.3, seed=seed))
    learned = {image.tobytes() for image in sets.training.images}
    assert not learned & {image.tobytes() for image in sets.validation.images}
    assert len(sets.training) + len(sets.validation) == len(COPIED)
    assert min(sets.validation.counts) > 0
    assert pool.report is not None
    assert pool.report.remarks()[0].startswith("8 images are copies of others")


def test_without_copies_the_split_is_what_it_was():
    labels = np.repeat([0, 1], [10, 20])
    for ours, theirs in zip(
        split_indices(labels, 0.3, 4, copies=np.arange(30)), split_indices(labels, 0.3, 4), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=40), st.integers(0, 99))
def test_every_place_goes_once_and_no_number_to_both_sides(pictures: list[tuple[int, int]], seed: int):
    labels, copies = (np.array(column, np.int64) for column in zip(*pictures, strict=True))
    stay, away = split_indices(labels, 0.3, seed, copies=copies)
    assert sorted([*stay, *away]) == list(range(len(pictures)))
    assert not set(copies[stay].tolist()) & set(copies[away].tolist())
    assert set(labels[stay]) == set(labels.tolist())


def test_a_picture_in_two_classes_is_named_and_only_trained_on():
    files = MANY | {"dog/same.png": MANY["cat/0.png"]}
    token, pool = take_zip(zip_of(files))
    assert pool.report is not None
    said = pool.report.remarks()[-1]
    assert "two classes" in said
    assert "cat/0.png" in said
    assert "dog/same.png" in said
    twice = next(image for image, count in _counted(pool.training[0]) if count == 2)
    for seed in range(5):
        sets = load_images(DataChoice("own", upload=token, validation=0.5, seed=seed))
        assert twice not in {image.tobytes() for image in sets.validation.images}


def _counted(images: np.ndarray) -> list[tuple[bytes, int]]:
    found = [image.tobytes() for image in images]
    return [(each, found.count(each)) for each in found]


def test_copies_of_training_pictures_are_left_out_of_the_other_parts_and_it_is_said():
    files = {f"train/{name}": data for name, data in MANY.items()} | {
        "val/cat/copy.png": MANY["cat/0.png"], "val/cat/1.png": picture(91), "val/dog/1.png": picture(92),
    }  # fmt: skip
    pool = pool_from_zip(zip_of(files))
    assert pool.validation is not None
    assert len(pool.validation[1]) == 2
    assert pool.report is not None
    assert pool.report.remarks()[0].startswith("1 image lies in the training part too")


def test_a_set_of_nothing_but_copies_cannot_be_split_and_says_so():
    token, _pool = take_zip(zip_of({f"{name}/{n}.png": picture(ord(name)) for name in "ab" for n in range(3)}))
    with pytest.raises(ImageSetError, match="copies of each other"):
        load_images(DataChoice("own", upload=token))
