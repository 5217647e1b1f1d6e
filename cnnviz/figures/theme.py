"""Colours and number format, in one place: four kinds of data, four colour scales.

Inputs are grey, weights one diverging pair, activations another, class scores a sequential one.
A diverging scale is symmetric around 0, and 0 is always its neutral middle.
Refuses to know: which value belongs to which picture (`colour_ranges` says how far a scale reaches).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.figures.rounding import decimals_of, rounded_text

MINUS = "\N{MINUS SIGN}"
REFERENCE = "#888888"  # of a line to compare with, in both themes
LARGEST = 1e21  # from here on a number is written with an exponent


@dataclass(frozen=True)
class Palette:
    """The colour stops of the four scales, from the lowest value to the highest, as #rrggbb."""

    inputs: tuple[str, ...]
    weights: tuple[str, ...]
    activations: tuple[str, ...]
    scores: tuple[str, ...]

    @property
    def line_pair(self) -> tuple[str, str]:
        """Two colours of activations for lines and bars of a chart, which can be read on the page's ground."""
        return legible(self.activations), self.activations[4]


def legible(stops: Sequence[str]) -> str:
    """A colour of a scale that can be read on the page's ground."""
    return stops[3 * len(stops) // 4]


def _wide_in_the_middle(*stops: str, exponent: float = 0.6, steps: int = 32) -> tuple[str, ...]:
    """A diverging scale whose colours leave the neutral middle quickly: 3 % of the range can be told from 0.

    The colour at −1 ≤ t ≤ 1 is that of sign(t)·|t|^exponent on the straight scale through `stops`.
    """
    places = (2 * step / steps - 1 for step in range(steps + 1))
    return tuple(_mixed(stops, (1 + (1 if t > 0 else -1) * abs(t) ** exponent) / 2) for t in places)


def _mixed(stops: tuple[str, ...], place: float) -> str:
    """The colour at `place`, 0 to 1, of the straight scale through `stops`."""
    below = min(int(place * (len(stops) - 1)), len(stops) - 2)
    share = place * (len(stops) - 1) - below
    pairs = zip(_channels(stops[below]), _channels(stops[below + 1]), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


LIGHT = Palette(
    inputs=("#0b0d12", "#ffffff"),
    weights=_wide_in_the_middle("#3f1078", "#8a55b8", "#f6f5f2", "#4ea368", "#084a20"),
    activations=_wide_in_the_middle("#08264f", "#2a6fc0", "#f6f5f2", "#dc5a1c", "#5c1500"),
    scores=("#f6f5f2", "#f2c14e", "#a35c00"),
)
DARK = Palette(
    inputs=("#0b0d12", "#ffffff"),
    weights=_wide_in_the_middle("#d9b3ff", "#8a4fc4", "#23272f", "#3b9a5b", "#a8f0bf"),
    activations=_wide_in_the_middle("#dcecff", "#4a90dd", "#23272f", "#e97f45", "#ffe2cc"),
    scores=("#23272f", "#b9811d", "#ffd978"),
)
PALETTES = {"light": LIGHT, "dark": DARK}


def format_number(value: float, digits: int = 4) -> str:
    """`value` as every page writes it: a fixed number of decimals and a true minus sign.

    The components write the same (`shared/format.js`).

    >>> from cnnviz.figures.theme import format_number
    >>> format_number(-0.5)
    '−0.5000'
    """
    text = _fixed(value, digits)
    negative = text.startswith("-") and float(text) != 0
    return (MINUS if negative else "") + text.lstrip("-")


def _fixed(value: float, digits: int) -> str:
    """With fixed decimals, ties away from 0, as JavaScript's `toFixed`, which writes the largest numbers as 3e+21."""
    if not math.isfinite(value):
        return f"{value:.{digits}f}"
    return repr(float(value)) if abs(value) >= LARGEST else rounded_text(value, digits)


def value_text(value: float) -> str:
    """A value that stands alone: three decimals at most, a whole number none.

    `shared/format.js` is the same.

    >>> from cnnviz.figures.theme import value_text
    >>> value_text(-0.12345), value_text(19.0)
    ('−0.123', '19')
    """
    return format_number(value, decimals_of([value]))


def format_percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent: `format_percent(0.994)` is "99.4 %".

    What is not quite all or nothing never looks like it: `format_percent(0.99999)` is "> 99.9 %". The components
    write the same (`shared/format.js`). What is no finite number is a dash.
    """
    if not math.isfinite(share):
        return "–"
    step = 10.0**-digits
    text = _fixed(100 * share, digits)
    if 0 < share < 1 and float(text) == 100:
        return f"> {100 - step:.{digits}f} %"
    return f"< {step:.{digits}f} %" if share > 0 and float(text) == 0 else f"{text} %"
