"""More of what is no digit: what is measured was never trained on, and every picture is one."""

import itertools

import numpy as np
import pytest

from cnnviz.data.more_non_digits import MORE_PRACTICE, MORE_UNSEEN
from cnnviz.data.non_digits import PRACTICE, UNSEEN, make_non_digits

SETS = {"practice": PRACTICE, "unseen": UNSEEN, "more practice": MORE_PRACTICE, "more unseen": MORE_UNSEEN}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SETS, 2)))
def test_no_kind_is_in_two_sets(one, other):
    assert not set(SETS[one]) & set(SETS[other])
    assert not set(SETS[one].values()) & set(SETS[other].values())


@pytest.mark.parametrize("kind", [*MORE_PRACTICE, *MORE_UNSEEN])
def test_a_kind_makes_pictures_with_ink_and_the_same_for_the_same_seed(kind):
    makers = {kind: (MORE_PRACTICE | MORE_UNSEEN)[kind]}
    first, again, other = (make_non_digits(makers, 12, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.shape == (12, 28, 28)
    assert first.dtype == np.uint8
    assert first.any(axis=(1, 2)).all()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
