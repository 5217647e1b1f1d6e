"""Steps of a network from outside → a `torch.fx.GraphModule`: every step runs on tensors without data first.

So shapes, sizes of values and work are known and judged before anything is computed. The code that torch.fx writes
for a module holds names, so only plain names come in here.
Refuses to know: formats of files.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from keyword import iskeyword
from math import prod
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._ops import OpOverload

from cnnviz.checks import sides
from cnnviz.core.graph.costs import MultiplyAddCounter
from cnnviz.i18n import _
from cnnviz.models.importers.dotted_names import is_dotted_name
from cnnviz.models.importers.operators import count_cells_read, count_pieces, find_wrong_window, tensors_in
from cnnviz.models.importers.records import (
    ImportedNetworkError,
    ImportLimits,
    Shape,
    check_limit,
    clean_text,
    import_refusal,
)  # fmt: skip

NODE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
Meta = dict[str, Any]
aten = torch.ops.aten
PICKS = (aten.index.Tensor, aten.index_select.default)
HANDS_ON = (aten.lift_fresh_copy.default, aten.clone.default, aten.detach.default, aten.alias.default)


def check_node_name(name: str) -> str:
    """`name`, one that a variable beside `self` can have. Raises: ImportedNetworkError."""
    if not NODE_NAME.fullmatch(name) or name == "self" or iskeyword(name):
        raise import_refusal(_("name of a value"), _("letters, digits and underscores"), clean_text(name, 40),
                             _("export the network again"))  # fmt: skip
    return name


class NetworkAssembler:
    """Builds one network, step by step. `value` says what a step gives, without its data.

    Raises: ImportedNetworkError, from every method, for what does not fit or is too large.
    """

    def __init__(self, limits: ImportLimits) -> None:
        self._limits = limits
        self._graph = fx.Graph()
        self._root = nn.Module()
        self._values: dict[fx.Node, Any] = {}
        self._dependent: set[fx.Node] = set()
        self._tensors = self._weights = self._steps = self._elements = self._work = 0

    def add_tensor(self, name: str, tensor: Tensor, is_parameter: bool) -> None:
        """A parameter or a buffer under its dotted name."""
        if not is_dotted_name(name):
            raise import_refusal(_("name of a tensor"), _("printable, without quotation marks and words of Python"),
                                 clean_text(name, 40), _("rename its module"))  # fmt: skip
        self._tensors, self._weights = self._tensors + 1, self._weights + tensor.numel()
        check_limit(_("network"), self._tensors, self._limits.tensors, _("tensors"), _("open a smaller network"))
        most = self._limits.weight_elements
        check_limit(_("network"), self._weights, most, _("weights"), _("open a smaller network"))
        try:
            _register(self._root, name, tensor, is_parameter)
        except (KeyError, AttributeError, TypeError) as error:
            raise import_refusal(_("name of a tensor"), _("one that no other tensor or method has"),
                                 clean_text(name, 40), _("rename its module")) from error  # fmt: skip

    def add_input(self, name: str, shape: Shape, dtype: torch.dtype) -> fx.Node:
        """The image: one of (channels, rows, cols), as a batch of one."""
        side, way_out = max(shape[1:]), _("export it for a smaller image")
        check_limit(_("side of the image"), side, self._limits.side, _("pixels"), way_out)
        check_limit(_("image"), prod(shape), self._limits.output_elements, _("elements"), way_out)
        if min(shape) < 1:
            raise import_refusal(_("image"), _("one with pixels"), sides(shape), _("export it for another size"))
        node = self._graph.create_node("placeholder", check_node_name(name), name=name)
        node.target = node.name  # torch.fx makes a name plain Python, a target it writes down as it is
        self._keep(node, torch.empty((1, *shape), dtype=dtype, device="meta"))
        self._dependent.add(node)
        return node

    def read_tensor(self, node_name: str, name: str) -> fx.Node:
        """A step that reads the tensor called `name`."""
        owner, _dot, last = name.rpartition(".")
        tensor = getattr(self._root.get_submodule(owner), last)
        node = self._graph.create_node("get_attr", name, name=check_node_name(node_name))
        self._values[node] = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta")
        return node

    def tensor_of(self, node: fx.Node) -> Tensor | None:
        """The tensor that a step reads; None for a step that computes."""
        if node.op != "get_attr":
            return None
        owner, _dot, last = str(node.target).rpartition(".")
        return getattr(self._root.get_submodule(owner), last)

    def call(
        self, name: str, overload: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None,
        meta: Meta | None = None,
    ) -> fx.Node:  # fmt: skip
        """One operator, run on tensors without data."""
        kwargs = kwargs or {}
        check_node_name(name)
        self._steps, way_out = self._steps + 1, _("open a smaller network")
        check_limit(_("network"), self._steps, self._limits.nodes, _("operations"), way_out)
        known = fx.map_arg(args, self.value), fx.map_arg(kwargs, self.value)
        if overload in PICKS:
            self._check_indices(name, overload, args)
        value, work = self._run(name, overload, *known)
        node = self._graph.create_node("call_function", overload, args, kwargs, name=name)
        self._work += work
        check_limit(_("one run of the network"), self._work, self._limits.work, _("multiply-adds"), way_out)
        return self._keep(node, value, meta)

    def _check_indices(self, name: str, overload: OpOverload, args: tuple[Any, ...]) -> None:
        """Indices must be tensors of the file, within what they pick from."""
        sizes = self.value(args[0]).shape
        by_axis = enumerate(args[1]) if overload is aten.index.Tensor else [(args[1], args[2])]
        for axis, node in by_axis:
            index = None if node is None else self._constant_behind(node)
            fits = index is not None and -len(sizes) <= axis < len(sizes) and not index.is_floating_point()
            if node is not None and not (fits and bool(((index < sizes[axis]) & (index >= -sizes[axis])).all())):
                raise import_refusal(_("index of {name}", name=clean_text(name)), _("fixed, of cells that are there"),
                                     _("another one"), _("write the network without it"))  # fmt: skip

    def _constant_behind(self, node: fx.Node) -> Tensor | None:
        """The tensor of the file that a step hands on unchanged."""
        while node.op == "call_function" and node.target in HANDS_ON and isinstance(node.args[0], fx.Node):
            node = node.args[0]
        return self.tensor_of(node)

    def _run(self, name: str, overload: OpOverload, args: Any, kwargs: Any) -> tuple[Any, int]:
        try:
            pieces = count_pieces(overload, args)
            check_limit(name, pieces, self._limits.pieces, _("pieces"), _("cut its input into fewer"))
            wrong = find_wrong_window(overload, args)
            if wrong:
                raise ValueError(_("{name} is out of range", name=wrong))
            with torch.no_grad(), MultiplyAddCounter() as counter:
                value = overload(*args, **kwargs)
            return value, counter.macs + count_cells_read(overload, args, value)
        except ImportedNetworkError:
            raise
        except Exception as error:  # whatever PyTorch raises for arguments that do not fit
            shapes = [sides(part.shape) for part in _flat(args) if isinstance(part, Tensor)]
            raise ImportedNetworkError(
                _("operation {name} ({operator}) refused its input of shape {shape}: export the network again, with "
                  "one image as its example ({reason})", name=clean_text(name, 60), shape=", ".join(shapes[:4]),
                  operator=overload.name(), reason=clean_text(str(error).split("\n")[0]))
            ) from error  # fmt: skip

    def pick(self, name: str, node: fx.Node, index: int, meta: Meta | None = None) -> fx.Node:
        """One of the tensors that a step gives."""
        parts = self.value(node)
        if not isinstance(parts, tuple | list) or index >= len(parts):
            raise import_refusal(clean_text(node.name), _("a step with {count} outputs", count=index + 1),
                                 len(tensors_in(parts)), _("export the network again"))  # fmt: skip
        picked = self._graph.create_node("call_function", operator.getitem, (node, index), name=check_node_name(name))
        self._values[picked] = parts[index]
        picked.meta.update(meta or {})
        self._dependent |= {picked} if node in self._dependent else set()
        return picked

    def _keep(self, node: fx.Node, value: Any, meta: Meta | None = None) -> fx.Node:
        if any(source in self._dependent for source in node.all_input_nodes):
            self._dependent.add(node)
        # What depends on no image is a weight, perhaps turned round.
        is_weight = node.op == "call_function" and node not in self._dependent
        most = self._limits.weight_elements if is_weight else self._limits.output_elements
        for part in tensors_in(value):
            count = prod(part.shape)
            if not count:
                raise import_refusal(clean_text(node.name), _("of at least one element"), sides(part.shape),
                                     _("export the network again"))  # fmt: skip
            check_limit(clean_text(node.name), count, most, _("elements"), _("export it for a smaller image"))
            self._elements += count
        most = self._limits.all_elements
        check_limit(_("values of one run"), self._elements, most, _("elements"), _("export it for a smaller image"))
        self._values[node] = value
        node.meta.update(meta or {})
        return node

    def value(self, node: fx.Node) -> Any:
        """What a step gives: a tensor without data, or several."""
        return self._values[node]

    def depends_on_image(self, node: fx.Node) -> bool:
        """Whether a step's value changes with the image."""
        return node in self._dependent

    def place(self, node: fx.Node) -> tuple[int, tuple[Any, ...]]:
        """What the tensor of a step lies in, and which cells of it, in which shape, it is."""
        tensor: Tensor = self._values[node]
        memory = tensor.untyped_storage()._cdata
        return memory, (tensor.shape, tensor.stride(), tensor.storage_offset(), tensor.dtype)

    def finish(self, output: fx.Node) -> fx.GraphModule:
        """The network that gives `output`, in evaluation mode, without the steps that it does not need."""
        self._graph.create_node("output", "output", (output,), name="output")
        for node in reversed(self._graph.nodes):
            if not node.users and node.op not in ("placeholder", "output"):
                self._graph.erase_node(node)
        module = fx.GraphModule(self._root, self._graph)
        for name, tensor in _tensors_of(self._root):  # those that no step reads: they belong to the network too
            if _find(module, name) is None:
                _register(module, name, tensor, isinstance(tensor, nn.Parameter))
        return module.eval()


def _register(root: nn.Module, name: str, tensor: Tensor, is_parameter: bool) -> None:
    *containers, last = name.split(".")
    if hasattr(fx.GraphModule, containers[0] if containers else last):
        raise KeyError(name)
    for part in containers:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        child = root._modules[part]
        assert child is not None
        root = child
    if is_parameter:
        root.register_parameter(last, nn.Parameter(tensor, requires_grad=False))
    else:
        root.register_buffer(last, tensor)


def _tensors_of(root: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from root.named_parameters(remove_duplicate=False)
    yield from root.named_buffers(remove_duplicate=False)


def _find(module: nn.Module, name: str) -> Tensor | None:
    owner, _dot, last = name.rpartition(".")
    try:
        return getattr(module.get_submodule(owner), last, None)
    except AttributeError:
        return None


def _flat(args: Any) -> Iterator[Any]:
    for arg in args:
        yield from arg if isinstance(arg, tuple | list) else (arg,)
