"""A network that torch.export saved (.pt2), read by a reader of our own: zip, JSON and raw bytes, nothing else.

`torch.export.load` runs code that a file brings along; this reader knows a fixed table of operators, and looks
everything that a file names up in it. Steps that change a tensor in place give a new one here, and whoever used the
old one afterwards gets the new one, as in PyTorch.
Refuses to know: how bytes become tensors (`pt2_file`), and how steps become a module (`assemble`).
"""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import Tensor, fx

from cnnviz.checks import sides
from cnnviz.i18n import _
from cnnviz.models.importers.arguments import arrange, bind_arguments, read_argument
from cnnviz.models.importers.assemble import NetworkAssembler, check_node_name
from cnnviz.models.importers.json_values import (
    Record,
    as_list,
    as_record,
    as_text,
    get_list,
    get_record,
    get_text,
    known_size,
    only_entry,
    size_or_hint,
)  # fmt: skip
from cnnviz.models.importers.operators import CHANGES_IN_PLACE, OPERATORS, PREFIX
from cnnviz.models.importers.pt2_file import Pt2File, read_pt2_file
from cnnviz.models.importers.records import (
    ImportedNetwork,
    ImportedNetworkError,
    ImportLimits,
    check_limit,
    clean_text,
    import_refusal,
)  # fmt: skip
from cnnviz.models.importers.rewrites import REWRITES, evaluate
from cnnviz.models.importers.source_facts import read_source_facts
from cnnviz.models.importers.stored_tensors import check_shape_is, read_dtype

FORMAT = "torch.export"
CHECKS = tuple(  # steps that give nothing and compute nothing that is shown
    PREFIX + name for name in ("_assert_tensor_metadata.default", "_assert_scalar.default", "_assert_async.msg",
                               "sym_constrain_range.default", "sym_constrain_range_for_size.default")
)  # fmt: skip
SIZE = PREFIX + "sym_size.int"
ARITHMETIC = {
    "_operator.add": operator.add, "_operator.sub": operator.sub, "_operator.mul": operator.mul,
    "_operator.floordiv": operator.floordiv, "_operator.mod": operator.mod,
}  # fmt: skip
COMPARISONS = tuple(f"_operator.{name}" for name in ("eq", "ne", "ge", "gt", "le", "lt", "and_", "or_", "not_"))
LARGEST_SIZE = 2**31
COUNTER = "num_batches_tracked"  # of batch normalisation: it counts training steps
STALE = "stale"


def read_pt2(content: bytes, limits: ImportLimits | None = None) -> ImportedNetwork:
    """The network in a file of torch.export, in evaluation mode; nothing is computed, and nothing of the file is run.

    Raises: ImportedNetworkError, one sentence, for whatever is no network that can be opened.

    >>> import io, torch
    >>> from cnnviz.models.importers.pt2 import read_pt2
    >>> file = io.BytesIO()
    >>> program = torch.export.export(torch.nn.Conv2d(1, 2, 3).eval(), (torch.zeros(1, 1, 5, 5),))
    >>> torch.export.save(program, file)
    >>> read_pt2(file.getvalue()).input_shape
    (1, 5, 5)
    """
    limits = limits or ImportLimits()
    file = read_pt2_file(content, limits)
    return _ProgramReader(file, limits).read()


class _ProgramReader:
    """Reads one program; `node` and `size` are what its arguments ask for (`arguments.Scope`)."""

    def __init__(self, file: Pt2File, limits: ImportLimits) -> None:
        self._file, self._limits = file, limits
        self._graph = get_record(get_record(file.program, "graph_module"), "graph")
        self._signature = get_record(get_record(file.program, "graph_module"), "signature")
        self._shapes = get_record(self._graph, "tensor_values")
        self._build = NetworkAssembler(limits)
        self._nodes: dict[str, fx.Node | str] = {}
        self._readers: dict[str, str] = {}  # value → tensor that it reads, once it is asked for
        self._sizes: dict[str, int] = {}
        self._notes: list[str] = []
        self._batch: int | None = 1

    def read(self) -> ImportedNetwork:
        """The network."""
        for name, tensor in self._file.tensors.items():
            self._build.add_tensor(name, tensor, name in self._parameters())
        shape, dtype = self._read_inputs()
        steps = get_list(self._graph, "nodes")
        check_limit(_("network"), len(steps), self._limits.nodes, _("operations"), _("open a smaller network"))
        for step in steps:
            self._read_step(as_record(step, "nodes"))
        name, names = self._outputs()
        output = self.node(name)
        producer = clean_text(self._file.program.get("torch_version", "?"), 40)
        return ImportedNetwork(
            self._build.finish(output), shape, dtype, FORMAT, f"PyTorch {producer}", name, names, tuple(self._notes)
        )

    def node(self, name: str) -> fx.Node:
        """The step that gave the tensor called `name`, which a tensor of the file becomes when it is first read."""
        found = self._nodes.get(name)
        if found is None and name in self._readers:
            found = self._nodes[name] = self._build.read_tensor(name, self._readers[name])
        if found is None:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed before it is used"),
                                 _("none"), _("export the network again"))  # fmt: skip
        if isinstance(found, str):
            raise ImportedNetworkError(
                _("The value {name} is changed in place through another view of it: call .clone() before that "
                  "operation, or export with run_decompositions().", name=clean_text(name, 60))
            )  # fmt: skip
        return found

    def size(self, name: str) -> int:
        """The size called `name`."""
        if name not in self._sizes:
            raise import_refusal(_("size {name}", name=clean_text(name, 60)), _("a number"), _("an expression"),
                                 _("export the network with fixed sizes"))  # fmt: skip
        return self._sizes[name]

    # What goes in and out.
    def _specs(self, key: str) -> list[tuple[str, Record]]:
        pairs = [only_entry(entry, key) for entry in get_list(self._signature, key)]
        return [(kind, as_record(value, kind)) for kind, value in pairs]

    def _parameters(self) -> set[str]:
        return {get_text(spec, "parameter_name") for kind, spec in self._specs("input_specs") if kind == "parameter"}

    def _read_inputs(self) -> tuple[tuple[int, int, int], torch.dtype]:
        names = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}
        images: list[str] = []
        for kind, spec in self._specs("input_specs"):
            if kind in names:
                self._add_reader(get_text(get_record(spec, "arg"), "name"), get_text(spec, names[kind]))
            elif kind == "user_input":
                images += self._image_names(spec)
            elif kind != "constant_input":
                raise import_refusal(_("network"), _("one of tensors alone"), clean_text(kind, 40),
                                     _("export a network without objects of its own"))  # fmt: skip
        if len(images) != 1:
            raise ImportedNetworkError(
                _("The network must take one image, got {count} inputs: wrap it in a module that takes one.",
                  count=len(images))
            )  # fmt: skip
        return self._add_image(images[0])

    def _image_names(self, spec: Record) -> list[str]:
        kind, value = only_entry(spec.get("arg"), "user_input")
        return [get_text(as_record(value, kind), "name")] if kind == "as_tensor" else []

    def _add_reader(self, value: str, tensor: str) -> None:
        if tensor not in self._file.tensors:
            raise import_refusal(_("tensor {name}", name=clean_text(tensor, 60)), _("in the file"), _("none"),
                                 _("save the network again"))  # fmt: skip
        self._check_new(value)
        self._readers[value] = tensor

    def _check_new(self, name: str) -> None:
        check_node_name(name)
        if name in self._nodes or name in self._readers or name in self._sizes:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed once"), _("twice"),
                                 _("export the network again"))  # fmt: skip

    def _add_image(self, name: str) -> tuple[tuple[int, int, int], torch.dtype]:
        self._check_new(name)
        record = get_record(self._shapes, name)
        shape = [size_or_hint(size, name) for size in as_list(record.get("sizes"), name)]
        if len(shape) != 4:
            raise ImportedNetworkError(
                _("The network must take a batch of images (n, channels, rows, columns), got {shape}: export it for "
                  "such an input.", shape=sides(shape) or "1")
            )  # fmt: skip
        batch, *rest = shape
        self._batch = batch if known_size(as_list(record.get("sizes"), name)[0], name) else None
        if self._batch not in (1, None):
            self._notes.append(_("The file was exported for {count} images at once; here one goes in.", count=batch))
        dtype = read_dtype(record.get("dtype"), name)
        channels, rows, cols = rest
        self._nodes[name] = self._build.add_input(name, (channels, rows, cols), dtype)
        return (channels, rows, cols), dtype

    def _outputs(self) -> tuple[str, tuple[str, ...]]:
        """The output that is shown, the first that the image changes, and all of them."""
        args = [spec.get("arg") for kind, spec in self._specs("output_specs") if kind == "user_output"]
        entries = [only_entry(arg, "outputs") for arg in args]
        names = tuple(get_text(as_record(value, kind), "name") for kind, value in entries if kind == "as_tensor")
        fitting = [name for name in names if self._build.depends_on_image(self.node(name))]
        if not fitting:
            raise import_refusal(_("network"), _("one whose output depends on the image"), _("none"),
                                 _("export another one"))  # fmt: skip
        if len(names) > 1:
            self._notes.append(
                _("The network has {count} outputs; {name} is shown, the first that the image changes.",
                  count=len(names), name=fitting[0])
            )  # fmt: skip
        return fitting[0], names

    # The steps.
    def _read_step(self, step: Record) -> None:
        target = get_text(step, "target")
        if target in CHECKS or target in COMPARISONS:
            return
        if target == SIZE or target in ARITHMETIC:
            self._read_size(step, target)
        elif target in CHANGES_IN_PLACE:
            self._change_in_place(step, target)
        elif target in REWRITES or target in OPERATORS:
            self._give_outputs(step, self._call(step, target))
        else:
            raise self._unknown(target)

    def _unknown(self, target: str) -> ImportedNetworkError:
        shown = clean_text(target.removeprefix("torch.ops."), 60)
        if target.startswith("torch.ops.higher_order."):
            way_out = _("it comes of control flow or no_grad inside forward, take that out before exporting")
        elif "quantize" in target:
            way_out = _("it belongs to a quantised network, export the one before quantisation")
        elif target.startswith(PREFIX) and self._file.program.get("verifiers") == ["ATEN"]:
            way_out = _("save what torch.export.export gives, without run_decompositions()")
        else:
            way_out = _("write the network without it and export it again")
        return ImportedNetworkError(_("The operation {name} cannot be opened: {way_out}.", name=shown, way_out=way_out))

    def _read_size(self, step: Record, target: str) -> None:
        """A size that the program computes: of the image that goes in here, whatever the file's example was."""
        inputs = [as_record(entry, target) for entry in get_list(step, "inputs")]
        values = [read_argument(entry.get("arg"), target, self) for entry in inputs]
        name = self._size_name(step)
        if name is None:
            return
        if target == SIZE:
            size = self._size_of(values, target)
        else:
            numbers = [value for value in values if isinstance(value, int)]
            if len(values) != 2 or len(numbers) != 2 or (target.endswith(("div", "mod")) and not numbers[1]):
                raise self._odd_size(target)
            size = ARITHMETIC[target](*numbers)
        if abs(size) > LARGEST_SIZE:
            raise self._odd_size(target)
        self._check_new(name)
        self._sizes[name] = size

    def _size_of(self, values: list[Any], target: str) -> int:
        if len(values) != 2 or not isinstance(values[0], fx.Node) or not isinstance(values[1], int):
            raise self._odd_size(target)
        tensor, axis = self._build.value(values[0]), values[1]
        if not isinstance(tensor, Tensor) or not -tensor.dim() <= axis < tensor.dim():
            raise self._odd_size(target)
        return int(tensor.shape[axis])

    def _odd_size(self, target: str) -> Exception:
        return import_refusal(clean_text(target, 40), _("of whole numbers"), _("something else"),
                              _("export the network with fixed sizes"))  # fmt: skip

    def _size_name(self, step: Record) -> str | None:
        for entry in get_list(step, "outputs"):
            kind, value = only_entry(entry, "outputs")
            if kind == "as_sym_int":
                return as_text(as_record(value, kind).get("as_name"), kind)
        return None

    def _name_of(self, step: Record) -> str:
        """The step's own name, or that of its only output."""
        name = step.get("name")
        outputs = self._output_names(step)
        return as_text(name, "name") if name is not None else f"{outputs[0]}" if outputs else "step"

    def _output_names(self, step: Record) -> list[str]:
        names: list[str] = []
        for entry in get_list(step, "outputs"):
            kind, value = only_entry(entry, "outputs")
            many = as_list(value, kind) if kind == "as_tensors" else [value]
            names += [get_text(as_record(each, kind), "name") for each in many if kind in ("as_tensor", "as_tensors")]
        return names

    def _call(self, step: Record, target: str) -> fx.Node:
        name, facts = self._name_of(step), read_source_facts(get_record(step, "metadata"))
        if target in REWRITES:
            in_file, rewrite = REWRITES[target]
            overload, bound = rewrite(bind_arguments(in_file, get_list(step, "inputs"), self, name), self._build)
        else:
            overload = OPERATORS[target] if target in OPERATORS else CHANGES_IN_PLACE[target]
            bound = bind_arguments(overload, get_list(step, "inputs"), self, name)
        bound, changed = evaluate(overload, bound)
        if changed:
            self._note_training()
        args, named = arrange(overload, bound)
        return self._build.call(name, overload, args, named, facts)

    def _note_training(self) -> None:
        note = _("The file was exported in training mode; here the network runs as after model.eval(): batch "
                 "normalisation uses its running estimates, and dropout does nothing.")  # fmt: skip
        if note not in self._notes:
            self._notes.append(note)

    def _give_outputs(self, step: Record, node: fx.Node) -> None:
        names = self._output_names(step)
        if isinstance(self._build.value(node), Tensor):
            if names:  # those after the first are not computed here: of a normalisation in training, of a pooling
                self._name_value(names[0], node)
            return
        facts = dict(node.meta)
        for index, name in enumerate(names):
            if name and "_unused_" not in name:
                self._name_value(name, self._build.pick(name, node, index, facts))

    def _name_value(self, name: str, node: fx.Node) -> None:
        self._check_new(name)
        self._nodes[name] = node
        self._check_shape(name, self._build.value(node))

    def _check_shape(self, name: str, value: Tensor) -> None:
        """Held against the shape in the file, where its example was one image like ours."""
        record = self._shapes.get(name)
        if self._batch == 1 and isinstance(record, dict):
            sizes = [known_size(size, name) for size in as_list(record.get("sizes"), name)]
            check_shape_is(value.shape, sizes, name)

    def _change_in_place(self, step: Record, target: str) -> None:
        """A step that changes its first argument: what it gives takes the place of the argument from here on."""
        inputs = get_list(step, "inputs")
        first = as_record(inputs[0] if inputs else None, target)
        changed = read_argument(first.get("arg"), target, self)
        if not isinstance(changed, fx.Node):
            raise import_refusal(target, _("of a tensor"), _("something else"), _("export the network again"))
        owners = [
            node
            for node in self._nodes.values()
            if isinstance(node, fx.Node) and node.op == "get_attr" and self._build.share_memory(node, changed)
        ]
        if owners:
            self._skip_counter(step, owners)
            return
        node = self._call(step, target)
        before, after = self._build.value(changed), self._build.value(node)
        if not isinstance(before, Tensor) or (before.shape, before.dtype) != (after.shape, after.dtype):
            raise import_refusal(clean_text(target, 60), _("of the same shape and kind as what it changes"),
                                 sides(after.shape), _("write it as x = x + y"))  # fmt: skip
        if not target.startswith(PREFIX + "detach_"):
            self._replace(changed, node)
        self._give_outputs(step, node)

    def _replace(self, changed: fx.Node, node: fx.Node) -> None:
        for name, known in self._nodes.items():
            if isinstance(known, str) or not self._build.share_memory(known, changed):
                continue
            self._nodes[name] = node if self._build.are_the_same(known, changed) else STALE

    def _skip_counter(self, step: Record, owners: list[fx.Node]) -> None:
        """Training counts its steps in a buffer; whatever else a network writes down would change what it computes."""
        if any(not str(owner.target).endswith(COUNTER) for owner in owners):
            raise ImportedNetworkError(
                _("The network changes its own {name} while it runs: export it after model.eval().",
                  name=clean_text(owners[0].target, 60))
            )  # fmt: skip
        self._note_training()
        for name in self._output_names(step):
            self._check_new(name)
            self._nodes[name] = owners[0]
