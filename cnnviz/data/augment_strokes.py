"""One pen drawing → many: what differs between writers, pens and tablets, applied to the strokes.

Slant, aspect, rotation, wobble, pen width, how densely a tablet samples, trembling, ends cut
off or hooked; slashes through zeros, bars through sevens, feet and flags on ones; where asked for, the
families of handwriting (`stroke_families`).
Refuses to know: pixels (`augmentation` varies those), networks, training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.stroke_families import apply_some_family
from cnnviz.data.strokes import Sketch, Stroke

Path = NDArray[np.float64]  # (points, 2), x and y
Generator = np.random.Generator

THINNEST, THICKEST = 0.045, 0.2  # pen width as a share of the drawing's longer side


def augment_strokes(
    paths: tuple[Path, ...], label: str, rng: Generator, extent: float = 0.7, families: float = 0.0
) -> Sketch:
    """A drawing of `label` as somebody else might have drawn it, in the middle of a canvas.

    families: the share that also gets the form of one of its label's families.
    """
    varied = [_sampled(path, rng) for path in paths]
    if families and rng.random() < families:
        varied = apply_some_family(label, varied, rng)
    varied = _with_habits(varied, label, rng)
    varied = _with_ends(varied, rng)
    varied = _bent(varied, rng)
    varied = _transformed(varied, rng)
    varied = [path + rng.normal(0, rng.choice([0, 0.004, 0.01]), path.shape) for path in varied]
    width = float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST))))
    return strokes_to_sketch(varied, width * extent, extent)


def strokes_to_sketch(paths: list[Path], width: float, extent: float = 0.7) -> Sketch:
    """`paths`, scaled to fill `extent` of the canvas, drawn with a pen of `width`."""
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = extent / max(float((high - low).max()), 1e-6)
    offset = 0.5 - (low + high) / 2 * scale
    return Sketch(tuple(Stroke(tuple(map(tuple, (path * scale + offset).tolist())), width) for path in paths))


def _sampled(path: Path, rng: Generator) -> Path:
    """A tablet that samples less densely: every second or third point, or the path smoothed by its means."""
    how = rng.random()
    if how < 0.2 and len(path) > 24:
        return np.concatenate([path[: -1 : rng.integers(2, 4)], path[-1:]])
    if how < 0.4 and len(path) > 4:
        middle = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
        return np.concatenate([path[:1], middle, path[-1:]])
    return path


def _box(paths: list[Path]) -> tuple[Path, Path]:
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, np.maximum(high - low, 0.05)


def _with_habits(paths: list[Path], label: str, rng: Generator) -> list[Path]:
    """What some writers add: a slash through 0, a bar through 7, a foot or a flag on 1, a loose tail."""
    habit = {"0": _slash, "7": _bar, "1": _foot_or_flag}.get(label)
    chance = {"0": 0.2, "7": 0.2, "1": 0.25}.get(label, 0.0)
    return paths + habit(paths, rng) if habit and rng.random() < chance else paths


def _segment(start: NDArray, stop: NDArray, rng: Generator) -> Path:
    steps = np.linspace(0, 1, 8)[:, None]
    bow = rng.normal(0, 0.03) * np.sin(np.pi * steps) * np.array([stop[1] - start[1], start[0] - stop[0]])
    return start + (stop - start) * steps + bow


def _slash(paths: list[Path], rng: Generator) -> list[Path]:
    """Mostly from top right to bottom left; a few lie flat, a few go the other way."""
    centre, size = _box(paths)
    angle = np.deg2rad({0: -50, 1: 0, 2: 50}[int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1]))] + rng.normal(0, 12))
    reach = size * rng.uniform(0.35, 0.8) * np.array([np.cos(angle), np.sin(angle)])
    middle = centre + rng.normal(0, 0.04, 2)
    return [_segment(middle - reach, middle + reach, rng)]


def _bar(paths: list[Path], rng: Generator) -> list[Path]:
    centre, size = _box(paths)
    middle = centre + size * np.array([rng.uniform(-0.1, 0.2), rng.uniform(-0.1, 0.15)])
    reach = np.array([max(size[0], 0.3) * rng.uniform(0.25, 0.5), rng.normal(0, 0.04)])
    return [_segment(middle - reach, middle + reach, rng)]


def _foot_or_flag(paths: list[Path], rng: Generator) -> list[Path]:
    points = np.concatenate(paths)
    top, bottom = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
    height = max(bottom[1] - top[1], 0.05)
    added = []
    if rng.random() < 0.6:
        half = height * rng.uniform(0.1, 0.28)
        added.append(
            _segment(
                bottom - np.array([half, rng.normal(0, 0.02)]),
                bottom + np.array([half * rng.uniform(0.6, 1.1), 0]),
                rng,
            )
        )
    if rng.random() < 0.6:
        drop = height * np.array([-rng.uniform(0.1, 0.35), rng.uniform(0.05, 0.35)])
        added.append(_segment(top + drop, top, rng))
    return added


def _with_ends(paths: list[Path], rng: Generator) -> list[Path]:
    """Ends cut off (a tablet that noticed the pen late) or with a little hook (one that noticed it leaving)."""
    return [_hooked(_cut(path, rng), rng) for path in paths]


def _cut(path: Path, rng: Generator) -> Path:
    if rng.random() > 0.15 or len(path) < 12:
        return path
    lost = rng.integers(0, max(2, len(path) // 8), 2)
    return path[lost[0] : len(path) - lost[1]]


def _hooked(path: Path, rng: Generator) -> Path:
    if rng.random() > 0.12 or len(path) < 3:
        return path
    hook = rng.normal(0, 0.05, 2)
    return np.concatenate([path, path[-1:] + hook]) if rng.random() < 0.5 else np.concatenate([path[:1] + hook, path])


def _bent(paths: list[Path], rng: Generator) -> list[Path]:
    """A smooth wobble of the whole drawing: a few slow waves along both axes."""
    strength = rng.choice([0.0, 0.02, 0.04])
    waves = rng.uniform(0.5, 1.6, (2, 2, 2)), rng.uniform(0, 2 * np.pi, (2, 2))
    moved = []
    for path in paths:
        shift = np.zeros_like(path)
        for axis in range(2):
            for wave in range(2):
                phase = path @ waves[0][axis, wave] * 2 * np.pi + waves[1][axis, wave]
                shift[:, axis] += strength / 2 * np.sin(phase)
        moved.append(path + shift)
    return moved


def _transformed(paths: list[Path], rng: Generator) -> list[Path]:
    """Rotation (±12° mostly), slant and aspect."""
    angle = np.deg2rad(np.clip(rng.normal(0, 7), -22, 22))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, -np.clip(rng.normal(0, 0.18), -0.5, 0.5)], [0, 1]])
    aspect = np.diag([np.exp(rng.normal(0, 0.16)), 1.0])
    matrix = aspect @ slant @ turn
    centre = _box(paths)[0]
    return [(path - centre) @ matrix.T + centre for path in paths]
