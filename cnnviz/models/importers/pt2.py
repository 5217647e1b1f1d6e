"""A network that torch.export saved (.pt2), read by a reader of our own: zip, JSON and raw bytes, nothing else.

`torch.export.load` runs code that a file brings along; this reader knows a fixed table of operators, and looks
everything that a file names up in it.
Refuses to know: how bytes become tensors (`pt2_file`), and how steps become a module (`assemble`).
"""

from __future__ import annotations

from torch import Tensor, fx

from cnnviz.checks import sides
from cnnviz.i18n import _
from cnnviz.models.importers.arguments import arrange, bind_arguments, read_argument
from cnnviz.models.importers.assemble import NetworkAssembler
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
)
from cnnviz.models.importers.operators import CHANGES_IN_PLACE, OPERATORS, PREFIX
from cnnviz.models.importers.pt2_file import Pt2File, read_pt2_file
from cnnviz.models.importers.pt2_signature import ImageInput, read_image_input, read_signature
from cnnviz.models.importers.pt2_values import ARITHMETIC, SIZE, ProgramValues
from cnnviz.models.importers.records import (
    ImportedNetwork,
    ImportedNetworkError,
    ImportLimits,
    check_limit,
    clean_text,
    import_refusal,
)
from cnnviz.models.importers.rewrites import REWRITES, evaluate
from cnnviz.models.importers.source_facts import read_source_facts
from cnnviz.models.importers.stored_tensors import check_shape_is

FORMAT = "torch.export"
ASSERTIONS = (
    "_assert_tensor_metadata.default", "_assert_scalar.default", "_assert_async.msg", "sym_constrain_range.default",
    "sym_constrain_range_for_size.default",
)  # fmt: skip
# Steps that give no value which anything shown is computed from.
CHECKS = tuple(PREFIX + name for name in ASSERTIONS) + tuple(
    f"_operator.{name}" for name in ("eq", "ne", "ge", "gt", "le", "lt", "and_", "or_", "not_")
)
COUNTER = "num_batches_tracked"  # of batch normalisation: it counts training steps


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
    return _ProgramReader(read_pt2_file(content, limits), limits).read()


class _ProgramReader:
    """Reads one program, step by step."""

    def __init__(self, file: Pt2File, limits: ImportLimits) -> None:
        self._file, self._limits = file, limits
        self._program = get_record(file.program, "graph_module")
        self._graph = get_record(self._program, "graph")
        self._shapes = get_record(self._graph, "tensor_values")
        self._build = NetworkAssembler(limits)
        self._values = ProgramValues(self._build)
        self._notes: list[str] = []
        self._has_our_batch = True

    def read(self) -> ImportedNetwork:
        """The network."""
        signature = read_signature(get_record(self._program, "signature"))
        image = self._add_image(signature.image)
        self._add_tensors(signature.tensors)
        steps = get_list(self._graph, "nodes")
        check_limit(_("network"), len(steps), self._limits.nodes, _("operations"), _("open a smaller network"))
        for step in steps:
            self._read_step(as_record(step, "nodes"))
        name = self._choose_output(signature.outputs)
        producer = clean_text(self._file.program.get("torch_version", "?"), 40)
        return ImportedNetwork(
            self._build.finish(self._values.node(name)), image.shape, image.dtype, FORMAT, f"PyTorch {producer}",
            name, signature.outputs, tuple(self._notes),
        )  # fmt: skip

    def _add_image(self, name: str) -> ImageInput:
        image = read_image_input(get_record(self._shapes, name), name)
        self._has_our_batch = image.batch == 1
        if image.batch not in (1, None):
            self._notes.append(
                _("The file was exported for {count} images at once; here one goes in.", count=image.batch)
            )
        self._values.add_node(name, self._build.add_input(name, image.shape, image.dtype))
        return image

    def _add_tensors(self, readers: dict[str, tuple[str, bool]]) -> None:
        parameters = {tensor for tensor, is_parameter in readers.values() if is_parameter}
        for name, tensor in self._file.tensors.items():
            self._build.add_tensor(name, tensor, name in parameters)
        for value, (name, _is_parameter) in readers.items():
            if name not in self._file.tensors:
                raise import_refusal(_("tensor {name}", name=clean_text(name, 60)), _("in the file"), _("none"),
                                     _("save the network again"))  # fmt: skip
            self._values.add_tensor(value, name)

    def _choose_output(self, names: tuple[str, ...]) -> str:
        """The output that is shown: the first that the image changes."""
        fitting = [name for name in names if self._build.depends_on_image(self._values.node(name))]
        if not fitting:
            raise import_refusal(_("network"), _("one whose output depends on the image"), _("none"),
                                 _("export another one"))  # fmt: skip
        if len(names) > 1:
            self._notes.append(
                _("The network has {count} outputs; {name} is shown, the first that the image changes.",
                  count=len(names), name=fitting[0])
            )  # fmt: skip
        return fitting[0]

    def _read_step(self, step: Record) -> None:
        target = get_text(step, "target")
        if target in CHECKS:
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
        if target.startswith("torch.ops.higher_order."):
            way_out = _("it comes of control flow or no_grad inside forward, take that out before exporting")
        elif "quantize" in target:
            way_out = _("it belongs to a quantised network, export the one before quantisation")
        elif target.startswith(PREFIX) and self._file.program.get("verifiers") == ["ATEN"]:
            way_out = _("save what torch.export.export gives, without run_decompositions()")
        else:
            way_out = _("write the network without it and export it again")
        shown = clean_text(target.removeprefix("torch.ops."), 60)
        return ImportedNetworkError(_("The operation {name} cannot be opened: {way_out}.", name=shown, way_out=way_out))

    def _read_size(self, step: Record, target: str) -> None:
        inputs = [as_record(entry, target) for entry in get_list(step, "inputs")]
        values = [read_argument(entry.get("arg"), target, self._values) for entry in inputs]
        for entry in get_list(step, "outputs"):
            kind, value = only_entry(entry, "outputs")
            if kind == "as_sym_int":
                self._values.add_size(as_text(as_record(value, kind).get("as_name"), kind), target, values)

    def _call(self, step: Record, target: str) -> fx.Node:
        name, inputs = _name_of(step), get_list(step, "inputs")
        if target in REWRITES:
            in_file, rewrite = REWRITES[target]
            overload, bound = rewrite(bind_arguments(in_file, inputs, self._values, name), self._build)
        else:
            overload = OPERATORS[target] if target in OPERATORS else CHANGES_IN_PLACE[target]
            bound = bind_arguments(overload, inputs, self._values, name)
        bound, is_changed = evaluate(overload, bound)
        if is_changed:
            self._note_training()
        args, named = arrange(overload, bound)
        return self._build.call(name, overload, args, named, read_source_facts(get_record(step, "metadata")))

    def _note_training(self) -> None:
        note = _("The file was exported in training mode; here the network runs as after model.eval(): batch "
                 "normalisation uses its running estimates, and dropout is inactive.")  # fmt: skip
        if note not in self._notes:
            self._notes.append(note)

    def _give_outputs(self, step: Record, node: fx.Node) -> None:
        names = _output_names(step)
        if isinstance(self._build.value(node), Tensor):  # further outputs of a decomposed step are not computed here
            for name in names[:1]:
                self._name_value(name, node)
            return
        for index, name in enumerate(names):
            if "_unused_" not in name:
                self._name_value(name, self._build.pick(name, node, index, dict(node.meta)))

    def _name_value(self, name: str, node: fx.Node) -> None:
        """Its shape is held against that in the file, where the file's example was one image too."""
        self._values.add_node(name, node)
        record = self._shapes.get(name)
        if self._has_our_batch and record is not None:
            sizes = as_list(as_record(record, name).get("sizes"), name)
            check_shape_is(self._build.value(node).shape, [known_size(size, name) for size in sizes], name)

    def _change_in_place(self, step: Record, target: str) -> None:
        """A step that changes its first argument: what it gives takes the place of the argument from here on."""
        inputs = get_list(step, "inputs")
        first = as_record(inputs[0] if inputs else None, target)
        changed = read_argument(first.get("arg"), target, self._values)
        if not isinstance(changed, fx.Node):
            raise import_refusal(clean_text(target, 60), _("of a tensor"), _("something else"), _("export it again"))
        owner = self._values.owner(changed)
        if owner is not None:
            self._skip_counter(step, owner, changed)
            return
        node = self._call(step, target)
        before, after = self._build.value(changed), self._build.value(node)
        if not isinstance(before, Tensor) or (before.shape, before.dtype) != (after.shape, after.dtype):
            raise import_refusal(clean_text(target, 60), _("of the same shape and kind as what it changes"),
                                 sides(after.shape), _("write it as x = x + y"))  # fmt: skip
        if not target.startswith(PREFIX + "detach_"):
            self._values.replace(changed, node)
        self._give_outputs(step, node)

    def _skip_counter(self, step: Record, owner: str, changed: fx.Node) -> None:
        """Training counts its steps in a buffer; whatever else a network writes down would change what it computes."""
        if not owner.endswith(COUNTER):
            raise ImportedNetworkError(
                _("The network changes its own {name} while it runs: export it after model.eval().",
                  name=clean_text(owner, 60))
            )  # fmt: skip
        self._note_training()
        for name in _output_names(step):
            self._values.add_node(name, changed)


def _name_of(step: Record) -> str:
    """The step's own name, or that of its only output."""
    names = [step.get("name"), *_output_names(step)]
    return next((name for name in names if isinstance(name, str)), "step")


def _output_names(step: Record) -> list[str]:
    names: list[str] = []
    for entry in get_list(step, "outputs"):
        kind, value = only_entry(entry, "outputs")
        many = as_list(value, kind) if kind == "as_tensors" else [value] if kind == "as_tensor" else []
        names += [get_text(as_record(each, kind), "name") for each in many]
    return names
