"""A choice of data as a value, and how pictures are divided: whole, even, repeatable."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSetError, SetKey, load_images, mean_and_std
from cnnviz.data.image_sets.split import limit_per_class, split_indices

TOKEN = "0123456789abcdef" * 4
CHOICES = st.builds(
    DataChoice,
    key=st.sampled_from([key for key in SetKey if key != "own"]),
    limit=st.none() | st.integers(1, 10**6),
    validation=st.floats(0.01, 0.5),
    seed=st.integers(0, 2**31 - 1),
    balanced=st.booleans(),
) | st.builds(DataChoice, key=st.just("own"), upload=st.just(TOKEN))


@given(CHOICES)
def test_a_choice_comes_back_from_json_as_it_was(choice: DataChoice):
    assert DataChoice.from_record(json.loads(json.dumps(choice.to_record()))) == choice


def test_what_a_record_leaves_out_is_usual():
    assert DataChoice.from_record({}) == DataChoice("digits", None, 0.1, 0, False, None)


@pytest.mark.parametrize(
    "record",
    [
        None, 3, [], "digits", {"key": "cats"}, {"key": 3}, {"key": None}, {"limit": 0}, {"limit": 2.5},
        {"limit": True}, {"limit": 10**7}, {"validation": 0}, {"validation": 0.6}, {"validation": float("nan")},
        {"validation": "0.1"}, {"seed": -1}, {"seed": 2**31}, {"seed": 1.0}, {"balanced": 1}, {"upload": TOKEN},
        {"key": "own"}, {"key": "own", "upload": "../x"}, {"key": "own", "upload": TOKEN + "\n"}, {"path": "/etc"},
        {3: 4},
    ],
)  # fmt: skip
def test_any_other_record_is_one_sentence(record):
    with pytest.raises(ImageSetError, match="must be"):
        DataChoice.from_record(record)


LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=80).map(lambda labels: np.array(labels, np.int64))


@settings(deadline=None)
@given(LABELS, st.floats(0.01, 0.5), st.integers(0, 9))
def test_every_picture_is_in_one_part_and_every_class_keeps_its_share(labels, share: float, seed: int):
    training, validation = split_indices(labels, share, seed)
    assert sorted([*training, *validation]) == list(range(len(labels)))
    for label, count in Counter(labels.tolist()).items():
        away = int((labels[validation] == label).sum())
        assert abs(away - share * count) < 1 or away == 1
        assert away < count or count == 1
    if min(Counter(labels.tolist()).values()) * share >= 1:
        assert len(validation) == round(share * len(labels))
    again = split_indices(labels, share, seed)
    assert all(np.array_equal(a, b) for a, b in zip((training, validation), again, strict=True))


def test_another_seed_divides_otherwise_and_a_plain_split_is_not_stratified():
    labels = np.repeat(np.arange(4), [100, 10, 10, 10])
    assert not np.array_equal(split_indices(labels, 0.1, 0)[1], split_indices(labels, 0.1, 1)[1])
    counts = [np.bincount(labels[split_indices(labels, 0.1, seed)[1]], minlength=4).tolist() for seed in range(20)]
    assert counts == [[10, 1, 1, 1]] * 20
    plain = [np.bincount(labels[np.random.default_rng(seed).permutation(130)[:13]], minlength=4) for seed in range(20)]
    assert any(one.tolist() != [10, 1, 1, 1] for one in plain)  # the twin


def test_groups_are_never_torn():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, 600)
    labels = rng.integers(0, 2, 600)
    for seed in range(5):
        training, validation = split_indices(labels, 0.1, seed, groups)
        assert not set(groups[training]) & set(groups[validation])
        assert 30 <= len(validation) <= 90
        torn = split_indices(labels, 0.1, seed)
        assert set(groups[torn[0]]) & set(groups[torn[1]])  # the twin


@settings(deadline=None)
@given(LABELS, st.none() | st.integers(1, 100), st.booleans(), st.integers(0, 5))
def test_a_limit_takes_from_all_classes_in_turn(labels, limit: int | None, balanced: bool, seed: int):
    stay = limit_per_class(labels, limit, balanced, seed)
    kept, all_of = Counter(labels[stay].tolist()), Counter(labels.tolist())
    assert len(set(stay.tolist())) == len(stay)
    assert set(kept) <= set(all_of)
    most = max(kept.values())
    assert all(kept[label] >= min(most - 1, all_of[label]) for label in all_of) or limit is None
    if balanced:
        assert len(set(kept.values())) == 1
        assert set(kept) == set(all_of)
    elif limit is not None:
        assert len(stay) == min(limit, len(labels))
    else:
        assert kept == all_of


def test_examples_of_limits_by_hand():
    labels = np.repeat([0, 1], [5, 50])
    assert np.bincount(labels[limit_per_class(labels, 20, False, 0)]).tolist() == [5, 15]
    assert np.bincount(labels[limit_per_class(labels, None, True, 0)]).tolist() == [5, 5]
    assert np.bincount(labels[limit_per_class(labels, 7, True, 0)]).tolist() == [3, 3]
    assert np.bincount(labels[limit_per_class(labels, 1, True, 0)]).tolist() == [1, 1]


def test_a_smaller_limit_keeps_a_part_of_a_larger_one_and_the_validation_stays():
    small, large = (load_images(DataChoice("digits", limit=limit, seed=5)) for limit in (50, 200))
    assert {image.tobytes() for image in small.training.images} < {image.tobytes() for image in large.training.images}
    np.testing.assert_array_equal(small.validation.images, large.validation.images)
    assert small.training.counts == (5,) * 10


@given(st.integers(1, 4), st.sampled_from([1, 3]), st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_mean_and_spread_are_those_of_float64(count: int, channels: int, seed: int):
    images = np.random.default_rng(seed).integers(0, 256, (count, channels, 7, 5), dtype=np.uint8)
    means, stds = mean_and_std(images)
    share = images.astype(np.float64) / 255
    np.testing.assert_allclose(means, share.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(stds, share.std(axis=(0, 2, 3)), rtol=1e-9)
    assert not np.allclose(stds, share.std(axis=(0, 2, 3), ddof=1), rtol=1e-9)  # the twin


def test_a_channel_without_any_spread_has_spread_one():
    images = np.zeros((3, 3, 4, 4), np.uint8)
    images[:, 1] = 255
    assert mean_and_std(images) == ((0.0, 1.0, 0.0), (1.0, 1.0, 1.0))


def made(images=None, labels=(0, 1), classes=("a", "b")) -> ImageSet:
    given_images = np.zeros((2, 1, 4, 4), np.uint8) if images is None else images
    return ImageSet("x", "X", given_images, np.array(labels, np.int64), classes)


def test_a_set_can_be_read_and_not_changed():
    whole = made(labels=(1, 1))
    assert (len(whole), whole.shape, whole.counts) == (2, (1, 4, 4), (0, 2))
    with pytest.raises(ValueError, match="read-only"):
        whole.images[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        whole.labels[0] = 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": np.zeros((2, 4, 4), np.uint8)}, {"images": np.zeros((2, 2, 4, 4), np.uint8)},
        {"images": np.zeros((2, 1, 4, 4))}, {"images": np.zeros((2, 1, 97, 4), np.uint8)}, {"labels": (0,)},
        {"labels": (0, 2)}, {"labels": (-1, 0)}, {"classes": ("a",)}, {"classes": tuple(map(str, range(21)))},
        {"images": np.zeros((0, 1, 4, 4), np.uint8), "labels": ()},
    ],
)  # fmt: skip
def test_pictures_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ImageSetError, match="must be"):
        made(**wrong)
