"""Batches of images → the same things, a little different: on the device, whole batches at once.

For drawings: turn, slant, size, aspect, place, a smooth (elastic) bend, a thicker or thinner pen, an edge cut off.
For photos also: mirrored, a part enlarged, brighter or darker; what comes in from outside is the picture mirrored.
Refuses to know: strokes (`augment_strokes` varies those), labels, training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.checks import check_number, check_record, check_word
from cnnviz.i18n import _

KNOTS = 5  # a side: the bend is drawn on so many points and blended in between


class BorderFill(StrEnum):
    """What lies outside a picture that is moved."""

    PAPER = "paper"  # 0
    MIRROR = "mirror"  # the picture again, mirrored at its edge


@dataclass(frozen=True)
class Augmentation:
    """How far each change may go; 0 switches it off.

    Raises: ValueError, one sentence, for a number outside the bounds of its change.
    """

    turn: float = 12.0  # degrees either way
    slant: float = 0.25  # shear, in widths a height
    size: float = 0.12  # 1 ± size, both directions together
    aspect: float = 0.12  # 1 ± aspect, width against height
    shift: float = 1.5  # pixels either way
    bend: float = 1.2  # pixels, the spread of the elastic displacement
    pen: float = 0.5  # share of one pixel's thickening or thinning, at most
    cut: float = 0.05  # of the images lose a strip at one side
    flip: float = 0.0  # of the images are mirrored, left for right
    crop: float = 0.0  # share of the side that a window may lack; it is enlarged to the whole
    light: float = 0.0  # contrast 1 ± light, brightness ± half of it
    border: BorderFill = BorderFill.PAPER

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            check_number(name, getattr(self, name), 0, most, _("0 switches it off"))
        object.__setattr__(self, "border", check_word(BorderFill, "border", self.border))

    @property
    def is_nothing(self) -> bool:
        """Whether no image is changed."""
        return not any(getattr(self, name) for name in MOST)

    def scaled(self, strength: float) -> Augmentation:
        """Every change `strength` times as far (or as often), up to its bound; 0 is no change at all."""
        return replace(self, **{name: min(most, getattr(self, name) * strength) for name, most in MOST.items()})

    def to_record(self) -> dict[str, Any]:
        """The augmentation as plain JSON data."""
        return asdict(self) | {"border": str(self.border)}

    @classmethod
    def from_record(cls, record: Any) -> Augmentation:
        """An augmentation from plain JSON data; what is left out is switched off. Raises: ValueError."""
        known = {field.name for field in fields(cls)}
        return replace(NOTHING, **check_record("augmentation", record, known))


MOST = {
    "turn": 180.0, "slant": 1.0, "size": 0.9, "aspect": 0.9, "shift": 32.0, "bend": 8.0, "pen": 1.0, "cut": 1.0,
    "flip": 1.0, "crop": 0.9, "light": 1.0,
}  # fmt: skip
NOTHING = Augmentation().scaled(0)
DRAWINGS = Augmentation()
PHOTOS = Augmentation(
    turn=8, slant=0, size=0, aspect=0.1, shift=2, bend=0, pen=0, cut=0, flip=0.5, crop=0.25, light=0.2,
    border=BorderFill.MIRROR,
)  # fmt: skip


def augment_images(images: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """(n, c, h, w) in 0..1 → the same shape and range, each image changed by its own draw, its channels alike.

    images: float32. `generator` must be on the images' device. Where `how` changes nothing they are the same tensor.

    >>> import torch
    >>> from cnnviz.data.augment_images import PHOTOS, augment_images
    >>> images = torch.zeros(2, 1, 28, 28)
    >>> augment_images(images, PHOTOS.scaled(0.5), torch.Generator().manual_seed(0)).shape
    torch.Size([2, 1, 28, 28])
    """
    if how.is_nothing:
        return images
    images = _penned(images, how.pen, generator)
    outside = "zeros" if how.border is BorderFill.PAPER else "reflection"
    moved = F.grid_sample(images, _grid(images, how, generator), padding_mode=outside, align_corners=False)
    return _cut(_lit(moved, how.light, generator), how.cut, generator).clamp_(0, 1)


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
    theta = _flipped(_within(torch.stack([x_row, y_row], dim=1), how.crop, generator), how.flip, generator)
    grid = F.affine_grid(theta, [n, 1, height, width], align_corners=False)
    if not how.bend:
        return grid
    coarse = torch.randn(n, 2, KNOTS, KNOTS, generator=generator, device=generator.device) * (how.bend * 2 / width)
    rows, cols = _blend(height, images.device), _blend(width, images.device)
    return grid + (rows @ coarse @ cols.T).permute(0, 2, 3, 1)


def _within(theta: Tensor, crop: float, generator: torch.Generator) -> Tensor:
    """The maps (n, 2, 3), reading from a random window instead of the whole image."""
    if not crop:
        return theta
    draw = torch.rand(3, len(theta), generator=generator, device=generator.device)
    side = 1 - draw[0] * crop
    place = (draw[1:] * 2 - 1) * (1 - side)  # of the window's middle, so that it lies inside
    return torch.cat([theta[:, :, :2] * side[:, None, None], theta[:, :, 2:] + place.T[:, :, None]], dim=2)


def _flipped(theta: Tensor, chance: float, generator: torch.Generator) -> Tensor:
    """The maps, some of them reading from right to left."""
    if not chance:
        return theta
    mirrored = torch.rand(len(theta), generator=generator, device=generator.device) < chance
    sign = torch.ones(len(theta), 2, 1, device=theta.device)
    sign[:, 0, 0] = 1 - 2 * mirrored.float()
    return theta * sign


def _lit(images: Tensor, light: float, generator: torch.Generator) -> Tensor:
    """More or less contrast around the image's mean, and brighter or darker as a whole."""
    if not light:
        return images
    draw = _uniform(generator, 2, len(images), 1, 1, 1) * light
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (1 + draw[0]) + draw[1] / 2


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
