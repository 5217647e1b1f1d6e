"""What an example of the laboratory is, and how one is written down.

Refuses to know: which examples there are (`examples`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnviz.conv_lab.images import find_image
from cnnviz.conv_lab.run import random_weights
from cnnviz.conv_lab.settings import LabSetup
from cnnviz.core.kernels import find_preset
from cnnviz.i18n import _

Text = Callable[[], str]  # called when shown, so that it speaks the reader's language
Map = tuple[tuple[float, ...], ...]


class LabChapter(StrEnum):
    """What a group of examples is about.

    >>> from cnnviz.conv_lab.examples import LabChapter
    >>> [chapter.value for chapter in LabChapter]
    ['numbers', 'pictures', 'sizes', 'channels', 'pooling', 'beyond']
    """

    NUMBERS = "numbers"
    PICTURES = "pictures"
    SIZES = "sizes"
    CHANNELS = "channels"
    POOLING = "pooling"
    BEYOND = "beyond"


class LabPart(StrEnum):
    """Where in the laboratory an example is at home.

    >>> from cnnviz.conv_lab.examples import LabPart
    >>> [part.value for part in LabPart]
    ['bench', 'nd', 'norm', 'learn', 'ways', 'why']
    """

    BENCH = "bench"
    ND = "nd"
    NORM = "norm"
    LEARN = "learn"
    WAYS = "ways"
    WHY = "why"


@dataclass(frozen=True, eq=False)
class Example:
    """`maps`: the output maps that are known number for number; `shape`: "1×3×3 → 1×2×2"; `parameters`: how many.

    `says`: what else must be read on the page, such as a formula's end or what is never read.

    >>> from cnnviz.conv_lab.examples import find_example
    >>> example = find_example("true-convolution")
    >>> example.title, example.shape, example.maps
    ('True convolution', '1×3×3 → 1×2×2', (((5, 11), (23, 29)),))
    """

    key: str
    chapter: LabChapter
    describe: Text
    look_at: Text
    make: Callable[[], LabSetup] | None = None
    shape: str = ""
    maps: tuple[Map, ...] = ()
    parameters: int | None = None
    says: tuple[str, ...] = ()
    part: LabPart = LabPart.BENCH

    @property
    def title(self) -> str:
        """Its name, in the reader's language."""
        return self.describe()

    @property
    def look(self) -> str:
        """What to look at, in the reader's language."""
        return self.look_at()


def chapter_title(chapter: LabChapter) -> str:
    """What a chapter is called, in the reader's language.

    >>> from cnnviz.conv_lab.examples import LabChapter, chapter_title
    >>> chapter_title(LabChapter.NUMBERS)
    'Small numbers'
    """
    return {
        LabChapter.NUMBERS: _("Small numbers"),
        LabChapter.PICTURES: _("Images"),
        LabChapter.SIZES: _("Output sizes"),
        LabChapter.CHANNELS: _("Channels"),
        LabChapter.POOLING: _("Pooling"),
        LabChapter.BEYOND: _("Further"),
    }[chapter]


def make_kernel(*rows: tuple[float, ...]) -> np.ndarray:
    """One kernel for one channel, row by row."""
    return np.array(rows, dtype=np.float32)[None, None]


def make_kernels(preset: str, rows: int, cols: int, out: int = 1, channels: int = 1) -> np.ndarray:
    """A ready-made kernel, as often as there are kernels and channels."""
    return np.tile(find_preset(preset).fitted(rows, cols), (out, channels, 1, 1))


TWO_BY_TWO = make_kernel((0, 1), (2, 3))
WINDOW = np.ones((1, 1, 2, 2), np.float32)


def make_setup(picture: str, kernel: np.ndarray, **rest: object) -> Callable[[], LabSetup]:
    """A setup that is made when it is asked for."""
    return lambda: LabSetup(picture=find_image(picture), kernel=kernel, **rest)  # type: ignore[arg-type]


def make_random_kernels(picture: str, shape: tuple[int, int, int, int], **rest: object) -> Callable[[], LabSetup]:
    """The same with the weights and biases that PyTorch starts with, seed 0."""

    def make() -> LabSetup:
        kernel, bias = random_weights(shape, seed=0)
        return LabSetup(picture=find_image(picture), kernel=kernel, bias=bias, **rest)  # type: ignore[arg-type]

    return make
