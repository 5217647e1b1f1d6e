"""Small pictures of airplanes and birds that are drawn here by code, from a few polygons and ellipses: our own samples.

They are no photos: what a network makes of them says nothing of its accuracy. Refuses to know: networks, files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE, FINE = 32, 8  # pixels of a picture, and how much finer it is drawn
AIRPLANE, BIRD = 0, 1
Pen = ImageDraw.ImageDraw
Colour = tuple[int, int, int]
DARK, WHITE, RED, BROWN, YELLOW = (40, 45, 60), (235, 238, 242), (190, 50, 45), (110, 75, 50), (225, 170, 40)


def _at(*places: tuple[float, float]) -> list[tuple[float, float]]:
    """Places on a picture of 32×32 as places on the fine one."""
    return [(FINE * x, FINE * y) for x, y in places]


def _sky(pen: Pen, top: Colour, bottom: Colour) -> None:
    """A background that goes from one colour to another."""
    for row in range(SIDE * FINE):
        share = row / (SIDE * FINE)
        colour = tuple(round((1 - share) * a + share * b) for a, b in zip(top, bottom, strict=True))
        pen.line([(0, row), (SIDE * FINE, row)], fill=colour)


def _airliner(pen: Pen) -> None:
    """From the side, high in a blue sky."""
    _sky(pen, (70, 130, 205), (170, 205, 235))
    pen.polygon(_at((3, 17), (6, 15), (25, 15), (29, 17), (25, 19), (6, 19)), fill=WHITE)  # fuselage
    pen.polygon(_at((3, 9), (6, 9), (9, 15), (4, 16)), fill=RED)  # fin
    pen.polygon(_at((12, 17), (17, 17), (11, 24), (8, 24)), fill=(185, 190, 200))  # wing
    pen.line(_at((8, 16.5), (25, 16.5)), fill=DARK, width=FINE // 2)


def _from_below(pen: Pen) -> None:
    """Its outline against a bright sky."""
    _sky(pen, (150, 190, 225), (215, 228, 240))
    pen.polygon(_at((15, 3), (17, 3), (18, 27), (14, 27)), fill=DARK)
    pen.polygon(_at((15, 11), (17, 11), (30, 19), (30, 21), (2, 21), (2, 19)), fill=DARK)
    pen.polygon(_at((15, 24), (17, 24), (22, 28), (10, 28)), fill=DARK)


def _on_the_runway(pen: Pen) -> None:
    """On grey concrete, under a grey sky."""
    _sky(pen, (175, 190, 205), (205, 210, 215))
    pen.rectangle(_at((0, 23), (32, 32)), fill=(120, 122, 125))
    pen.polygon(_at((2, 19), (5, 16), (26, 16), (30, 19), (26, 21), (4, 21)), fill=WHITE)
    pen.polygon(_at((2, 10), (5, 10), (8, 17), (3, 17)), fill=(40, 90, 170))
    pen.polygon(_at((12, 19), (18, 19), (14, 23), (9, 23)), fill=(160, 165, 175))
    for x in (10, 24):
        pen.ellipse(_at((x - 1, 21), (x + 1, 23.5)), fill=DARK)


def _on_a_branch(pen: Pen) -> None:
    """A brown one before green leaves."""
    _sky(pen, (85, 120, 55), (60, 90, 45))
    pen.line(_at((0, 27), (32, 24)), fill=(80, 55, 35), width=2 * FINE)
    pen.ellipse(_at((8, 11), (22, 25)), fill=BROWN)
    pen.polygon(_at((9, 20), (2, 28), (5, 29), (14, 24)), fill=(85, 60, 40))  # tail
    pen.ellipse(_at((17, 6), (26, 15)), fill=BROWN)
    pen.polygon(_at((25, 10), (30, 12), (25, 13)), fill=YELLOW)
    pen.ellipse(_at((21.5, 8.5), (23.5, 10.5)), fill=DARK)
    pen.ellipse(_at((13, 16), (21, 25)), fill=(200, 165, 120))


def _robin(pen: Pen) -> None:
    """With a red breast, in the grass."""
    _sky(pen, (150, 165, 110), (95, 125, 60))
    pen.ellipse(_at((9, 9), (23, 25)), fill=(120, 105, 85))
    pen.ellipse(_at((14, 10), (24, 23)), fill=(200, 90, 45))
    pen.ellipse(_at((14, 4), (24, 13)), fill=(125, 105, 85))
    pen.polygon(_at((23, 8), (27, 9.5), (23, 10.5)), fill=DARK)
    pen.ellipse(_at((19.5, 6.5), (21.5, 8.5)), fill=(15, 15, 15))
    for x in (14, 18):
        pen.line(_at((x, 24), (x, 30)), fill=DARK, width=FINE // 2)


def _ostrich(pen: Pen) -> None:
    """A long neck above dry grass."""
    _sky(pen, (190, 180, 140), (165, 140, 85))
    pen.ellipse(_at((5, 15), (21, 26)), fill=(45, 40, 38))
    pen.line(_at((19, 19), (22, 6)), fill=(150, 120, 100), width=2 * FINE)
    pen.ellipse(_at((20, 3), (26, 8)), fill=(150, 120, 100))
    pen.polygon(_at((25, 5), (29, 6), (25, 7)), fill=YELLOW)
    for x in (11, 15):
        pen.line(_at((x, 25), (x, 32)), fill=(140, 115, 95), width=FINE)


DRAWN: tuple[tuple[int, Callable[[Pen], None]], ...] = (
    (BIRD, _on_a_branch), (AIRPLANE, _airliner), (BIRD, _robin),
    (AIRPLANE, _from_below), (BIRD, _ostrich), (AIRPLANE, _on_the_runway),
)  # fmt: skip


@lru_cache(maxsize=len(DRAWN))
def draw_picture(number: int) -> NDArray[np.uint8]:
    """Picture `number` as uint8 (3, 32, 32), read-only; what it shows is `DRAWN[number][0]`.

    >>> from cnnviz.data.drawn_pictures import draw_picture
    >>> draw_picture(1).shape
    (3, 32, 32)
    """
    fine = Image.new("RGB", (SIDE * FINE, SIDE * FINE))
    DRAWN[number][1](ImageDraw.Draw(fine))
    small = np.asarray(fine.resize((SIDE, SIDE), Image.Resampling.BOX))
    picture = np.ascontiguousarray(small.transpose(2, 0, 1))
    picture.setflags(write=False)
    return picture
