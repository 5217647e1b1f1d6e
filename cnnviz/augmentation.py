"""Batches of images → the same digits, a little different: on the device, whole batches at once.

Turn, slant, size, aspect, place, a smooth (elastic) bend, a thicker or thinner pen, an edge cut off.
Refuses to know: strokes (`variation` varies those), labels, training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

KNOTS = 5  # a side: the bend is drawn on so many points and blended in between


@dataclass(frozen=True)
class Augmentation:
    """How far each change may go; 0 switches it off."""

    turn: float = 12.0  # degrees either way
    slant: float = 0.25  # shear, in widths a height
    size: float = 0.12  # 1 ± size, both directions together
    aspect: float = 0.12  # 1 ± aspect, width against height
    shift: float = 1.5  # pixels either way
    bend: float = 1.2  # pixels, the spread of the elastic displacement
    pen: float = 0.5  # share of one pixel's thickening or thinning, at most
    cut: float = 0.05  # of the images lose a strip at one side


def augment(images: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """(n, 1, h, w) in 0..1 → the same shape and range, each image changed by its own draw."""
    images = _penned(images, how.pen, generator)
    moved = F.grid_sample(images, _grid(images, how, generator), padding_mode="zeros", align_corners=False)
    return _cut(moved, how.cut, generator).clamp_(0, 1)


def _uniform(generator: torch.Generator, *shape: int) -> Tensor:
    """Between −1 and 1."""
    return torch.rand(*shape, generator=generator, device=generator.device) * 2 - 1


def _grid(images: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Where each pixel is read from, (n, h, w, 2) in −1..1: one affine map and one smooth bend an image."""
    n, _, height, width = images.shape
    draw = _uniform(generator, 6, n)
    angle = draw[0] * math.radians(how.turn)
    size, aspect = 1 + draw[1] * how.size, 1 + draw[2] * how.aspect
    slant, cos, sin = draw[3] * how.slant, angle.cos(), angle.sin()
    x_row = torch.stack([cos / (size * aspect), (slant * cos - sin) / size, draw[4] * 2 * how.shift / width], dim=1)
    y_row = torch.stack([sin / (size * aspect), (slant * sin + cos) / size, draw[5] * 2 * how.shift / height], dim=1)
    grid = F.affine_grid(torch.stack([x_row, y_row], dim=1), [n, 1, height, width], align_corners=False)
    if not how.bend:
        return grid
    coarse = torch.randn(n, 2, KNOTS, KNOTS, generator=generator, device=generator.device) * (how.bend * 2 / width)
    rows, cols = _blend(height, images.device), _blend(width, images.device)
    return grid + (rows @ coarse @ cols.T).permute(0, 2, 3, 1)


@lru_cache(maxsize=8)
def _blend(length: int, device: torch.device) -> Tensor:
    """(length, KNOTS): how much of each knot a pixel takes, smoothly (cubic)."""
    knots = torch.eye(KNOTS)[None, None]
    return F.interpolate(knots, size=(length, KNOTS), mode="bicubic", align_corners=True)[0, 0].to(device)


def _penned(images: Tensor, pen: float, generator: torch.Generator) -> Tensor:
    """A thicker pen (towards the maximum of the neighbours) or a thinner one (towards the minimum)."""
    if not pen:
        return images
    amount = _uniform(generator, len(images), 1, 1, 1) * pen
    thicker = _over_neighbours(torch.maximum, images)
    thinner = _over_neighbours(torch.minimum, images)
    return images + amount.clamp(min=0) * (thicker - images) + (-amount).clamp(min=0) * (thinner - images)


def _over_neighbours(pick: Callable[[Tensor, Tensor], Tensor], images: Tensor) -> Tensor:
    """`pick` over each pixel and its four neighbours; the border's missing ones are paper."""
    wide = F.pad(images, (1, 1, 1, 1))
    level = pick(pick(wide[..., 1:-1, :-2], wide[..., 1:-1, 2:]), images)
    return pick(level, pick(wide[..., :-2, 1:-1], wide[..., 2:, 1:-1]))


def _cut(images: Tensor, chance: float, generator: torch.Generator) -> Tensor:
    """Some images lose up to seven rows or columns at one side, ink and all."""
    if not chance:
        return images
    n, _, height, width = images.shape
    draw = torch.rand(3, n, generator=generator, device=generator.device)
    lost = (4 + draw[0] * 4) * (draw[1] < chance)
    side = (draw[2] * 4).long()
    rows = torch.arange(height, device=images.device, dtype=torch.float32)
    cols = torch.arange(width, device=images.device, dtype=torch.float32)
    edge = lost[:, None]
    keep_rows = ~(((side == 0)[:, None] & (rows < edge)) | ((side == 1)[:, None] & (rows >= height - edge)))
    keep_cols = ~(((side == 2)[:, None] & (cols < edge)) | ((side == 3)[:, None] & (cols >= width - edge)))
    return images * keep_rows[:, None, :, None] * keep_cols[:, None, None, :]
