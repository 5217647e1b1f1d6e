"""The values of a program while it is read: which step gave which name, and which sizes are known.

A step that changes a tensor in place gives a new value here, and from then on its old names mean the new one.
Refuses to know: operators.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
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
STALE = None  # a view of memory that was changed through another view


class ProgramValues:
    """What the arguments of steps ask for (`arguments.Scope`)."""

    def __init__(self, build: NetworkAssembler) -> None:
        self._build = build
        self._nodes: dict[str, fx.Node | None] = {}
        self._tensors: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._names: dict[int, list[str]] = {}  # memory → the values that lie in it

    def node(self, name: str) -> fx.Node:
        """The step that gave the tensor called `name`; a tensor of the file becomes one when it is first read."""
        if name in self._tensors and name not in self._nodes:
            self._set(name, self._build.read_tensor(name, self._tensors[name]))
        if name not in self._nodes:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed before it is used"),
                                 _("none"), _("export the network again"))  # fmt: skip
        found = self._nodes[name]
        if found is STALE:
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
        self._nodes[name] = node
        for memory in self._build.memories(node):
            self._names.setdefault(memory, []).append(name)

    def _with_memory_of(self, node: fx.Node) -> list[tuple[str, fx.Node]]:
        """The values that lie where `node` does, with the steps that they mean now."""
        names = [name for memory in self._build.memories(node) for name in self._names.get(memory, ())]
        known = [(name, self._nodes[name]) for name in dict.fromkeys(names)]
        return [(name, found) for name, found in known if found is not STALE]

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

    def tensors_behind(self, node: fx.Node) -> list[str]:
        """The names of the file's tensors whose memory a value is."""
        return [str(known.target) for _name, known in self._with_memory_of(node) if known.op == "get_attr"]

    def replace(self, changed: fx.Node, node: fx.Node) -> None:
        """`changed` was changed in place into `node`: so were all its names; other views of it are not known now."""
        known = self._with_memory_of(changed)
        for memory in self._build.memories(changed):
            self._names.pop(memory, None)
        for name, found in known:
            if self._build.are_the_same(found, changed):
                self._set(name, node)
            else:
                self._nodes[name] = STALE


def _compute_size(target: str, values: Sequence[Any]) -> int | None:
    if len(values) != 2 or not all(isinstance(value, int) for value in values):
        return None
    if target in DIVISIONS and not values[1]:
        return None
    return int(ARITHMETIC[target](*values))
