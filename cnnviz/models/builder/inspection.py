"""A blueprint read part by part: shapes, parameters, what a unit sees, and what is wrong with a way to mend it.

Plain integers, some milliseconds at most, so that it can follow the hand. Refuses to know: torch, pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from cnnviz.i18n import _
from cnnviz.models.builder.layer_config import LayerConfig, LayerKind
from cnnviz.models.builder.network_spec import NetworkSpec
from cnnviz.models.builder.output_sizes import SLIDING, LayerSize, Shape, layer_size
from cnnviz.models.builder.problems import LayerPlace, Problem, find_problem, find_problem_at_end
from cnnviz.models.builder.receptive_fields import View, first_view, through_all, through_window

MOST_PARAMETERS, MOST_MACS, MOST_CELLS = 5_000_000, 500_000_000, 2_000_000


@dataclass(frozen=True)
class LayerRow:
    """One part where it stands. `arrives` and `size` are None where a part before makes them unknown.

    `arrives` is the shape that comes in, (channels, rows, cols) or (entries,).

    >>> from cnnviz.models.builder import inspect_spec, preset
    >>> row = inspect_spec(preset("mnist_b1")).rows[0]
    >>> row.name, row.arrives, row.output_shape, row.parameters
    ('conv1', (1, 28, 28), (16, 28, 28), 416)
    """

    name: str
    part: LayerConfig
    arrives: Shape | None
    size: LayerSize | None
    view: View | None
    problem: Problem | None = None

    @property
    def inputs(self) -> int:
        """Channels or entries that it reads. Raises: ValueError where they are not known."""
        return self._known.inputs

    @property
    def outputs(self) -> int:
        """Channels or units that it gives. Raises: ValueError where they are not known."""
        return self._known.outputs

    @property
    def output_shape(self) -> Shape | None:
        """(channels, rows, cols) or (entries,); None where it is not known."""
        return self.size.shape if self.size else None

    @property
    def parameters(self) -> int | None:
        """How many it learns; None where it is not known."""
        return self.size.parameters if self.size else None

    @property
    def is_flat(self) -> bool:
        """Whether one column of numbers arrives."""
        return self.arrives is not None and len(self.arrives) == 1

    @property
    def _known(self) -> LayerSize:
        if self.size is None:
            raise ValueError(_("size of {name} must be known: correct the layers before it", name=self.name))
        return self.size


@dataclass(frozen=True)
class Inspection:
    """All parts, and what is wrong with the end of the network or with all of it.

    >>> from cnnviz.models.builder import inspect_spec, preset
    >>> found = inspect_spec(preset("lenet5"))
    >>> found.problem is None, found.parameters
    (True, 61706)
    """

    blueprint: NetworkSpec
    rows: tuple[LayerRow, ...]
    ending: Problem | None

    @property
    def problem(self) -> Problem | None:
        """The first problem; None for a blueprint that can be built."""
        return next((row.problem for row in self.rows if row.problem), self.ending)

    @property
    def parameters(self) -> int | None:
        """Of the whole network; None where some are not known."""
        return None if self._sizes is None else sum(size.parameters for size in self._sizes)

    @property
    def macs(self) -> int | None:
        """Multiply-adds for one image; None where some are not known."""
        return None if self._sizes is None else sum(size.macs for size in self._sizes)

    @property
    def _sizes(self) -> tuple[LayerSize, ...] | None:
        known = tuple(row.size for row in self.rows if row.size)
        return known if len(known) == len(self.rows) else None


def inspect_spec(blueprint: NetworkSpec) -> Inspection:
    """`blueprint` read from its input to its end; a part that does not fit is taken at its word, where it has one.

    What is wrong is in the answer (`problem`), and nothing is raised.

    >>> from cnnviz.models.builder.inspection import inspect_spec
    >>> from cnnviz.models.builder.presets import preset
    >>> inspect_spec(preset("mnist_b1")).parameters
    28938
    """
    rows: list[LayerRow] = []
    arrives: Shape | None = blueprint.input_shape
    view: View | None = first_view(blueprint.input_shape[1:])
    laid_out: Shape = ()
    for number, (name, part) in enumerate(zip(blueprint.names, blueprint.parts, strict=True)):
        if arrives is None or view is None:
            rows.append(LayerRow(name, part, None, None, None))
            continue
        row = _row(LayerPlace(blueprint, number, arrives, laid_out), view)
        rows.append(row)
        laid_out = _laid_out(row, laid_out)
        arrives, view = row.output_shape, row.view
    return _ended(blueprint, rows, arrives)


def _row(place: LayerPlace, view: View) -> LayerRow:
    """What is wrong with numbers of channels leaves the shapes known, and so does a forgotten flatten."""
    part, problem = place.part, find_problem(place)
    if problem is not None and problem.field != "inputs" and part.kind is not LayerKind.LINEAR:
        return LayerRow(place.name, part, place.arrives, None, None, problem)
    size = layer_size(part, place.arrives, len(place.blueprint.classes))
    return LayerRow(place.name, part, place.arrives, size, _seen(place, size, view), problem)


def _laid_out(row: LayerRow, before: Shape) -> Shape:
    """The maps of which a flatten made the column that now goes on; a fully connected layer makes another."""
    if row.part.kind is LayerKind.FLATTEN and row.arrives is not None and not row.is_flat:
        return row.arrives
    return () if row.part.kind is LayerKind.LINEAR else before


def _seen(place: LayerPlace, size: LayerSize, view: View) -> View:
    part, arrives = place.part, place.arrives
    if part.kind in (LayerKind.LINEAR, LayerKind.GLOBAL_AVERAGE):
        return through_all(view)
    if part.kind is LayerKind.RESIDUAL or part.kind in SLIDING:
        before, after = (arrives[1], arrives[2]), (size.shape[1], size.shape[2])
        padding = part.kernel // 2 if part.kind is LayerKind.RESIDUAL else part.padding
        return through_window(view, before, after, part.kernel, part.stride, padding)
    return view


def _ended(blueprint: NetworkSpec, rows: list[LayerRow], shape: Shape | None) -> Inspection:
    """The end judged too; what is wrong with the number of scores stands at the layer that gives them."""
    found = find_problem_at_end(blueprint, shape) if shape is not None else None
    if found is None:
        return Inspection(blueprint, tuple(rows), _too_large(rows))
    number, problem = found
    if number is None:
        return Inspection(blueprint, tuple(rows), problem)
    if rows[number].problem is None:
        rows[number] = replace(rows[number], problem=problem)
    return Inspection(blueprint, tuple(rows), None)


def _too_large(rows: list[LayerRow]) -> Problem | None:
    """Visitors share the machine: what a network may cost is bounded."""
    sizes = [row.size for row in rows if row.size]
    costs = (
        (_("parameters"), MOST_PARAMETERS, sum(size.parameters for size in sizes)),
        (_("multiply-adds for one image"), MOST_MACS, sum(size.macs for size in sizes)),
        (_("numbers in all maps"), MOST_CELLS, sum(prod(size.shape) for size in sizes)),
    )
    for name, most, got in costs:
        if got > most:
            way_out = _("fewer channels, a larger stride or a pooling before make it smaller")
            return Problem(
                _("{name} must be at most {most}, got {got}: {way_out}",
                  name=name, most=f"{most:,}", got=f"{got:,}", way_out=way_out)
            )  # fmt: skip
    return None
