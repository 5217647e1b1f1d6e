"""The sets by name: what each is called, and who makes it.

Refuses to know: how a set is divided (`loading`), pages.
"""

from __future__ import annotations

import numpy as np

from cnnviz.datasets import mnist
from cnnviz.imagesets.choice import SetKey
from cnnviz.imagesets.digits import digits_pool
from cnnviz.imagesets.pools import Pool
from cnnviz.messages import _

TEN = tuple("0123456789")


def title_of(key: SetKey) -> str:
    """The set's name in the reader's language."""
    return {
        SetKey.DIGITS: _("Digits (8×8, scaled up)"),
        SetKey.MNIST: _("MNIST"),
        SetKey.BIRDS: _("Birds and airplanes"),
        SetKey.XO: _("X and O, handwritten"),
        SetKey.XO_GENERATED: _("X and O, generated"),
        SetKey.OWN: _("Your own pictures"),
    }[key]


def pool_of(key: SetKey, upload: str | None) -> Pool:
    """All pictures of a set. Raises: DataMissing, DataBroken, SetError; one sentence each."""
    if key is SetKey.DIGITS:
        return digits_pool()
    if key is SetKey.MNIST:
        return mnist_pool()
    raise NotImplementedError


def mnist_pool() -> Pool:
    """MNIST: 60,000 for training, 10,000 for the test."""
    training, test = mnist("train"), mnist("test")
    return Pool(TEN, (training.images[:, np.newaxis], training.labels), test=(test.images[:, np.newaxis], test.labels))
