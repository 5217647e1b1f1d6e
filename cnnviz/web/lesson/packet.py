"""A lesson that was run, as the packet of its component: every layer's numbers, scores, agreements, and the link.

What stays the same from answer to answer (`lasting`) travels only with a run of the page.
Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np

from cnnviz.core.explain import winning_taps
from cnnviz.core.layer_reads import reads_of
from cnnviz.lesson import (
    IDEAL_O,
    IDEAL_X,
    PRESETS,
    Lesson,
    LessonRun,
    cell_agreement,
    dense_as_convolution,
    lesson_to_json,
    lesson_to_link,
    run_lesson,
)
from cnnviz.lesson.network import feature_patterns, pooling_divisors
from cnnviz.lesson.pictures import compare_pixels, letter_text
from cnnviz.lesson.records import to_bits
from cnnviz.web.wire import Header, PacketWriter

INPUT = "input"
LAYERS = ("conv1", "relu1", "pool", "mean", "conv2", "relu2", "pool1", "conv3", "relu3", "pool2")
CHAPTER_5 = ("pool", "mean")  # of LAYERS: of the short networks
POOLINGS = ("pool", "pool1", "pool2")
SOURCES = {"conv1": INPUT, "pool": "relu1", "mean": "relu1", "conv2": "relu1"}  # of others the layer before


def pack(made: LessonRun, rest: Header) -> bytes:
    """The packet of `made`; `rest` joins the header."""
    cargo = PacketWriter()
    features = made.lesson.features
    convolutions = [path for path in LAYERS if path.startswith("conv")]
    outputs = {INPUT: cargo.put(made.deep.image)}
    outputs |= {path: cargo.put(made.layer(path).output) for path in LAYERS}
    header: Header = {
        "lesson": lesson_to_json(made.lesson),
        "link": lesson_to_link(made.lesson),
        "outputs": outputs,
        "sums": {path: cargo.put(made.sums[path]) for path in convolutions},
        "patterns": {path: cargo.put(feature_patterns(path, features)) for path in convolutions},
        "divisors": {path: pooling_divisors(feature_patterns(path, features)).tolist() for path in convolutions},
        "winners": {path: cargo.put(winning_taps(made.layer(path)).astype(np.uint8)) for path in POOLINGS},
        "votes": cargo.put(made.lesson.votes),
        "scores": made.scores.tolist(),
        "shares": made.shares.tolist(),
        "covered": made.covered.tolist(),
        "answer": made.answer.value,
        "is_blank": made.is_blank,
        "agreement": {"x": asdict(made.with_x), "o": asdict(made.with_o)},
        "by_pixels": compare_pixels(made.lesson.picture).value,
        "presets": [{"scores": pair, "answer": letter_text(*pair).value} for pair in made.preset_scores.tolist()],
    }
    return cargo.sealed(header | rest)


def lasting() -> Header:
    """What no edit changes: which cells each unit reads, the ready-made pictures, the large example of the end."""
    return {
        "layers": _layers(),
        "ready": [_ready(preset) for preset in PRESETS],
        "ideal": {"x": to_bits(IDEAL_X), "o": to_bits(IDEAL_O)},
        "plain": lesson_to_json(Lesson()),
        "covering": asdict(dense_as_convolution()),
    }


@lru_cache(maxsize=1)
def _layers() -> tuple[Header, ...]:
    plain = run_lesson(Lesson())
    return tuple(_layer(plain, at) for at in range(len(LAYERS)))


def _layer(plain: LessonRun, at: int) -> Header:
    layer = plain.layer(LAYERS[at])
    return {
        "path": LAYERS[at],
        "source": SOURCES.get(LAYERS[at], LAYERS[at - 1]),
        "is_stacked": LAYERS[at] not in CHAPTER_5,
        "kind": layer.spec.kind.value,
        "reads": reads_of(layer),
    }


def _ready(preset: Any) -> Header:
    return {
        "key": preset.key,
        "letter": preset.letter.value,
        "title": preset.title,
        "bits": to_bits(preset.values),
        "x": asdict(cell_agreement(preset.values, IDEAL_X)),
        "o": asdict(cell_agreement(preset.values, IDEAL_O)),
        "by_pixels": compare_pixels(preset.values).value,
    }
