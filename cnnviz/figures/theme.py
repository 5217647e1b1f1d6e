"""Colours and number format, in one place: four kinds of data, four colour scales.

Inputs are grey, weights one diverging pair, activations another, class scores a sequential one.
A diverging scale is symmetric around 0, and 0 is always its neutral middle.
Refuses to know: which value belongs to which picture (`ranges` says how far a scale reaches).
"""

from __future__ import annotations

from dataclasses import dataclass

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Palette:
    """The colour stops of the four scales, from the lowest value to the highest, as #rrggbb."""

    inputs: tuple[str, ...]
    weights: tuple[str, ...]
    activations: tuple[str, ...]
    scores: tuple[str, ...]


LIGHT = Palette(
    inputs=("#0b0d12", "#ffffff"),
    weights=("#3f1078", "#8a55b8", "#f6f5f2", "#4ea368", "#084a20"),
    activations=(
        "#08264f",
        "#0d47a1",
        "#2a6fc0",
        "#6aa5de",
        "#f6f5f2",
        "#ee9460",
        "#cf4d14",
        "#9c2c05",
        "#5c1500",
    ),
    scores=("#f6f5f2", "#f2c14e", "#a35c00"),
)
DARK = Palette(
    inputs=("#0b0d12", "#ffffff"),
    weights=("#d9b3ff", "#8a4fc4", "#23272f", "#3b9a5b", "#a8f0bf"),
    activations=(
        "#dcecff",
        "#a9d3ff",
        "#6fb1f2",
        "#3a78bd",
        "#23272f",
        "#b4552a",
        "#e97f45",
        "#ffb98c",
        "#ffe2cc",
    ),
    scores=("#23272f", "#b9811d", "#ffd978"),
)
PALETTES = {"light": LIGHT, "dark": DARK}


def number(value: float, digits: int = 4) -> str:
    """`value` as every page writes it: a fixed number of decimals and a true minus sign.

    Example: `number(-0.5)` is "−0.5000". The components write the same (`shared/format.js`).
    """
    text = f"{value:.{digits}f}"
    negative = text.startswith("-") and float(text) != 0
    return (MINUS if negative else "") + text.lstrip("-")


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent: `percent(0.994)` is "99.4 %".

    What is not quite all or nothing never looks like it: `percent(0.99999)` is "> 99.9 %".
    """
    step = 10.0**-digits
    text = f"{100 * share:.{digits}f}"
    if 0 < share < 1 and float(text) == 100:
        return f"> {100 - step:.{digits}f} %"
    return f"< {step:.{digits}f} %" if share > 0 and float(text) == 0 else f"{text} %"
