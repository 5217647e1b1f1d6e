"""Two maps that know nothing of the network, shown beside every map: what the checks say of these, they must catch.

Refuses to know: networks.
"""

from __future__ import annotations

import numpy as np
import scipy


def random_map(image: np.ndarray, seed: int = 0) -> np.ndarray:
    """Numbers by chance, of the image's shape (channels, rows, cols).

    >>> import numpy as np
    >>> from cnnviz.attribution.controls import random_map
    >>> random_map(np.zeros((1, 2, 2))).shape
    (1, 2, 2)
    """
    made: np.ndarray = np.random.default_rng(seed).standard_normal(image.shape).astype(np.float32)
    return made


def edge_map(image: np.ndarray) -> np.ndarray:
    """How steep each channel of the image (channels, rows, cols) is at each pixel: the length of Sobel's gradient.

    >>> import numpy as np
    >>> from cnnviz.attribution.controls import edge_map
    >>> edge_map(np.array([[[0.0, 0, 1, 1]] * 3]))[0, 1].tolist()
    [0.0, 4.0, 4.0, 0.0]
    """
    steep = [np.hypot(scipy.ndimage.sobel(channel, axis=0), scipy.ndimage.sobel(channel, axis=1)) for channel in image]
    made: np.ndarray = np.stack(steep).astype(np.float32)
    return made
