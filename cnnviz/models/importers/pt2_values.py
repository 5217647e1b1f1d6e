"""The values of a program while it is read: which step gave which name, and which sizes are known.

A step that changes a tensor in place gives a new value here, and from then on its old names mean the new one.
Refuses to know: operators.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, fx

from cnnviz.i18n import _
from cnnviz.models.importers.assemble import NetworkAssembler, check_node_name
from cnnviz.models.importers.operators import PREFIX
from cnnviz.models.importers.records import ImportedNetworkError, clean_text, import_refusal

SIZE = PREFIX + "sym_size.int"
ARITHMETIC = {
    "_operator.add": operator.add,
    "_operator.sub": operator.sub,
    "_operator.mul": operator.mul,
    "_operator.floordiv": operator.floordiv,
    "_operator.mod": operator.mod,
}
DIVISIONS = ("_operator.floordiv", "_operator.mod")
LARGEST_SIZE = 2**31


@dataclass
class _Cells:
    """Cells of memory that one or more names stand for: how often they were changed in place, and the step that did.

    None where that was through another view of the memory.
    """

    changes: int = 0
    changed_by: fx.Node | None = None


class ProgramValues:
    """What the arguments of steps ask for (`arguments.Scope`)."""

    def __init__(self, build: NetworkAssembler) -> None:
        self._build = build
        self._nodes: dict[str, tuple[fx.Node, _Cells, int]] = {}  # the step that gave a name, its cells, their changes
        self._tensors: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._memories: dict[int, dict[Any, _Cells]] = {}  # memory → the views of it
        self._owners: dict[int, str] = {}  # memory → the tensor of the file that it belongs to

    def node(self, name: str) -> fx.Node:
        """The step that gave the tensor called `name`; a tensor of the file becomes one when it is first read."""
        if name in self._tensors and name not in self._nodes:
            node = self._build.read_tensor(name, self._tensors[name])
            self._owners[self._build.place(node)[0]] = self._tensors[name]
            self._set(name, node)
        if name not in self._nodes:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed before it is used"),
                                 _("none"), _("export the network again"))  # fmt: skip
        node, cells, changes = self._nodes[name]
        found = node if cells.changes == changes else cells.changed_by
        if found is None:
            raise ImportedNetworkError(
                _("The value {name} is changed in place through another view of it: call .clone() before that "
                  "operation, and export again.", name=clean_text(name, 60))
            )  # fmt: skip
        return found

    def size(self, name: str) -> int:
        """The size called `name`."""
        if name not in self._sizes:
            raise import_refusal(_("size {name}", name=clean_text(name, 60)), _("a number"), _("an expression"),
                                 _("export the network with fixed sizes"))  # fmt: skip
        return self._sizes[name]

    def add_tensor(self, name: str, tensor: str) -> None:
        """A value that reads the tensor of the file called `tensor`."""
        self._check_new(name)
        self._tensors[name] = tensor

    def add_node(self, name: str, node: fx.Node) -> None:
        """A value that a step has given."""
        self._check_new(name)
        self._set(name, node)

    def _set(self, name: str, node: fx.Node) -> None:
        memory, place = self._build.place(node)
        cells = self._memories.setdefault(memory, {}).setdefault(place, _Cells())
        self._nodes[name] = node, cells, cells.changes

    def add_size(self, name: str, target: str, values: Sequence[Any]) -> None:
        """A size that the program computes: of the image that goes in here, whatever the file's example was."""
        self._check_new(name)
        size = self._size_of(values) if target == SIZE else _compute_size(target, values)
        if size is None or abs(size) > LARGEST_SIZE:
            raise import_refusal(_("size {name}", name=clean_text(name, 60)), _("of whole numbers"),
                                 _("something else"), _("export the network with fixed sizes"))  # fmt: skip
        self._sizes[name] = size

    def _size_of(self, values: Sequence[Any]) -> int | None:
        if len(values) != 2 or not isinstance(values[0], fx.Node) or not isinstance(values[1], int):
            return None
        tensor, axis = self._build.value(values[0]), values[1]
        if not isinstance(tensor, Tensor) or not -tensor.dim() <= axis < tensor.dim():
            return None
        return int(tensor.shape[axis])

    def _check_new(self, name: str) -> None:
        check_node_name(name)
        if name in self._nodes or name in self._tensors or name in self._sizes:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed once"), _("twice"),
                                 _("export the network again"))  # fmt: skip

    def owner(self, node: fx.Node) -> str | None:
        """The name of the file's tensor whose memory a value is; None where a step has made it."""
        return self._owners.get(self._build.place(node)[0])

    def replace(self, changed: fx.Node, node: fx.Node) -> None:
        """`changed` was changed in place into `node`: so were all its names; other views of it are not known now."""
        memory, place = self._build.place(changed)
        for at, cells in self._memories.pop(memory).items():
            cells.changes += 1
            cells.changed_by = node if at == place else None
            if at == place:
                now, place_now = self._build.place(node)
                self._memories.setdefault(now, {})[place_now] = cells


def _compute_size(target: str, values: Sequence[Any]) -> int | None:
    if len(values) != 2 or not all(isinstance(value, int) for value in values):
        return None
    if target in DIVISIONS and not values[1]:
        return None
    return int(ARITHMETIC[target](*values))
