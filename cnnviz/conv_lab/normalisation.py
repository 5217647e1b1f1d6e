"""Batch normalisation and dropout where one can touch them: small batches, both modes, every number on the way.

`run_normalisation(NormSettings())` sends batches of small whole numbers through PyTorch's own layers, one after the
other, so that the running estimates move. Refuses to know: how a number is written, pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import nn

from cnnviz.checks import require
from cnnviz.conv_lab.images import find_image
from cnnviz.core.explain.cell import explain
from cnnviz.core.explain.normalisation import NormCell, explain_batch_statistics
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef

MOST_BATCHES = 9
MOST_AFFINE = 10.0  # of γ and β
FACTORS = (1, 2, 3)  # the images of the following batches: the same, twice and three times as bright
LARGEST_BYTE = 255
_DRAWS = 20  # the first draw drops one of three channels


class NormExample(StrEnum):
    """Which batch goes through the layer.

    >>> from cnnviz.conv_lab.normalisation import NormExample
    >>> [each.value for each in NormExample]
    ['channels', 'two-images']
    """

    CHANNELS = "channels"  # one image of three channels, straight into the layer
    TWO_IMAGES = "two-images"  # a batch of two 8-bit images, through a convolution before and ReLU after it


class NormLayer(StrEnum):
    """Which layer differs between training and evaluation.

    >>> from cnnviz.conv_lab.normalisation import NormLayer
    >>> [each.value for each in NormLayer]
    ['batch_norm', 'dropout']
    """

    BATCH_NORM = "batch_norm"
    DROPOUT = "dropout"


@dataclass(frozen=True)
class NormSettings:
    """What is asked: a batch, a layer, its mode, how many batches have gone through it in training mode.

    gamma, beta: of all channels. probability: of dropout.
    Raises: ValueError, one sentence, for a number out of its bounds.
    """

    example: NormExample = NormExample.CHANNELS
    layer: NormLayer = NormLayer.BATCH_NORM
    is_training: bool = True
    batch: int = 1
    gamma: float = 1.0
    beta: float = 0.0
    probability: float = 0.4

    def __post_init__(self) -> None:
        way = "choose another number"
        require(1 <= self.batch <= MOST_BATCHES, "batch", f"1 to {MOST_BATCHES}", self.batch, way)
        for name in ("gamma", "beta"):
            value = getattr(self, name)
            require(abs(value) <= MOST_AFFINE, name, f"−{MOST_AFFINE:g} to {MOST_AFFINE:g}", value, way)
        require(0.0 <= self.probability < 1.0, "probability", "0 to below 1", self.probability, way)


@dataclass(frozen=True, eq=False)
class NormResult:
    """All stages of one batch, float32 (n, c, h, w), as PyTorch computed them.

    pixels: whole numbers of the images. values: what arrives at the layer. output: what it makes of them. unbiased:
    what it would be with the unbiased variance, None where the layer does not take the batch's. relu: None without.
    means, variances: the running estimates before the first batch and after each, (batches + 1, c); none for dropout.
    """

    settings: NormSettings
    pixels: np.ndarray
    values: np.ndarray
    output: np.ndarray
    unbiased: np.ndarray | None
    relu: np.ndarray | None
    means: np.ndarray
    variances: np.ndarray
    is_kept: np.ndarray | None  # of dropout in training: which channels of which image, bool (n, c)

    @property
    def has_convolution(self) -> bool:
        """Whether a convolution stands before the layer."""
        return self.settings.example is NormExample.TWO_IMAGES

    def cell(self, image: int, unit: tuple[int, int, int]) -> NormCell:
        """A cell of batch normalisation step by step, in the mode that is asked for.

        Raises: IndexError for a cell that there is not.
        """
        settings, at = self.settings, UnitRef("0", *unit)
        layer = _batch_norm(settings, self.values.shape[1])
        row = settings.batch - 1 if settings.is_training else settings.batch
        assert layer.running_mean is not None
        assert layer.running_var is not None
        layer.running_mean.copy_(torch.from_numpy(self.means[row]))
        layer.running_var.copy_(torch.from_numpy(self.variances[row]))
        traced = trace(nn.Sequential(layer).eval(), self.values[image]).layers[0]
        if settings.is_training:
            return explain_batch_statistics(traced, at, self.values, image)
        cell = explain(traced, at)
        assert isinstance(cell, NormCell)
        return cell


def batch_images(example: NormExample, batch: int) -> np.ndarray:
    """The images of the `batch`-th batch, counted from 1, as whole numbers: float32 (n, 3, 5, 5).

    >>> from cnnviz.conv_lab.normalisation import NormExample, batch_images
    >>> batch_images(NormExample.CHANNELS, 2)[0, 0, 0].tolist()
    [2.0, 20.0, 2.0, 2.0, 2.0]
    """
    first = find_image("rows-of-five").values
    images = [first] if example is NormExample.CHANNELS else [first, np.ones_like(first)]
    return np.stack(images).astype(np.float32) * FACTORS[(batch - 1) % len(FACTORS)]


def run_normalisation(settings: NormSettings) -> NormResult:
    """Send the batches through PyTorch's layers, and keep every stage of the last one."""
    with torch.inference_mode():
        pixels, values = batch_images(settings.example, settings.batch), _arriving(settings, settings.batch)
        if settings.layer is NormLayer.DROPOUT:
            return _dropped(settings, pixels, values)
        layer = _batch_norm(settings, values.shape[1])
        means, variances, output = [_numbers(layer.running_mean)], [_numbers(layer.running_var)], values
        for batch in range(1, settings.batch + 1):
            output = layer(_arriving(settings, batch))
            means.append(_numbers(layer.running_mean))
            variances.append(_numbers(layer.running_var))
        if not settings.is_training:
            output = layer.eval()(values)
        return NormResult(
            settings, pixels, values.numpy(), output.numpy(), _unbiased(settings, values), _relu(settings, output),
            np.stack(means), np.stack(variances), None,
        )  # fmt: skip


def _arriving(settings: NormSettings, batch: int) -> torch.Tensor:
    """What arrives at the layer: the images, or what a convolution with all weights 1 and bias 1 makes of them."""
    images = torch.from_numpy(batch_images(settings.example, batch))
    if settings.example is NormExample.CHANNELS:
        return images
    ones = torch.ones(1, images.shape[1], 3, 3)
    return nn.functional.conv2d(images / LARGEST_BYTE, ones, torch.ones(1))


def _batch_norm(settings: NormSettings, channels: int) -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(channels).requires_grad_(False)
    layer.weight.fill_(settings.gamma)
    layer.bias.fill_(settings.beta)
    return layer.train()


def _unbiased(settings: NormSettings, values: torch.Tensor) -> np.ndarray | None:
    """The mistake beside the right one: normalised with the variance that is divided by n − 1."""
    if not settings.is_training:
        return None
    exact = values.double()
    variance, mean = torch.var_mean(exact, dim=(0, 2, 3), keepdim=True, correction=1)
    found = settings.gamma * (exact - mean) / (variance + _EPSILON).sqrt() + settings.beta
    return np.asarray(found.float().numpy())


_EPSILON = nn.BatchNorm2d(1).eps


def _dropped(settings: NormSettings, pixels: np.ndarray, values: torch.Tensor) -> NormResult:
    """Dropout of whole channels; another batch is another draw."""
    layer = nn.Dropout2d(settings.probability).train(settings.is_training)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_DRAWS + settings.batch)
        output = layer(values)
        torch.manual_seed(_DRAWS + settings.batch)
        kept = layer(torch.ones_like(values))[:, :, 0, 0] != 0
    nothing = np.zeros((0, values.shape[1]), np.float32)
    is_kept = kept.numpy() if settings.is_training else None
    return NormResult(
        settings, pixels, values.numpy(), output.numpy(), None, _relu(settings, output), nothing, nothing, is_kept
    )


def _relu(settings: NormSettings, output: torch.Tensor) -> np.ndarray | None:
    is_last = settings.example is NormExample.TWO_IMAGES
    return np.asarray(output.relu().numpy()) if is_last else None


def _numbers(estimate: torch.Tensor | None) -> np.ndarray:
    assert estimate is not None
    return estimate.numpy().copy()
