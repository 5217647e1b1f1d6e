"""The first lesson: one picture, walked down from its pixels to a verdict."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cnnviz.figures.theme import PALETTES
from cnnviz.web.lesson import packet
from cnnviz.web.lesson.texts import lesson_texts


def lasting() -> dict[str, Any]:
    """What stays the same from answer to answer: words, colours, layers, ready-made pictures."""
    palettes = {name: asdict(palette) for name, palette in PALETTES.items()}
    return {"texts": lesson_texts(), "palettes": palettes, **packet.lasting()}
