"""Where the layers of a network stand when it is drawn as a graph: columns by depth, branches beside one another.

Blocks fold (`graph_blocks`): a folded one is one column that shows the output of its last layer. Which start folded,
which of the columns feed which, and how deep each stands is decided here, from what every layer reads. A plain row of
few layers needs none of it.
Refuses to know: values, words, pixels, and how wide a screen is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from cnnviz.core.graph_blocks import Blocks, GraphStep

MOST_COLUMNS = 26  # more do not stand on one screen with their names
MOST_TILES = 48  # columns of maps, 16 above one another: more do not stand side by side
ABOVE = 16


@dataclass(frozen=True)
class ColumnPlace:
    """One column: `number` is that of the layer whose output it shows (0 the image, n the layer number n − 1).

    `depth`: the longest way from the image, counted in columns. `lane`: its place among columns of one depth, from
    above, of `lanes` in this stretch of the network. `block`: the folded block that it stands for, "" for a layer by
    itself, and `members` the numbers of that block's layers. `inside`: the innermost open block around it. `sources`:
    the numbers of the columns that it reads.
    """

    number: int
    depth: int
    lane: int
    lanes: int
    sources: tuple[int, ...]
    block: str = ""
    inside: str = ""
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class BlockPlace:
    """An open block: it reaches from depth `first` to `last`; `row`: where its head stands, 0 the uppermost."""

    path: str
    first: int
    last: int
    row: int


@dataclass(frozen=True)
class GraphLayout:
    """All columns in the order in which their layers run, and the open blocks."""

    columns: tuple[ColumnPlace, ...]
    blocks: tuple[BlockPlace, ...]

    @property
    def depths(self) -> int:
        """How many columns stand side by side."""
        return max((column.depth for column in self.columns), default=0) + 1


def is_plain_row(steps: Sequence[GraphStep]) -> bool:
    """Whether each layer reads the one before, and all of them stand side by side: that needs no graph."""
    tiles = sum(-(-step.pictures // ABOVE) for step in steps)
    is_short = len(steps) + 2 <= MOST_COLUMNS and tiles <= MOST_TILES
    return is_short and all(step.sources == (at,) for at, step in enumerate(steps))


def graph_layout(
    steps: Sequence[GraphStep], toggled: Collection[str] = (), selected: str | None = None, *, has_answer: bool = True
) -> GraphLayout | None:
    """Where everything stands; None for a plain row.

    toggled: the paths of the blocks that the reader has folded or opened, against how they start. selected: the path of
    a layer that must stand there by itself. has_answer: whether the probabilities come last.

    >>> from cnnviz.core.graph_blocks import GraphStep
    >>> from cnnviz.core.graph_layout import graph_layout
    >>> steps = [GraphStep("conv", "Conv2d", (0,)), GraphStep("relu", "ReLU", (1,)), GraphStep("add", "add", (2, 0))]
    >>> [(one.number, one.depth, one.sources) for one in graph_layout(steps).columns]
    [(0, 0, ()), (1, 1, (0,)), (2, 2, (1,)), (3, 3, (2, 0)), (4, 4, (3,))]
    """
    if is_plain_row(steps):
        return None
    blocks = Blocks(steps)
    is_open = opened_at_start(steps, blocks, has_answer) ^ (set(toggled) & set(blocks.members))
    number = next((at for at, step in enumerate(steps, start=1) if step.path == selected), 0)
    for path in blocks.around(number):
        if path not in is_open and blocks.members[path][-1] == number:
            break  # the column of the folded block shows it
        is_open.add(path)
    return _laid_out(steps, blocks, is_open, has_answer)


def opened_at_start(steps: Sequence[GraphStep], blocks: Blocks, has_answer: bool = True) -> set[str]:
    """The blocks that start open: from the outside in, those of one structure together, as long as the columns fit.

    Repeated blocks with layers of their own start folded: one of them is one step of the network.
    """
    is_open: set[str] = set()
    decided: set[str] = set()
    while True:
        waiting = [p for p in blocks.members if p not in decided and blocks.parent(p) in is_open | {""}]
        if not waiting:
            return is_open
        groups: dict[tuple[object, ...], list[str]] = {blocks.structure(path): [] for path in waiting}
        for path in waiting:
            groups[blocks.structure(path)].append(path)
        for paths in sorted(groups.values(), key=lambda paths: sum(len(blocks.parts(path)) for path in paths)):
            decided |= set(paths)
            if blocks.is_unit(paths[0]):
                continue
            tried = is_open | set(paths)
            if _laid_out(steps, blocks, tried, has_answer).depths <= MOST_COLUMNS:
                is_open = tried


def _laid_out(steps: Sequence[GraphStep], blocks: Blocks, is_open: set[str], has_answer: bool) -> GraphLayout:
    shown, folded = {0: 0}, {}  # the column that a layer is in; the block that a column stands for
    for number in range(1, len(steps) + 1):
        block = next((path for path in blocks.around(number) if path not in is_open), "")
        shown[number] = blocks.members[block][-1] if block else number
        folded[shown[number]] = block
    sources: dict[int, list[int]] = {column: [] for column in dict.fromkeys(shown.values())}
    for number, step in enumerate(steps, start=1):
        sources[shown[number]] += [shown[one] for one in step.sources if shown[one] != shown[number]]
    if has_answer:
        last = len(steps)
        sources[last + 1] = [shown[last]]
    edges = {column: tuple(dict.fromkeys(read)) for column, read in sources.items()}
    depths = _depths(edges)
    lanes = _lanes(edges, depths)
    counts = _lane_counts(edges, depths, lanes)
    inside = {column: _innermost(blocks.around(column), is_open) for column in edges}
    columns = tuple(
        ColumnPlace(one, depths[one], lanes[one] if counts[depths[one]] > 1 else 0, counts[depths[one]], edges[one],
                    folded.get(one, ""), inside[one], blocks.members.get(folded.get(one, ""), ()))
        for one in sorted(edges)
    )  # fmt: skip
    return GraphLayout(columns, _heads(blocks, is_open, shown, depths))


def _innermost(around: Iterable[str], is_open: set[str]) -> str:
    inside = ""
    for path in around:
        if path not in is_open:
            return inside
        inside = path
    return inside


def _depths(edges: dict[int, tuple[int, ...]]) -> dict[int, int]:
    """The longest way from the image to each column."""
    depths: dict[int, int] = {}
    for column in TopologicalSorter(edges).static_order():
        depths[column] = 1 + max((depths[one] for one in edges[column]), default=0) if column else 0
    return depths


def _lanes(edges: dict[int, tuple[int, ...]], depths: dict[int, int]) -> dict[int, int]:
    """A column goes on in the lane of what it reads; where that is taken, in the first that is free."""
    lanes: dict[int, int] = {}
    taken: dict[int, set[int]] = defaultdict(set)
    for column in sorted(edges, key=lambda one: (depths[one], one)):
        own = taken[depths[column]]
        wanted = min((lanes[one] for one in edges[column]), default=0)
        lane = wanted if wanted not in own else next(at for at in range(len(own) + 1) if at not in own)
        lanes[column] = lane
        own.add(lane)
    return lanes


def _lane_counts(edges: dict[int, tuple[int, ...]], depths: dict[int, int], lanes: dict[int, int]) -> dict[int, int]:
    """For each depth, how many lanes its stretch has: from one column that all pass through to the next."""
    across = {depth: [column for column in edges if depths[column] == depth] for depth in set(depths.values())}
    jumped = {at for column, read in edges.items() for one in read for at in range(depths[one] + 1, depths[column])}
    counts: dict[int, int] = {}
    stretch: list[int] = []
    for depth in [*sorted(across), None]:
        if depth is not None and (len(across[depth]) > 1 or depth in jumped):
            stretch.append(depth)
            continue
        most = 1 + max((lanes[column] for one in stretch for column in across[one]), default=0)
        counts |= dict.fromkeys(stretch, most)
        stretch = []
        if depth is not None:
            counts[depth] = 1
    return counts


def _heads(blocks: Blocks, is_open: set[str], shown: dict[int, int], depths: dict[int, int]) -> tuple[BlockPlace, ...]:
    """The open blocks that are seen, each below the one around it and beside those that it does not overlap."""
    heads: dict[str, BlockPlace] = {}
    for path, members in blocks.members.items():
        if path not in is_open or blocks.parent(path) not in {"", *heads}:
            continue
        reach = [depths[shown[number]] for number in members]
        first, last = min(reach), max(reach)
        row = heads[blocks.parent(path)].row + 1 if blocks.parent(path) else 0
        while any(one.row == row and one.first <= last and first <= one.last for one in heads.values()):
            row += 1
        heads[path] = BlockPlace(path, first, last, row)
    return tuple(heads.values())
