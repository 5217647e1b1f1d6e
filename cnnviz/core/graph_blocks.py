"""What of a network folds into one column: its modules, and the stages of a long module that has no modules in it.

Refuses to know: which of them start folded, where columns stand (`graph_layout`), values and words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cnnviz.core.layer_trace import Trace
from cnnviz.core.layers import POOLING

LONG = 16  # layers of one module: more of them are divided into stages
WIDE = 8  # layers between a fork and where its branches meet again, in no module: they are a stage too


@dataclass(frozen=True)
class GraphStep:
    """One layer as the layout sees it: `sources` are columns, 0 the image and n the layer number n − 1.

    `pictures`: how many are shown of its output, a map each or one of a vector. `is_pooling`: whether a stage of the
    network ends with it.
    """

    path: str
    type_name: str
    sources: tuple[int, ...]
    pictures: int = 1
    is_pooling: bool = False


class Blocks:
    """The modules of a network that can be folded, and stages: `members` are the numbers of their layers.

    A block has at least two layers, not all of the network, and nothing outside stands between them. A long module
    without modules in it is divided into its stages, each up to a pooling; they are called after their layers, `0–4`.
    So are many layers in no module between a fork and where its branches meet again, `getitem–cat`.
    """

    def __init__(self, steps: Sequence[GraphStep]) -> None:
        self._steps = steps
        found: dict[str, list[int]] = defaultdict(list)
        for number, step in enumerate(steps, start=1):
            parts = step.path.split(".")
            for length in range(1, len(parts)):
                found[".".join(parts[:length])].append(number)
        behind = _reached(steps)
        known: set[tuple[int, ...]] = {tuple(range(1, len(steps) + 1))}
        self.members: dict[str, tuple[int, ...]] = {}
        for path, numbers in found.items():  # an outer block comes before those in it
            if len(numbers) > 1 and tuple(numbers) not in known and _is_convex(numbers, behind):
                known.add(tuple(numbers))
                self.members[path] = tuple(numbers)
                self.members |= stages_of(path, steps, numbers)
        for name, loose in loose_branches(steps).items():
            if name not in self.members and loose not in known and _is_convex(loose, behind):
                self.members[name] = loose
        self._around: dict[int, tuple[str, ...]] = defaultdict(tuple)
        for path, members in self.members.items():
            for number in members:
                self._around[number] += (path,)

    def around(self, number: int) -> tuple[str, ...]:
        """The blocks that a layer stands in, the outermost first."""
        return self._around.get(number, ())

    def parent(self, path: str) -> str:
        """The block around a block, "" without one."""
        around = self.around(self.members[path][0])
        at = around.index(path)
        return around[at - 1] if at else ""

    def parts(self, path: str) -> tuple[str | int, ...]:
        """What a block is made of: paths of blocks, numbers of layers."""
        parts: dict[str | int, None] = {}
        for number in self.members[path]:
            around = self.around(number)
            below = around[around.index(path) + 1 :]
            parts[below[0] if below else number] = None
        return tuple(parts)

    def structure(self, path: str) -> tuple[object, ...]:
        """What a block is made of, each kind of part once: two blocks of one structure are repetitions."""
        return tuple(dict.fromkeys(self._kind(part) for part in self.parts(path)))

    def _kind(self, part: str | int) -> object:
        return self.structure(part) if isinstance(part, str) else self._steps[part - 1].type_name

    @cached_property
    def structures(self) -> dict[tuple[object, ...], tuple[str, ...]]:
        """The blocks by their structure."""
        found: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for path in self.members:
            found[self.structure(path)].append(path)
        return {structure: tuple(paths) for structure, paths in found.items()}

    def is_unit(self, path: str) -> bool:
        """Whether it is one of several alike that have layers of their own: what a reader takes as one thing."""
        is_repeated = len(self.structures[self.structure(path)]) > 1
        return is_repeated and any(isinstance(part, int) for part in self.parts(path))


def graph_steps(trace: Trace) -> tuple[GraphStep, ...]:
    """The layers of a trace as the layout sees them."""
    found = []
    for layer in trace.layers:
        sources = tuple(one for one in layer.sources if one is not None)
        pictures = len(layer.output) if layer.output.ndim == 3 else 1
        is_pooling = layer.spec.kind in POOLING
        found.append(GraphStep(layer.spec.path, layer.spec.type_name, sources, pictures, is_pooling))
    return tuple(found)


def stages_of(path: str, steps: Sequence[GraphStep], numbers: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The stages of a long module whose parts are all layers: each ends with a pooling, the last one may not.

    >>> from cnnviz.core.graph_blocks import GraphStep, stages_of
    >>> steps = [GraphStep(f"features.{at}", "", (at,), is_pooling=at in (4, 9)) for at in range(18)]
    >>> stages = stages_of("features", steps, range(1, 19))
    >>> list(stages), stages["features.0–4"]
    (['features.0–4', 'features.5–9', 'features.10–17'], (1, 2, 3, 4, 5))
    """
    names = [steps[number - 1].path.removeprefix(f"{path}.") for number in numbers]
    is_row = list(numbers) == [*range(numbers[0], numbers[-1] + 1)] and not any("." in name for name in names)
    ends = [at + 1 for at, number in enumerate(numbers) if steps[number - 1].is_pooling]
    if not is_row or len(numbers) <= LONG or not ends:
        return {}
    cuts = [*dict.fromkeys((0, *ends, len(numbers)))]
    found = {(names[first], names[end - 1]): tuple(numbers[first:end]) for first, end in pairwise(cuts)}
    return {f"{path}.{first}–{last}": stage for (first, last), stage in found.items() if len(stage) > 1}


def loose_branches(steps: Sequence[GraphStep]) -> dict[str, tuple[int, ...]]:
    """Layers in no module, one after another, from where a network forks to where its branches have met again.

    >>> from cnnviz.core.graph_blocks import GraphStep, loose_branches
    >>> paths, sources = "abcdefghi", [(0,), (1,), (2,), (1,), (4,), (1,), (6,), (7,), (3, 5, 8)]
    >>> loose_branches([GraphStep(path, "", read) for path, read in zip(paths, sources)])
    {'b–i': (2, 3, 4, 5, 6, 7, 8, 9)}
    """
    found, begin = {}, 1
    readers: dict[int, list[int]] = defaultdict(list)
    for number, step in enumerate(steps, start=1):
        for source in step.sources:
            readers[source].append(number)
    while begin <= len(steps):
        end = _meeting(begin, steps, readers)
        if end is None:
            begin += 1
            continue
        if end - begin + 1 >= WIDE:
            found[f"{steps[begin - 1].path}–{steps[end - 1].path}"] = tuple(range(begin, end + 1))
        begin = end + 1
    return found


def _meeting(begin: int, steps: Sequence[GraphStep], readers: Mapping[int, Sequence[int]]) -> int | None:
    """Where all ways that part before layer `begin` have met again; None where none part, or a module comes first."""
    waiting = {begin - 1}  # columns that somebody further on reads
    for number in range(begin, len(steps) + 1):
        if "." in steps[number - 1].path or any(source not in waiting for source in steps[number - 1].sources):
            return None
        waiting = {one for one in waiting | {number} if any(reader > number for reader in readers[one])}
        if number == begin and len(waiting) < 2:
            return None
        if waiting <= {number}:
            return number
    return None


def _reached(steps: Sequence[GraphStep]) -> list[int]:
    """For each column, those that its output depends on, as the bits of a number; itself included."""
    reached = [1]
    for number, step in enumerate(steps, start=1):
        own = 1 << number
        for source in step.sources:
            own |= reached[source]
        reached.append(own)
    return reached


def _is_convex(numbers: Sequence[int], reached: Sequence[int]) -> bool:
    """Whether no way leads out of these layers and back into them."""
    own = sum(1 << number for number in numbers)
    ahead = 0  # all that members depend on, of what comes after the first of them
    for number in numbers:
        ahead |= reached[number]
    between = ahead & ~own & ~((1 << numbers[0]) - 1)
    return not any(reached[at] & own for at in range(numbers[0], numbers[-1]) if between >> at & 1)
