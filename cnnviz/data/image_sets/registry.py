"""The sets by name: what each is called, who makes it, and whether it is on this machine.

Refuses to know: how a set is divided (`loading`), pages.
"""

from __future__ import annotations

import numpy as np

from cnnviz.data.datasets import DIGITS, MNIST_SPLITS, XO_FILE, DataMissing, data_folder, has_mnist, mnist
from cnnviz.data.image_sets import store
from cnnviz.data.image_sets.birds import birds_pool, has_birds
from cnnviz.data.image_sets.choice import SetKey
from cnnviz.data.image_sets.digits import digits_pool
from cnnviz.data.image_sets.pools import ImagePool
from cnnviz.data.image_sets.xo import generated_pool, written_pool
from cnnviz.i18n import _


def set_title(key: SetKey) -> str:
    """The set's name in the reader's language.

    >>> from cnnviz.data.image_sets import SetKey, set_title
    >>> set_title(SetKey.BIRDS)
    'Birds and airplanes'
    """
    return {
        SetKey.DIGITS: _("Digits (8×8, scaled up)"),
        SetKey.MNIST: _("MNIST"),
        SetKey.BIRDS: _("Birds and airplanes"),
        SetKey.XO: _("X and O, handwritten"),
        SetKey.XO_GENERATED: _("X and O, generated"),
        SetKey.OWN: _("Your own images"),
    }[key]


def is_available(key: SetKey) -> bool:
    """Whether the set's files lie on this machine, seen from outside; one's own pictures always may come.

    >>> from cnnviz.data.image_sets import SetKey, is_available
    >>> is_available(SetKey.DIGITS)  # scikit-learn brings them along
    True
    """
    if key is SetKey.MNIST:
        return has_mnist(*MNIST_SPLITS)
    if key is SetKey.BIRDS:
        return has_birds()
    if key is SetKey.XO:
        return (data_folder() / XO_FILE).is_file()
    return True


def load_set_pool(key: SetKey, upload: str | None) -> ImagePool:
    """All pictures of a set. Raises: DataMissing, DataBroken, ImageSetError; one sentence each."""
    if key is SetKey.OWN:
        if upload is None:
            raise DataMissing(_("no images of your own are there yet: upload a zip of class folders."))
        return store.fetch_pool(upload)
    makers = {
        SetKey.DIGITS: digits_pool,
        SetKey.MNIST: mnist_pool,
        SetKey.BIRDS: birds_pool,
        SetKey.XO: written_pool,
        SetKey.XO_GENERATED: generated_pool,
    }
    return makers[key]()


def mnist_pool() -> ImagePool:
    """MNIST: 60,000 for training, 10,000 for the test."""
    training, test = mnist("train"), mnist("test")
    return ImagePool(
        DIGITS, (training.images[:, np.newaxis], training.labels), test=(test.images[:, np.newaxis], test.labels)
    )
