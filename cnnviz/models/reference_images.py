"""A few images by which it is decided, once a network, what holds for all images: which layers are sparse.

Our ready-made drawings where a network reads drawings, where it reads anything else patches of grey or colour of a
seed. Refuses to know: networks, what is decided.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cnnviz.data.rasterize import SIDE, preprocess
from cnnviz.data.sample_drawings import DIGIT_SAMPLES, LETTER_SAMPLES
from cnnviz.models.subjects import shipped_samples

IMAGES, COARSE, SEED = 7, 4, 0
Shape = tuple[int, int, int]


@lru_cache(maxsize=16)
def reference_images(network: str, shape: Shape) -> tuple[np.ndarray, ...]:
    """Images (channels, rows, cols) in 0..1 for the network of this key and input shape; always the same ones."""
    made = _drawings(network) if shape == (1, SIDE, SIDE) else _patches(shape)
    for image in made:
        image.setflags(write=False)
    return tuple(made)


def _drawings(network: str) -> list[np.ndarray]:
    known = shipped_samples(network) or (*DIGIT_SAMPLES, *LETTER_SAMPLES)
    return [preprocess(sample.sketch).image.copy() for sample in known]


def _patches(shape: Shape) -> list[np.ndarray]:
    """Patches of grey or colour, a quarter of the image wide, with a little fine noise on them."""
    channels, rows, cols = shape
    dice = np.random.default_rng(SEED)
    tall, wide = -(-rows // COARSE), -(-cols // COARSE)
    images = []
    for _ in range(IMAGES):
        patches = np.kron(dice.random((channels, COARSE, COARSE)), np.ones((1, tall, wide)))[:, :rows, :cols]
        images.append(np.clip(patches + 0.1 * dice.standard_normal(shape), 0, 1).astype(np.float32))
    return images
