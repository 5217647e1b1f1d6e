"""Families of handwriting: what some writers do to a digit's form, each as one function over its strokes.

Those that a network trained without them misreads most (docs/training.md): a nine whose loop is open is read as 3, a
seven with a curved foot as 2. Each family leaves a digit that a person still reads, and a drawing that it does not fit
(a three without a corner in its middle) as it is.
Refuses to know: pixels, pens and tablets (`augment_strokes` varies those), networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Path = NDArray[np.float64]  # (points, 2), x to the right and y downwards
Generator = np.random.Generator
Change = Callable[[list[Path], Generator], list[Path]]

POINTS = 64  # of a stroke that is bent: evenly spaced, so that it bends smoothly
RIGHT, DOWN = np.array([1.0, 0.0]), np.array([0.0, 1.0])


@dataclass(frozen=True)
class Family:
    """What some writers do to the digit `label`, as a change of its strokes."""

    label: str
    change: Change


FAMILIES: dict[str, Family] = {}


def family_names(label: str) -> tuple[str, ...]:
    """The families of a digit, in the order in which they are defined.

    >>> from cnnviz.data.stroke_families import family_names
    >>> family_names("9")
    ('nine_open', 'nine_curled')
    """
    return tuple(name for name, family in FAMILIES.items() if family.label == label)


def apply_family(name: str, paths: list[Path], rng: Generator) -> list[Path]:
    """The strokes as a writer of the family `name` would have drawn them; the paths given stay as they are."""
    return FAMILIES[name].change([np.array(path, dtype=float) for path in paths], rng)


def apply_some_family(label: str, paths: list[Path], rng: Generator) -> list[Path]:
    """One of the families of `label`, each as likely; the strokes themselves where it has none."""
    names = family_names(label)
    return apply_family(names[int(rng.integers(len(names)))], paths, rng) if names else paths


def _family(label: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        FAMILIES[change.__name__.strip("_")] = Family(label, change)
        return change

    return register


@_family("9")
def _nine_open(paths: list[Path], rng: Generator) -> list[Path]:
    """The loop does not close: its beginning is unwound, cut off, or stands apart from the stem."""
    loop = int(np.argmin([path[:, 1].mean() for path in paths]))
    path = _even(paths[loop])
    if len(paths) > 1:
        path = path + np.array([-rng.uniform(0.08, 0.2), rng.normal(0, 0.03)]) * _size(paths)
        return _replaced(paths, loop, _opened(path, 0.7, rng))
    return [_opened(path, _loop_share(path), rng)]


@_family("9")
def _nine_curled(paths: list[Path], rng: Generator) -> list[Path]:
    """The tail curls back to the left, and up."""
    return _tail(paths, DOWN, rng.uniform(0.1, 0.3), np.deg2rad(rng.uniform(60, 170)), rng)


@_family("7")
def _seven_footed(paths: list[Path], rng: Generator) -> list[Path]:
    """The foot runs out to the right."""
    return _tail(paths, DOWN, rng.uniform(0.08, 0.3), -np.deg2rad(rng.uniform(50, 120)), rng)


@_family("2")
def _two_raised(paths: list[Path], rng: Generator) -> list[Path]:
    """The tail curls up at its end."""
    return _tail(paths, RIGHT + DOWN, rng.uniform(0.1, 0.35), -np.deg2rad(rng.uniform(40, 130)), rng)


@_family("1")
def _one_hooked(paths: list[Path], rng: Generator) -> list[Path]:
    """A hook at the foot: mostly to the right and up, sometimes to the left."""
    turn = -rng.uniform(60, 150) if rng.random() < 0.75 else rng.uniform(50, 110)
    return _tail(paths, DOWN, rng.uniform(0.08, 0.3), np.deg2rad(turn), rng)


@_family("1")
def _one_flagged(paths: list[Path], rng: Generator) -> list[Path]:
    """A long flag at the top, straight or bowed, that falls to the left."""
    number, path = _ending(paths, -DOWN)
    height = max(float(np.ptp(np.concatenate(paths)[:, 1])), 0.05)
    fall = np.deg2rad(rng.uniform(25, 65))
    reach = height * rng.uniform(0.2, 0.55)
    heading = np.pi - fall  # to the left and down
    flag = _arc(path[-1], heading, np.deg2rad(rng.normal(0, 25)), reach)
    return _replaced(paths, number, np.concatenate([path, flag]))


@_family("6")
def _six_beside(paths: list[Path], rng: Generator) -> list[Path]:
    """The loop stands out to the right of the stroke: wide and flat, left open, or run through the stroke."""
    number, path = _ending(paths, DOWN)
    if len(paths) == 1:
        path = _even(paths[0] if paths[0][0, 1] < paths[0][-1, 1] else paths[0][::-1])
        number = 0
    bottom = int(np.argmax(path[:, 1]))
    if bottom > POINTS - 8:
        return paths
    wide, flat = rng.uniform(1.1, 1.8), rng.uniform(0.65, 1.0)
    loop = path[bottom] + (path[bottom:] - path[bottom]) * np.array([wide, flat])
    path = np.concatenate([path[:bottom], loop])
    how = rng.random()
    if how < 0.4:
        path = _opened(path[::-1], 1 - bottom / POINTS, rng)[::-1]
    elif how < 0.7:
        path = np.concatenate([path, _arc(path[-1], _heading(path), 0.0, _size(paths) * rng.uniform(0.1, 0.3))])
    return _replaced(paths, number, path)


@_family("3")
def _three_looped(paths: list[Path], rng: Generator) -> list[Path]:
    """A small loop instead of the corner in the middle."""
    number = int(np.argmax([_length(path) for path in paths]))
    path = _even(paths[number])
    corner = _corner(path)
    if corner is None:
        return paths
    before, after = _heading(path[: corner - 1]), _heading(path[corner + 5 : corner + 2 : -1]) + np.pi
    sense = np.sign(_turning(path[: corner - 2]))
    turn = sense * float((sense * (after - before)) % (2 * np.pi))
    radius = _size(paths) * rng.uniform(0.03, 0.1)
    loop = _arc(path[corner - 2], before, turn, abs(turn) * radius)
    moved = path[corner + 2 :] + (loop[-1] - path[corner + 2])
    return _replaced(paths, number, np.concatenate([path[: corner - 1], loop, moved]))


@_family("0")
def _zero_flat(paths: list[Path], rng: Generator) -> list[Path]:
    """Much wider than others, or much narrower."""
    wide = rng.uniform(1.3, 2.0) if rng.random() < 0.6 else rng.uniform(0.4, 0.7)
    return _mapped(paths, np.diag([wide, 1.0]))


@_family("0")
def _zero_slanted(paths: list[Path], rng: Generator) -> list[Path]:
    """Leaning far over: a narrow one, turned."""
    angle = np.deg2rad(rng.uniform(20, 55) * (1 if rng.random() < 0.75 else -1))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return _mapped(paths, turn @ np.diag([rng.uniform(0.6, 0.95), 1.0]))


@_family("0")
def _zero_open(paths: list[Path], rng: Generator) -> list[Path]:
    """The end does not meet the beginning, or runs past it."""
    number = int(np.argmax([_length(path) for path in paths]))
    path = _even(paths[number])
    if rng.random() < 0.6:
        return _replaced(paths, number, _opened(path if rng.random() < 0.5 else path[::-1], 0.45, rng))
    past = _arc(path[-1], _heading(path), np.deg2rad(rng.normal(0, 40)), _size(paths) * rng.uniform(0.1, 0.3))
    return _replaced(paths, number, np.concatenate([path, past]))


def _tail(paths: list[Path], towards: Path, length: float, turn: float, rng: Generator) -> list[Path]:
    """The end that lies furthest `towards` there, drawn on by `length` (of the size) while it turns.

    turn: radians, clockwise on the page. The last part of the stroke bends a little too, so that no corner is seen.
    """
    number, path = _ending(paths, towards)
    bent = _bent(path, rng.uniform(0.1, 0.35), turn * rng.uniform(0.1, 0.4))
    drawn_on = _arc(bent[-1], _heading(bent), turn, length * _size(paths))
    return _replaced(paths, number, np.concatenate([bent, drawn_on]))


def _opened(path: Path, share: float, rng: Generator) -> Path:
    """The beginning of a loop, `share` of the path, unwound or cut off."""
    if rng.random() < 0.35:
        return path[int(len(path) * share * rng.uniform(0.12, 0.3)) :]
    turn = np.deg2rad(rng.uniform(20, 60))
    both = [_bent(path[::-1], share, sign * turn)[::-1] for sign in (-1, 1)]
    rest = path[int(len(path) * share) :]
    gaps = [float(np.hypot(*(rest - way[0]).T).min()) for way in both]
    return both[int(np.argmax(gaps))]


def _loop_share(path: Path) -> float:
    """How much of the path is the loop at its beginning: up to where it comes back nearest to its first point."""
    first, last = len(path) // 4, len(path) * 3 // 4
    return (first + int(np.argmin(np.hypot(*(path[first:last] - path[0]).T)))) / len(path)


def _corner(path: Path) -> int | None:
    """The sharpest turn in the middle of an even path; None where there is no real corner."""
    at = np.arange(len(path) // 4, len(path) * 3 // 4)
    before, after = path[at] - path[at - 4], path[at + 4] - path[at]
    sharpness = (before * after).sum(axis=1) / (np.hypot(*before.T) * np.hypot(*after.T) + 1e-9)
    return int(at[sharpness.argmin()]) if sharpness.min() < 0.3 else None


def _ending(paths: list[Path], towards: Path) -> tuple[int, Path]:
    """The stroke with the end that lies furthest in a direction: its number, and it, even, drawn towards that end."""
    ends = [(float(path[at] @ towards), number, at) for number, path in enumerate(paths) for at in (0, -1)]
    _far, number, at = max(ends)
    return number, _even(paths[number] if at else paths[number][::-1])


def _replaced(paths: list[Path], number: int, path: Path) -> list[Path]:
    return [*paths[:number], path, *paths[number + 1 :]]


def _even(path: Path) -> Path:
    """The same line by evenly spaced points; a dot stays where it is."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))]) if len(path) > 1 else np.zeros(1)
    at = np.linspace(0, along[-1], POINTS)
    return np.stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)], axis=1)


def _bent(path: Path, share: float, turn: float) -> Path:
    """The last `share` of a path bent away, its end by `turn`."""
    steps = np.diff(path, axis=0)
    angle = turn * np.clip((np.linspace(0, 1, len(steps)) - 1 + share) / share, 0, 1)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack([cos * steps[:, 0] - sin * steps[:, 1], sin * steps[:, 0] + cos * steps[:, 1]], axis=1)
    return np.concatenate([path[:1], path[0] + np.cumsum(turned, axis=0)])


def _arc(start: Path, heading: float, turn: float, length: float) -> Path:
    """A bow that sets out from `start` (itself left out) and turns all the while."""
    angles = heading + turn * np.linspace(0.05, 1, 20)
    return start + np.cumsum(np.stack([np.cos(angles), np.sin(angles)], axis=1), axis=0) * (length / 20)


def _heading(path: Path) -> float:
    """The direction of the end of a path, in radians."""
    step = path[-1] - path[max(-4, -len(path))]
    return float(np.arctan2(step[1], step[0]))


def _turning(path: Path) -> float:
    """By how much a path turns in all, clockwise on the page."""
    steps = np.diff(path, axis=0)
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    return float(np.angle(np.exp(1j * np.diff(angles))).sum())


def _length(path: Path) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum()) if len(path) > 1 else 0.0


def _size(paths: list[Path]) -> float:
    """The longer side of the box around the strokes."""
    return max(float(np.ptp(np.concatenate(paths), axis=0).max()), 0.05)


def _mapped(paths: list[Path], matrix: Path) -> list[Path]:
    points = np.concatenate(paths)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    return [centre + (path - centre) @ matrix.T for path in paths]
