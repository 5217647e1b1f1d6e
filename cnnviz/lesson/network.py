"""The lesson's networks: convolution → ReLU → pooling, as one sees it first, and the same repeated to a verdict.

A kernel here is a pattern divided by the number of cells that it looks at, so that each sum is a mean of products:
1 is a perfect match. No layer has a bias; nothing was trained.
Refuses to know: pictures.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.utils import skip_init

from cnnviz.lesson.pictures import image_from_text
from cnnviz.models.zoo import build_sequential

MAPS, SIZE = 3, 3  # three features of 3×3
SHORT = ("match", "relu", "pool")
AVERAGED = ("match", "relu", "mean")
DEEP = ("conv1", "relu1", "conv2", "relu2", "pool1", "conv3", "relu3", "pool2", "flatten", "votes")
LAST = (MAPS, 2, 2)  # what the stack leaves of a picture
VALUES = 12


def _still(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


FEATURES = _still(
    np.stack([image_from_text("#.. .#. ..#"), image_from_text("#.# .#. #.#"), image_from_text("..# .#. #..")])
)  # (3, 3, 3) of ±1


def _deeper() -> np.ndarray:
    """(out, in, rows, cols) of 0 and 1: a line goes on in its own map; a crossing is seen in all three."""
    ink = np.maximum(FEATURES, 0)
    patterns = np.zeros((MAPS, MAPS, SIZE, SIZE), dtype=np.float32)
    for kernel, inputs in enumerate(((0,), (0, 1, 2), (2,))):
        for channel in inputs:
            patterns[kernel, channel] = ink[channel]
    return patterns


DEEPER = _still(_deeper())
# Found by a search over tenths from −0.2 to 1, so that the ten ready-made pictures are read right, by as much as can
# be, and that the X ends at 0.92 to 0.52. In a network for real work, training finds such numbers.
VOTES = _still(
    np.array(
        [
            [0.3, 1.0, 0.1, -0.2, 0.1, -0.2, -0.2, -0.2, -0.2, 0.5, 0.8, -0.2],  # for X
            [-0.2, 0.0, 0.5, 0.0, -0.2, 1.0, 1.0, 0.3, -0.2, -0.2, -0.2, 1.0],  # for O
        ],
        dtype=np.float32,
    )
)


def feature_patterns(path: str, features: np.ndarray) -> np.ndarray:
    """The patterns (out, in, rows, cols) of a convolution, before they are divided."""
    return features[:, None] if path in ("match", "conv1") else DEEPER


def pooling_divisors(patterns: np.ndarray) -> np.ndarray:
    """How many cells each pattern looks at (out,): those where it is not 0. 9 for a feature of ±1."""
    return np.maximum((patterns != 0).sum(axis=(1, 2, 3)), 1)


def short_network(features: np.ndarray) -> nn.Sequential:
    """Match, ReLU, pooling: 1×9×9 → 3×7×7 → 3×7×7 → 3×4×4; `features` (3, 3, 3) of ±1, float32.

    Returns: the network in evaluation mode; nothing in it asks for gradients.

    >>> import torch
    >>> from cnnviz.lesson import FEATURES, short_network
    >>> short_network(FEATURES)(torch.ones(1, 1, 9, 9)).shape
    torch.Size([1, 3, 4, 4])
    """
    return build_sequential(
        match=_matching(feature_patterns("match", features)), relu=nn.ReLU(), pool=_pooling()
    ).eval()


def average_network(features: np.ndarray) -> nn.Sequential:
    """The short network with the mean of each window in the place of the largest: 1×9×9 → … → 3×4×4.

    Of a window that hangs over the edge it is the mean of the cells that are there.

    >>> import torch
    >>> from cnnviz.lesson.network import FEATURES, average_network
    >>> average_network(FEATURES)(torch.ones(1, 1, 9, 9)).shape
    torch.Size([1, 3, 4, 4])
    """
    match = _matching(feature_patterns("match", features))
    return build_sequential(match=match, relu=nn.ReLU(), mean=nn.AvgPool2d(2, stride=2, ceil_mode=True)).eval()


def deep_network(features: np.ndarray, votes: np.ndarray) -> nn.Sequential:
    """The same layers stacked until three maps of 2×2 are left, and their votes (2, 12) for X and for O.

    features: (3, 3, 3) of ±1, float32. Returns: a network in evaluation mode, (n, 1, 9, 9) → scores (n, 2).

    >>> import torch
    >>> from cnnviz.lesson.network import FEATURES, VOTES, deep_network
    >>> deep_network(FEATURES, VOTES)(torch.ones(1, 1, 9, 9)).shape
    torch.Size([1, 2])
    """
    return build_sequential(
        conv1=_matching(feature_patterns("conv1", features)),  # (n, 3, 7, 7)
        relu1=nn.ReLU(),
        conv2=_matching(DEEPER, padding=1),  # (n, 3, 7, 7)
        relu2=nn.ReLU(),
        pool1=_pooling(),  # (n, 3, 4, 4)
        conv3=_matching(DEEPER, padding=1),  # (n, 3, 4, 4)
        relu3=nn.ReLU(),
        pool2=_pooling(),  # (n, 3, 2, 2)
        flatten=nn.Flatten(),  # (n, 12)
        votes=_with(skip_init(nn.Linear, VALUES, 2, bias=False), votes),  # (n, 2)
    ).eval()


def _matching(patterns: np.ndarray, padding: int = 0) -> nn.Module:
    """Each output is the mean of the products with a pattern (over the cells that it looks at)."""
    out, into, rows, cols = patterns.shape
    layer = skip_init(nn.Conv2d, into, out, (rows, cols), padding=padding, bias=False)
    return _with(layer, patterns / pooling_divisors(patterns)[:, None, None, None])


def _pooling() -> nn.Module:
    """The largest of 2×2; a window that hangs over the edge keeps what it covers."""
    return nn.MaxPool2d(2, stride=2, ceil_mode=True)


def _with(layer: nn.Module, weight: np.ndarray) -> nn.Module:
    """`layer` with this weight; what random numbers it would start with is not asked (`skip_init`)."""
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))  # type: ignore[operator,union-attr]
    return layer.requires_grad_(False)
