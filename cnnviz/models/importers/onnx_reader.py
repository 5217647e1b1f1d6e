"""A network in an ONNX file: a fixed table of its operators, each written with PyTorch's.

Refuses to know: how bytes become tensors (`onnx_file`), and what each operator does (`onnx_layers`, …).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from torch import Tensor, fx

from cnnviz.i18n import _
from cnnviz.models.importers import onnx_layers, onnx_pointwise, onnx_shapes
from cnnviz.models.importers.assemble import NetworkAssembler
from cnnviz.models.importers.dotted_names import is_dotted_name
from cnnviz.models.importers.onnx_file import OUR_DOMAINS, OnnxFile, Proto, read_onnx_file
from cnnviz.models.importers.onnx_step import TRANSLATORS, OnnxStep, OnnxValues, Value, unknown_operator
from cnnviz.models.importers.records import ImportedNetwork, ImportLimits, clean_text, import_refusal
from cnnviz.models.importers.source_facts import read_source_line
from cnnviz.models.importers.stored_tensors import check_shape_is

FORMAT = "ONNX"
BESIDE = "pkg.torch.onnx"  # what PyTorch's exporter calls its notes
QUOTED = re.compile(r"'([^']{0,300})'")
REGISTERED = (onnx_layers, onnx_pointwise, onnx_shapes)  # imported for the translators in them


def read_onnx(content: bytes, limits: ImportLimits | None = None) -> ImportedNetwork:
    """The network in an ONNX file, in evaluation mode; nothing is computed but small constants.

    Raises: ImportedNetworkError, one sentence, for whatever is no network that can be opened.
    """
    limits = limits or ImportLimits()
    file = read_onnx_file(content, limits)
    build = NetworkAssembler(limits)
    values = OnnxValues(file, build)
    values.add(file.image, build.add_input(values.plain_name(file.image), file.shape, file.dtype))
    for proto in file.nodes:
        _read_step(proto, file, values, limits)
    name, node = _choose_output(file, values)
    notes = [*_batch_note(file), *values.notes]
    if len(file.outputs) > 1:
        notes.append(
            _("The network has {count} outputs; {name} is shown, the first that the image changes.",
              count=len(file.outputs), name=clean_text(name, 60))
        )  # fmt: skip
    return ImportedNetwork(
        build.finish(node), file.shape, file.dtype, FORMAT, file.producer, clean_text(name, 60),
        tuple(clean_text(output, 60) for output in file.outputs), tuple(notes),
    )  # fmt: skip


def _batch_note(file: OnnxFile) -> list[str]:
    if file.batch in (1, None):
        return []
    return [_("The file was exported for {count} images at once; here one goes in.", count=file.batch)]


def _read_step(proto: Proto, file: OnnxFile, values: OnnxValues, limits: ImportLimits) -> None:
    translate = TRANSLATORS.get(proto.op_type) if proto.domain in OUR_DOMAINS else None
    if translate is None:
        raise unknown_operator(proto)
    step = OnnxStep(proto, values, file.opset, limits, read_step_facts(proto))
    result = translate(step)
    results = result if isinstance(result, list) else [result]
    used = [name for name in proto.output if name]
    if len(used) > len(results):
        raise step.refusal(_("one with {count} outputs", count=len(results)), len(used))
    for name, value in zip(proto.output, results, strict=False):
        if name:
            values.add(name, value)
            _check_shape(name, value, file, values)


def _check_shape(name: str, value: Value, file: OnnxFile, values: OnnxValues) -> None:
    """Held against the shape in the file, where that is for one image too."""
    if name in file.sizes and file.batch in (1, None):
        tensor = value if isinstance(value, Tensor) else values.build.value(value)
        check_shape_is(tensor.shape, file.sizes[name], name)


def read_step_facts(proto: Proto) -> dict[str, Any]:
    """What a node's `meta` holds: by what PyTorch's exporter writes beside a step, or by the step's name."""
    said = {entry.key: entry.value for entry in proto.metadata_props}
    scopes, types = (
        QUOTED.findall(said.get(f"{BESIDE}.{key}", "")[:20_000]) for key in ("name_scopes", "class_hierarchy")
    )
    stack = OrderedDict(
        (path, (path, clean_text(kind, 200)))
        for path, kind in zip(scopes[:-1], types, strict=False)  # the last one is the step itself
        if not path or is_dotted_name(path)
    )
    facts: dict[str, Any] = {"nn_module_stack": stack or read_scope(proto.name)}
    line = read_source_line(said.get(f"{BESIDE}.stack_trace"))
    return facts | ({"source_line": line} if line else {})


def read_scope(name: str) -> OrderedDict[str, tuple[str, str]]:
    """The modules around a step, from a name such as /layer1/layer1.0/conv1/Conv, as PyTorch's exporter gives them.

    >>> from cnnviz.models.importers.onnx_reader import read_scope
    >>> list(read_scope("/layer1/layer1.0/conv1/Conv").values())[-1]
    ('layer1.0.conv1', '')
    """
    found: OrderedDict[str, tuple[str, str]] = OrderedDict({"": ("", "")})
    path, last = "", ""
    for part in name[:400].split("/")[1:-1]:
        inner = part.removeprefix(f"{last}.") if last and part.startswith(f"{last}.") else part
        path, last = f"{path}.{inner}" if path else inner, part
        if is_dotted_name(path):
            found[path] = (path, "")
    return found


def _choose_output(file: OnnxFile, values: OnnxValues) -> tuple[str, fx.Node]:
    """The output that is shown: the first that the image changes."""
    known: list[tuple[str, Any]] = [(name, values.get(name)) for name in file.outputs]
    fitting = [
        (name, value) for name, value in known if isinstance(value, fx.Node) and values.build.depends_on_image(value)
    ]
    if not fitting:
        raise import_refusal(_("network"), _("one whose output depends on the image"), _("none"),
                             _("export another one"))  # fmt: skip
    return fitting[0]
