"""The lesson's printed digits (the worked example), and the same numbers by naive loops over plain lists."""

from __future__ import annotations

Grid = list[list[float]]

BACKSLASH = """
 0.78 -0.11  0.11  0.33  0.56 -0.11  0.33
-0.11  1.00 -0.11  0.33 -0.11  0.11 -0.11
 0.11 -0.11  1.00 -0.33  0.11 -0.11  0.56
 0.33  0.33 -0.33  0.56 -0.33  0.33  0.33
 0.56 -0.11  0.11 -0.33  1.00 -0.11  0.11
-0.11  0.11 -0.11  0.33 -0.11  1.00 -0.11
 0.33 -0.11  0.56  0.33  0.11 -0.11  0.78
"""
CROSS_ROW_0 = "0.33 -0.56 0.11 -0.11 0.11 -0.56 0.33"
POOLED = (
    "1.00 0.33 0.56 0.33 / 0.33 1.00 0.33 0.56 / 0.56 0.33 1.00 0.11 / 0.33 0.56 0.11 0.78",
    "0.56 0.33 0.56 0.33 / 0.33 1.00 0.56 0.11 / 0.56 0.56 0.56 0.11 / 0.33 0.11 0.11 0.33",
    "0.33 0.56 1.00 0.78 / 0.56 0.56 1.00 0.33 / 1.00 1.00 0.11 0.56 / 0.78 0.33 0.56 0.33",
)


def read(text: str) -> Grid:
    """Rows of numbers from lines, or from one line with slashes."""
    lines = text.replace("/", "\n").strip().splitlines()
    return [[float(number) for number in line.split()] for line in lines]


PRINTED = (read(BACKSLASH), None, [row[::-1] for row in read(BACKSLASH)])
PRINTED_POOLED = tuple(read(text) for text in POOLED)


def the_x() -> Grid:
    """Both diagonals over rows and columns 1 to 7; the border is background."""
    inside = range(1, 8)
    return [
        [1.0 if r in inside and c in inside and (r == c or r + c == 8) else -1.0 for c in range(9)] for r in range(9)
    ]


def matched(picture: Grid, feature: Grid) -> Grid:
    """The mean of nine products at every place."""
    places = range(len(picture) - 2)
    return [[sum(picture[r + i][c + j] * feature[i][j] for i in range(3) for j in range(3)) / 9 for c in places]
            for r in places]  # fmt: skip


def cut(grid: Grid) -> Grid:
    return [[max(value, 0.0) for value in row] for row in grid]


def pooled(grid: Grid, *, keeps_edge: bool = True) -> Grid:
    """The largest of 2×2, two steps apart; the ragged edge is kept, or (the wrong version) left out."""
    size = len(grid)
    starts = [start for start in range(0, size, 2) if keeps_edge or start + 2 <= size]
    return [[max(grid[r][c] for r in range(top, min(top + 2, size)) for c in range(left, min(left + 2, size)))
             for left in starts] for top in starts]  # fmt: skip


def matched_again(maps: list[Grid], patterns: list[Grid]) -> Grid:
    """The mean of the products of several maps with a pattern of 0 and 1, over the 1s; 0 around the maps."""
    size, count = len(maps[0]), sum(value for pattern in patterns for row in pattern for value in row)

    def at(grid: Grid, row: int, col: int) -> float:
        return grid[row][col] if 0 <= row < size and 0 <= col < size else 0.0

    return [[sum(at(grid, r + i - 1, c + j - 1) * pattern[i][j]
                 for grid, pattern in zip(maps, patterns, strict=True) for i in range(3) for j in range(3)) / count
             for c in range(size)] for r in range(size)]  # fmt: skip
