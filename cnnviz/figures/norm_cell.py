"""One cell of batch normalisation or dropout as lines of arithmetic, two variances side by side, that hold as shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.core.explain.normalisation import NormCell
from cnnviz.figures.display_precision import decimals_of_normalisation, decimals_of_quotient
from cnnviz.figures.rounding import MOST, decimals_of, format_rounded
from cnnviz.figures.theme import format_number, value_text
from cnnviz.i18n import _

DIGITS = 4  # of a result, as the examples print them
ALMOST = "≈ "
Running = tuple[float, float]  # mean, variance


@dataclass(frozen=True)
class Line:
    """One step: its name, and what stands in each column; `is_sum` marks the last one."""

    name: str
    cells: tuple[str, ...]
    is_sum: bool = False


def batch_norm_lines(cell: NormCell, values: np.ndarray) -> tuple[Line, ...]:
    """The steps from the value to the output; `values`: all cells of the channel in the batch, float64.

    In training mode two columns, with the biased and the unbiased variance; in evaluation mode one.
    """
    deviations = [cell.variance] if cell.unbiased_variance is None else [cell.variance, cell.unbiased_variance]
    columns = [_column(cell, variance) for variance in deviations]
    names = (
        _("x"), _("mean μ"), _("variance σ²"), _("√(σ² + ε), ε = {epsilon}", epsilon=cell.epsilon),
        _("(x − μ) / √(σ² + ε)"), _("γ"), _("β"), _("γ · normalised + β"),
    )  # fmt: skip
    last = len(names) - 1
    rows = enumerate(zip(names, *columns, strict=True))
    lines = [Line(name, tuple(texts), at == last) for at, (name, *texts) in rows]
    return (*_statistics(cell, values), *lines)


def _statistics(cell: NormCell, values: np.ndarray) -> list[Line]:
    """How mean and both variances come from the cells of the channel; nothing in evaluation mode."""
    if cell.unbiased_variance is None:
        return []
    n, total, squares = values.size, float(values.sum()), float(((values - cell.mean) ** 2).sum())
    return [
        Line(_("Σ x / n"), (_quotient(total, n, cell.mean),) * 2),
        Line(_("Σ (x − μ)² / n, or / (n − 1)"),
             (_quotient(squares, n, cell.variance), _quotient(squares, n - 1, cell.unbiased_variance))),
    ]  # fmt: skip


def _quotient(above: float, below: int, result: float) -> str:
    """`above / below = result`, with decimals with which it holds."""
    found = decimals_of_quotient(above, below, result, max(DIGITS, decimals_of([result])))
    fine, coarse, equals = (*found, "=") if found else (DIGITS, DIGITS, "≈")
    fewest = min(fine, decimals_of([above], MOST))
    return f"{format_number(above, fewest)} / {below} {equals} {_trimmed(result, coarse)}"


def _trimmed(value: float, digits: int) -> str:
    """A number with so many decimals, or with fewer that show it just as exactly."""
    return format_number(value, min(digits, decimals_of([value], MOST)))


def _column(cell: NormCell, variance: float) -> tuple[str, ...]:
    """x, mean, variance, root, normalised, γ, β and the result, each with decimals with which the next one holds."""
    root = float(np.sqrt(variance + cell.epsilon))
    normalised = cell.centred / root
    is_pytorch = variance == cell.variance
    total = cell.total if is_pytorch else cell.gamma * normalised + cell.beta
    parts: dict[str, Any] = {name: getattr(cell, name) for name in ("value", "mean", "epsilon", "gamma", "beta")}
    found = decimals_of_normalisation(parts | {"variance": variance}, (root, normalised, total), DIGITS)
    fine, of_root, middle, coarse = found or (MOST, MOST, MOST, DIGITS)
    texts = [_trimmed(part, fine) for part in (cell.value, cell.mean, variance)]
    texts += [format_number(root, of_root), format_number(normalised, middle)]
    texts += [_trimmed(part, fine) for part in (cell.gamma, cell.beta)]
    return (*texts, ("" if found else ALMOST) + format_number(total, coarse))


def running_row(cell: NormCell, before: Running, after: Running) -> dict[str, Any]:
    """A batch and what it makes of the running mean and variance: four cells, and the two sums in words."""
    assert cell.unbiased_variance is not None
    assert cell.running is not None
    taken = (cell.mean, cell.unbiased_variance)
    cells = [_trimmed(value, DIGITS) for value in (*taken, *after)]
    says = [
        _mixture(cell.running.factor, *each) for each in zip(before, taken, after, strict=True)
    ]  # fmt: skip
    return {"cells": cells, "says": says}


def _mixture(factor: float, old: float, new: float, result: float) -> str:
    """`0.9 · old + 0.1 · batch = new`, with decimals with which it holds."""
    for fine in range(DIGITS, MOST + 1):
        kept, taken = (float(format_rounded(value, fine)) for value in (old, new))
        mixed = (1 - factor) * kept + factor * taken
        if format_rounded(mixed, DIGITS) == format_rounded(result, DIGITS):
            equals = "="
            break
    else:
        equals = "≈"
    left = f"{value_text(1 - factor)} · {_trimmed(old, fine)} + {value_text(factor)} · {_trimmed(new, fine)}"
    return f"{left} {equals} {_trimmed(result, DIGITS)}"


def dropout_lines(value: float, output: float, is_kept: bool | None, probability: float) -> tuple[Line, ...]:
    """The steps of one cell under dropout; `is_kept`: whether its channel survived this draw, None in evaluation."""
    first = Line(_("x"), (_trimmed(value, DIGITS),))
    if is_kept is None:
        return first, Line(_("in evaluation: as it is"), (_trimmed(output, DIGITS),), True)
    if not is_kept:
        return first, Line(_("its channel is dropped: x · 0"), (_trimmed(output, DIGITS),), True)
    keep = 1 - probability
    found = decimals_of_quotient(value, keep, output, DIGITS)
    fine, coarse, equals = (*found, "=") if found else (DIGITS, DIGITS, "≈")
    text = f"{_trimmed(value, fine)} / {_trimmed(keep, fine)} {equals} {_trimmed(output, coarse)}"
    return first, Line(_("its channel survives: x / (1 − p)"), (text,), True)
