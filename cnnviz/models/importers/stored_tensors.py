"""Raw bytes → tensors: sizes, strides and offset are held against the storage before a tensor is laid over it.

Refuses to know: zips, names of layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from cnnviz.checks import is_whole, sides
from cnnviz.i18n import _
from cnnviz.models.importers.json_values import Record, as_list, as_record, as_whole, known_size
from cnnviz.models.importers.records import ImportLimits, check_limit, clean_text, import_refusal

# The whole numbers that stand for kinds of numbers in a file, and no others: no complex, quantised or 8-bit floats.
DTYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16, 7: torch.float32,
    8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
STRIDED = 7
MOST_AXES = 8


@dataclass(frozen=True)
class StoredLayout:
    """How a tensor lies over its storage, counted in elements."""

    dtype: torch.dtype
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @property
    def elements(self) -> int:
        """How many elements the tensor has."""
        return prod(self.sizes)

    @property
    def end(self) -> int:
        """One past the last element of the storage that is read."""
        steps = sum((size - 1) * stride for size, stride in zip(self.sizes, self.strides, strict=True))
        return self.offset + steps + 1 if self.elements else 0


def read_layout(record: Record, name: str, limits: ImportLimits) -> StoredLayout:
    """The layout that a record of the file says. Raises: ImportedNetworkError.

    >>> from cnnviz.models.importers.records import ImportLimits
    >>> from cnnviz.models.importers.stored_tensors import read_layout
    >>> record = {"dtype": 7, "sizes": [{"as_int": 2}], "strides": [{"as_int": 1}],
    ...           "storage_offset": {"as_int": 0}, "layout": 7}
    >>> read_layout(record, "bias", ImportLimits()).end
    2
    """
    shown = clean_text(name)
    if record.get("layout") != STRIDED:
        raise import_refusal(shown, _("an ordinary tensor"), _("another kind"), _("export a network without it"))
    layout = StoredLayout(
        read_dtype(record.get("dtype"), name), _sizes(record, "sizes", name), _sizes(record, "strides", name),
        _fixed(record.get("storage_offset"), name),
    )  # fmt: skip
    if len(layout.sizes) != len(layout.strides):
        raise import_refusal(shown, _("of as many strides as sizes"), len(layout.strides), _("save it again"))
    check_limit(shown, layout.elements, limits.weight_elements, _("elements"), _("open a smaller network"))
    _check_no_overlap(layout, shown)
    return layout


def read_dtype(number: object, name: str) -> torch.dtype:
    """The kind of numbers that a number of the file stands for. Raises: ImportedNetworkError."""
    found = DTYPES.get(number) if is_whole(number) else None
    if found is None:
        raise import_refusal(
            clean_text(name), _("of a plain kind of numbers, such as float32"), _("kind {number}",
            number=clean_text(number, 20)), _("convert the network with model.float() before exporting it"),
        )  # fmt: skip
    return found


def _sizes(record: Record, key: str, name: str) -> tuple[int, ...]:
    values = as_list(record.get(key), name)
    check_limit(clean_text(name), len(values), MOST_AXES, _("axes"), _("save it again"))
    return tuple(_fixed(value, name) for value in values)


def _fixed(value: object, name: str) -> int:
    size = known_size(as_record(value, name), name)
    return as_whole(size, name, least=0)


def _check_no_overlap(layout: StoredLayout, shown: str) -> None:
    """Each element must have a place of its own: then a tensor is never larger than its storage."""
    reach = 0
    pairs = zip(layout.strides, layout.sizes, strict=True)
    for stride, size in sorted(pair for pair in pairs if pair[1] > 1):
        if stride <= reach:
            raise import_refusal(shown, _("a tensor whose elements do not overlap"),
                                 _("strides {strides}", strides=sides(layout.strides)),
                                 _("call .contiguous() on it before exporting"))  # fmt: skip
        reach += stride * (size - 1)


def lay_tensor(storage: bytearray, layout: StoredLayout, name: str) -> Tensor:
    """The tensor over its storage, no bytes copied. Raises: ImportedNetworkError where the storage is too small."""
    width = layout.dtype.itemsize
    if len(storage) % width or layout.end * width > len(storage):
        raise import_refusal(
            clean_text(name), _("within its storage of {count} bytes", count=len(storage)),
            _("{count} bytes of shape {shape}", count=layout.end * width, shape=sides(layout.sizes)),
            _("save it again"),
        )  # fmt: skip
    if not layout.elements:
        return torch.empty(layout.sizes, dtype=layout.dtype)
    return torch.frombuffer(storage, dtype=layout.dtype).as_strided(layout.sizes, layout.strides, layout.offset)


def check_finite(tensor: Tensor, name: str, may_be_infinite: bool = False) -> None:
    """Whether all weights are numbers: with a NaN nothing that is shown would mean anything.

    may_be_infinite: of a constant, such as a mask. Raises: ImportedNetworkError.
    """
    if not tensor.is_floating_point():
        return
    holds = not bool(tensor.isnan().any()) if may_be_infinite else bool(tensor.isfinite().all())
    if not holds:
        raise import_refusal(
            clean_text(name), _("finite everywhere"), _("NaN or infinity"),
            _("its training diverged, open a checkpoint from before that"),
        )  # fmt: skip


def check_shape_is(found: Sequence[int], wanted: Sequence[int | None], name: str) -> None:
    """Whether a computed shape is the one that the file says; None stands for any. Raises: ImportedNetworkError."""
    fits = len(found) == len(wanted) and all(b is None or a == b for a, b in zip(found, wanted, strict=True))
    if not fits:
        raise import_refusal(
            clean_text(name), _("of shape {shape}, as the file says",
            shape=sides("?" if size is None else size for size in wanted)),  # type: ignore[misc]
            sides(found), _("export it again, with one image as its example"),
        )  # fmt: skip
