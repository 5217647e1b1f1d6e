"""scikit-learn's digits: 1,797 real ones of 8×8 cells, which come with it and need no download, as 28×28.

Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI, 1998; the test part.
Refuses to know: how they are divided, training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.datasets import DIGITS
from cnnviz.drawing import pixels
from cnnviz.imagesets.pools import Pool

FINE = 160  # pixels a side, smoothly enlarged, before the ink is fitted
LEVELS = 16  # of the 8×8 digits


def digits_pool() -> Pool:
    """All 1,797, prepared as the drawing pad prepares a drawing."""
    from sklearn.datasets import load_digits  # slow to import, and not needed for other sets

    data = load_digits()
    images = np.stack([scaled_up(image) for image in data.images])
    return Pool(DIGITS, (images[:, np.newaxis], data.target.astype(np.int64)))


def scaled_up(cells: NDArray) -> NDArray[np.uint8]:
    """(8, 8) in 0..16 → (28, 28) in 0..255: enlarged smoothly (bicubic), then prepared as a drawing is.

    That is: cut to its ink, fitted into 20×20, laid so that its centre of mass is the middle. A network that
    learned from these can read what is drawn on the pad.
    """
    levels = np.round(np.asarray(cells) * (255 / LEVELS)).astype(np.uint8)
    return pixels(Image.fromarray(levels).resize((FINE, FINE), Image.Resampling.BICUBIC))
