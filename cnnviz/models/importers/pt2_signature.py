"""What goes into a program of torch.export and what comes out: its tensors, its one image, its outputs.

Refuses to know: steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from cnnviz.checks import sides
from cnnviz.i18n import _
from cnnviz.models.importers.json_values import (
    Record,
    as_list,
    as_record,
    get_list,
    get_record,
    get_text,
    known_size,
    only_entry,
    size_or_hint,
)
from cnnviz.models.importers.records import ImportedNetworkError, Shape, clean_text, import_refusal
from cnnviz.models.importers.stored_tensors import read_dtype

TENSOR_KINDS = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}


@dataclass(frozen=True)
class ProgramSignature:
    """tensors: value in the graph → (dotted name, whether it is a parameter). outputs: the tensors that come out."""

    tensors: dict[str, tuple[str, bool]]
    image: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class ImageInput:
    """What the image must be; batch: how many the file's example had, None where any number goes in."""

    shape: Shape
    batch: int | None
    dtype: torch.dtype


def read_signature(record: Record) -> ProgramSignature:
    """Raises: ImportedNetworkError for what is not one image in, and tensors out."""
    tensors: dict[str, tuple[str, bool]] = {}
    images: list[str] = []
    for kind, spec in _specs(record, "input_specs"):
        if kind in TENSOR_KINDS:
            value = get_text(get_record(spec, "arg"), "name")
            if value in tensors:
                raise import_refusal(_("input {name}", name=clean_text(value, 40)), _("in the file once"), _("twice"),
                                     _("save the network again"))  # fmt: skip
            tensors[value] = (get_text(spec, TENSOR_KINDS[kind]), kind == "parameter")
        elif kind == "user_input":
            images += _tensor_names([spec])
        elif kind != "constant_input":
            raise import_refusal(_("network"), _("one of tensors alone"), clean_text(kind, 40),
                                 _("export a network without objects of its own"))  # fmt: skip
    outputs = [spec for kind, spec in _specs(record, "output_specs") if kind == "user_output"]
    return ProgramSignature(tensors, _only_image(images), tuple(_tensor_names(outputs)))


def _only_image(images: list[str]) -> str:
    if len(images) != 1:
        raise ImportedNetworkError(
            _("The network must take one image, got {count} inputs: wrap it in a module that takes one.",
              count=len(images))
        )  # fmt: skip
    return images[0]


def _specs(record: Record, key: str) -> list[tuple[str, Record]]:
    pairs = [only_entry(entry, key) for entry in get_list(record, key)]
    return [(kind, as_record(value, kind)) for kind, value in pairs]


def _tensor_names(specs: list[Record]) -> list[str]:
    entries = [only_entry(spec.get("arg"), "signature") for spec in specs]
    return [get_text(as_record(value, kind), "name") for kind, value in entries if kind == "as_tensor"]


def read_image_input(record: Record, name: str) -> ImageInput:
    """What the file's example was. Raises: ImportedNetworkError for anything but a batch of images."""
    sizes = as_list(record.get("sizes"), name)
    shape = [size_or_hint(size, name) for size in sizes]
    if len(shape) != 4:
        raise ImportedNetworkError(
            _("The network must take a batch of images (n, channels, rows, columns), got {shape}: export it for such "
              "an input.", shape=sides(shape) or "1")
        )  # fmt: skip
    _batch, channels, rows, cols = shape
    return ImageInput((channels, rows, cols), known_size(sizes[0], name), read_dtype(record.get("dtype"), name))
