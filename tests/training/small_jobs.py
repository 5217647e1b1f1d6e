"""Small jobs on pictures of our own making, for tests: dark above or dark below, in a moment."""

import numpy as np

from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSplits
from cnnviz.models.builder import NetworkSpec
from cnnviz.models.builder.layer_config import BATCH_NORM, FLATTEN, activation, conv, dropout, linear, pool
from cnnviz.training import Job, TrainConfig

CLASSES = ("above", "below")
PLAIN = NetworkSpec("small", (1, 8, 8), CLASSES, (conv(3, 3), activation(), pool(2), FLATTEN, linear()))
RICH_PARTS = (conv(4, 3, padding=1), BATCH_NORM, activation(), dropout(0.3), pool(2), FLATTEN, linear())
RICH = NetworkSpec("rich", (1, 8, 8), CLASSES, RICH_PARTS)


def pictures(count, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=count)
    images = rng.integers(0, 120, size=(count, 1, 8, 8), dtype=np.uint8)
    images[labels == 0, :, :4] += 100
    images[labels == 1, :, 4:] += 100
    return ImageSet("own", "Halves", images, labels.astype(np.int64), CLASSES)


def sets(training=50, validation=30, test=20):
    parts = pictures(training), pictures(validation, 1), pictures(test, 2)
    return ImageSplits(*parts, mean=(0.3,), std=(0.2,))


def job(blueprint=PLAIN, augmentation=None, **settings):
    config = TrainConfig(**{"steps": 10, "batch": 16, "rate": 0.01, "device": "cpu", **settings})
    return Job(blueprint, DataChoice("digits"), config, augmentation)
