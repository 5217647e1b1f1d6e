"""Which device a wish means. Refuses to know: what is computed there."""

from __future__ import annotations

import torch

from cnnviz.checks import check_one_of
from cnnviz.i18n import _
from cnnviz.training.config import DEVICES


def find_device(wish: str) -> torch.device:
    """The device for "auto" (CUDA where there is one), "cpu" or "cuda".

    Raises: ValueError for another word, or for "cuda" without a usable GPU.

    >>> from cnnviz.training import find_device
    >>> find_device("cpu")
    device(type='cpu')
    """
    check_one_of("device", wish, DEVICES)
    if wish == "cuda" and not torch.cuda.is_available():
        raise ValueError(_("device must be usable, got cuda without a CUDA GPU that PyTorch can use: choose cpu"))
    return torch.device("cuda" if wish != "cpu" and torch.cuda.is_available() else "cpu")
