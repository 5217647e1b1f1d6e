"""One cell of a convolution along one axis or three as tables of numbers, and sums that hold as shown.

The products are told in groups, one for each map of numbers that is seen: a channel of a line, a slice of a volume.
Refuses to know: how a table is put on a page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.core.explain import ConvNdCell
from cnnviz.figures.display_precision import decimals_of_terms
from cnnviz.figures.long_sums import ALMOST, product_texts
from cnnviz.figures.rounding import decimals_of, decimals_of_factors
from cnnviz.figures.theme import format_number


@dataclass(frozen=True)
class NdCellTexts:
    """values, kernel, products: the numbers of each group, row by row; sums: that of each group; bias, total.

    `is_exact` tells whether the sums make the total as they are shown; the total then has no "≈" before it.
    """

    values: tuple[str, ...]
    kernel: tuple[str, ...]
    products: tuple[str, ...]
    sums: tuple[str, ...]
    bias: str
    total: str
    is_exact: bool


def nd_cell_texts(cell: ConvNdCell, groups: int) -> NdCellTexts:
    """The texts of a cell whose products stand in so many groups of equal size.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.conv_nd import NdSetup, run_nd
    >>> from cnnviz.figures.nd_cell import nd_cell_texts
    >>> made = run_nd(NdSetup(np.float32([[1, 2, 4]]), np.float32([[0.5, 1]]), bias=-1))
    >>> texts = nd_cell_texts(made.cell((1,)), 1)
    >>> texts.products, texts.sums, texts.bias, texts.total
    (('1', '4'), ('5',), '−1', '4')
    """
    parts = [part.reshape(groups, -1) for part in (cell.values, cell.kernel, cell.products)]
    shares = [float(share) for share in parts[2].sum(axis=1)]
    digits = decimals_of([*shares, cell.bias, cell.total])
    found = decimals_of_terms([list(map(float, group)) for group in parts[2]], shares, cell.bias, cell.total, digits)
    (each, fine, coarse) = found or ((digits + 2,) * groups, digits + 2, digits)
    almost = "" if found else ALMOST
    rows = [row for group, decimals in enumerate(each) for row in _factors([part[group] for part in parts], decimals)]
    values, kernel, products = zip(*rows, strict=True)
    sums = tuple(almost + format_number(share, fine) for share in shares)
    bias, total = format_number(cell.bias, fine), almost + format_number(cell.total, coarse)
    return NdCellTexts(values, kernel, products, sums, bias, total, found is not None)


def _factors(parts: list[np.ndarray], digits: int) -> list[tuple[str, str, str]]:
    """Value, weight and product of each tap of a group, shown so that each product holds."""
    lefts, rights, products = (list(map(float, part)) for part in parts)
    common = decimals_of_factors(lefts, rights, products, digits, (decimals_of(lefts), decimals_of(rights)))
    return [product_texts(numbers, digits, common) for numbers in zip(lefts, rights, products, strict=True)]
