"""scikit-learn's digits: 1,797 real ones of 8×8 cells, which come with it and need no download, as 28×28.

Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI, 1998; the test part.
Refuses to know: how they are divided, training.
"""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.data.datasets import DIGITS
from cnnviz.data.image_sets.pools import ImagePool
from cnnviz.data.rasterize import preprocessed_pixels

FINE = 160  # pixels a side, smoothly enlarged, before the ink is fitted
LEVELS = 16  # of the 8×8 digits
FILE = Path("datasets") / "data" / "digits.csv.gz"  # within scikit-learn


def digits_pool() -> ImagePool:
    """All 1,797, prepared as the drawing pad prepares a drawing."""
    cells, labels = _cells()
    return ImagePool(DIGITS, (np.stack([scale_up(each) for each in cells])[:, np.newaxis], labels))


def _cells() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(n, 8, 8) in 0..16 and the labels, as `sklearn.datasets.load_digits` gives them.

    The file is read directly where it lies: importing scikit-learn for it takes seconds, reading it none.
    """
    found = find_spec("sklearn")
    path = Path(found.origin).parent / FILE if found and found.origin else FILE
    if path.is_file():
        with gzip.open(path, "rt", encoding="ascii") as file:
            rows = np.loadtxt(file, delimiter=",")
        return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(np.int64)
    from sklearn.datasets import load_digits  # another scikit-learn keeps it elsewhere

    data = load_digits()
    return data.images, data.target.astype(np.int64)


def scale_up(cells: NDArray) -> NDArray[np.uint8]:
    """(8, 8) in 0..16 → (28, 28) in 0..255: enlarged smoothly (bicubic), then prepared as a drawing is.

    That is: cut to its ink, fitted into 20×20, laid so that its centre of mass is the middle. A network that
    learned from these can read what is drawn on the pad: merely enlarged, they teach it hardly anything about that.
    """
    levels = np.round(np.asarray(cells) * (255 / LEVELS)).astype(np.uint8)
    return preprocessed_pixels(Image.fromarray(levels).resize((FINE, FINE), Image.Resampling.BICUBIC))
