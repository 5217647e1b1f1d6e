"""An ONNX file → its graph and its tensors, checked: nothing outside the file is opened, no tensor larger than said.

`onnx` is imported when the first file is read. `onnx.load` would follow paths in a file (CVE-2025-51480); only
`load_model_from_string` is used, and every external tensor is refused.
Refuses to know: operators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from cnnviz.i18n import _
from cnnviz.machine.extras import describe_missing
from cnnviz.models.importers.onnx_wire import count_structure
from cnnviz.models.importers.records import (
    ImportedNetworkError,
    ImportLimits,
    Shape,
    check_limit,
    clean_text,
    import_refusal,
)
from cnnviz.models.importers.stored_tensors import check_finite

DTYPES = {
    1: torch.float32, 2: torch.uint8, 3: torch.int8, 5: torch.int16, 6: torch.int32, 7: torch.int64, 9: torch.bool,
    10: torch.float16, 11: torch.float64, 16: torch.bfloat16,
}  # fmt: skip
OUR_DOMAINS = ("", "ai.onnx")
LEAST_OPSET, MOST_OPSET = 7, 26
MOST_AXES = 8
Proto = Any  # a message of the `onnx` package, which has no types


@dataclass(frozen=True, eq=False)
class OnnxFile:
    """What stands in the file; constants: its tensors by name. batch: None where any number of images goes in."""

    nodes: tuple[Proto, ...]
    constants: dict[str, Tensor]
    image: str
    shape: Shape
    batch: int | None
    dtype: torch.dtype
    outputs: tuple[str, ...]
    sizes: dict[str, tuple[int | None, ...]]
    opset: int
    producer: str


def read_onnx_file(content: bytes, limits: ImportLimits) -> OnnxFile:
    """What an ONNX file holds. Raises: ImportedNetworkError, one sentence."""
    check_limit(_("file"), len(content), limits.file_bytes, _("bytes"), _("open a smaller network"))
    _check_structure(content, limits)
    model = _parse(content)
    opset = _read_opset(model)
    if len(model.functions):
        raise import_refusal(_("network"), _("one without functions of its own"), len(model.functions),
                             _("export it with its functions inlined"))  # fmt: skip
    graph = model.graph
    check_limit(_("network"), len(graph.node), limits.nodes, _("operations"), _("open a smaller network"))
    check_limit(_("network"), len(graph.initializer), limits.tensors, _("tensors"), _("open a smaller network"))
    if len(graph.sparse_initializer):
        raise import_refusal(_("network"), _("one of ordinary tensors"), _("sparse ones"), _("export it without them"))
    constants: dict[str, Tensor] = {}
    for tensor in graph.initializer:
        if tensor.name in constants:
            raise import_refusal(_("tensor {name}", name=clean_text(tensor.name, 60)), _("in the file once"),
                                 _("twice"), _("export the network again"))  # fmt: skip
        constants[tensor.name] = read_onnx_tensor(tensor, limits)
    image = _only_image([entry for entry in graph.input if entry.name not in constants])
    sizes = dict(_known_sizes([*graph.value_info, *graph.output]))
    outputs = tuple(entry.name for entry in graph.output)
    return OnnxFile(
        tuple(graph.node), constants, image.name, *_image_shape(image), outputs, sizes, opset,
        clean_text(f"{model.producer_name or 'unknown'} {model.producer_version}".strip(), 60),
    )  # fmt: skip


def _check_structure(content: bytes, limits: ImportLimits) -> None:
    try:
        count = count_structure(content, limits.json_bytes)
    except ValueError as error:
        raise damaged_onnx() from error
    check_limit(_("file without its weights"), count, limits.json_bytes, _("bytes"), _("open a smaller network"))


def _parse(content: bytes) -> Proto:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError as error:
        raise ImportedNetworkError(describe_missing(error, "onnx", _("an ONNX file"))) from error
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise damaged_onnx() from error
    if not model.HasField("graph") or not len(model.graph.node):
        raise damaged_onnx()
    if not all(isinstance(text, str) for text in _texts(model)):  # bytes that are no UTF-8
        raise damaged_onnx()
    return model


def _texts(model: Proto) -> Iterator[Any]:
    """Every text that is read of a file."""
    graph = model.graph
    yield from (model.producer_name, model.producer_version, *(entry.domain for entry in model.opset_import))
    yield from (entry.name for entry in (*graph.initializer, *graph.input, *graph.output, *graph.value_info))
    for node in graph.node:
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
        yield from (entry.value for entry in node.metadata_props)
        yield from (attribute.t.name for attribute in node.attribute)


def damaged_onnx() -> ImportedNetworkError:
    """What is said of bytes that are no ONNX file: to be raised."""
    return ImportedNetworkError(_("This is not a whole ONNX file: export it again, or upload it again."))


def _read_opset(model: Proto) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in OUR_DOMAINS]
    if len(versions) != 1 or not LEAST_OPSET <= versions[0] <= MOST_OPSET:
        raise import_refusal(
            _("opset"), _("from {least} to {most}", least=LEAST_OPSET, most=MOST_OPSET),
            ", ".join(map(str, versions[:3])) or _("none"), _("export the network with another opset, such as 18"),
        )  # fmt: skip
    return int(versions[0])


def read_onnx_tensor(tensor: Proto, limits: ImportLimits) -> Tensor:
    """A tensor of the file. Raises: ImportedNetworkError for one outside it, too large, or of an unusual kind."""
    from onnx import TensorProto, numpy_helper

    shown = _("tensor {name}", name=clean_text(tensor.name or "?", 60))
    if tensor.data_location == TensorProto.EXTERNAL or len(tensor.external_data):
        raise ImportedNetworkError(
            _("The {name} lies in a second file, which is not opened: save the network as one file "
              "(external_data=False).", name=shown)
        )  # fmt: skip
    dtype = DTYPES.get(tensor.data_type)
    if dtype is None:
        raise import_refusal(shown, _("of a plain kind of numbers, such as float32"),
                             _("kind {number}", number=tensor.data_type), _("export it in float32"))  # fmt: skip
    dims = tuple(tensor.dims)
    if len(dims) > MOST_AXES or any(size < 0 for size in dims):
        raise import_refusal(shown, _("of sizes that are not negative"), clean_text(dims, 40), _("export it again"))
    check_limit(shown, prod(dims), limits.weight_elements, _("elements"), _("open a smaller network"))
    if tensor.HasField("raw_data") and len(tensor.raw_data) != prod(dims) * dtype.itemsize:
        raise damaged_onnx()
    try:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind not in "fiub":  # bfloat16, which NumPy does not have
            values = values.astype("float32")
        found = torch.from_numpy(values.copy()).to(dtype)
    except (ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise damaged_onnx() from error
    if found.shape != dims:
        raise damaged_onnx()
    check_finite(found, tensor.name or "?", may_be_infinite=True)
    return found


def _only_image(inputs: list[Proto]) -> Proto:
    if len(inputs) != 1:
        raise ImportedNetworkError(
            _("The network must take one image, got {count} inputs: wrap it in a module that takes one.",
              count=len(inputs))
        )  # fmt: skip
    return inputs[0]


def _sizes_of(entry: Proto) -> tuple[int | None, ...] | None:
    """The sizes of a value, None for those that may change; None where the file says nothing of them."""
    kind = entry.type.tensor_type
    if not entry.type.HasField("tensor_type") or not kind.HasField("shape"):
        return None
    return tuple(size.dim_value if size.HasField("dim_value") else None for size in kind.shape.dim)


def _known_sizes(entries: list[Proto]) -> Iterator[tuple[str, tuple[int | None, ...]]]:
    for entry in entries:
        sizes = _sizes_of(entry)
        if sizes is not None:
            yield entry.name, sizes


def _image_shape(image: Proto) -> tuple[Shape, int | None, torch.dtype]:
    sizes = _sizes_of(image)
    if sizes is None or len(sizes) != 4:
        shown = "×".join("?" if size is None else str(size) for size in sizes or ())
        raise ImportedNetworkError(
            _("The network must take a batch of images (n, channels, rows, columns), got {shape}: export it for such "
              "an input.", shape=shown or "?")
        )  # fmt: skip
    batch, channels, rows, cols = sizes
    if channels is None or rows is None or cols is None:
        raise import_refusal(_("image"), _("of a fixed size"), _("one that may change"),
                             _("export the network without dynamic axes for rows and columns"))  # fmt: skip
    dtype = DTYPES.get(image.type.tensor_type.elem_type)
    if dtype is None:
        raise import_refusal(_("image"), _("of a plain kind of numbers, such as float32"), _("another kind"),
                             _("export the network in float32"))  # fmt: skip
    return (channels, rows, cols), batch or None, dtype
