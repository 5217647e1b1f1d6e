"""One part of a network as a value: its kind and its numbers, each checked on its own.

Refuses to know: torch, what arrives at the part (`inspection`), and how it is built (`building`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from cnnviz.checks import check_truth, check_whole, check_word, demand, is_number
from cnnviz.i18n import _

W = TypeVar("W", bound=StrEnum)
AUTOMATIC = 0  # inputs: as many as arrive; outputs of a fully connected layer: one for each class
MOST_CHANNELS, MOST_UNITS, LARGEST_KERNEL, MOST_STRIDE, MOST_PADDING = 512, 100_000, 31, 8, 15


class BlueprintError(ValueError):
    """A blueprint, or a part of one, that is not possible; its text is one sentence for the reader."""


class PartKind(StrEnum):
    """What a part does."""

    CONV = "conv"
    ACTIVATION = "activation"
    POOL = "pool"
    DROPOUT = "dropout"  # of single values
    DROPOUT2D = "dropout2d"  # of whole maps
    BATCH_NORM = "batch_norm"
    FLATTEN = "flatten"
    LINEAR = "linear"
    RESIDUAL = "residual"  # a convolution (and normalisation), an activation, plus what came in
    GLOBAL_AVERAGE = "global_average"


class Activation(StrEnum):
    """The non-linearities that there are; "none" lets everything pass."""

    RELU = "relu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    LEAKY_RELU = "leaky_relu"
    GELU = "gelu"
    NONE = "none"


class Pooling(StrEnum):
    """How a pooling window becomes one number."""

    MAX = "max"
    AVERAGE = "average"


FIELDS: dict[PartKind, tuple[str, ...]] = {
    PartKind.CONV: ("outputs", "inputs", "kernel", "stride", "padding"),
    PartKind.ACTIVATION: ("function",),
    PartKind.POOL: ("pooling", "kernel", "stride", "padding"),
    PartKind.DROPOUT: ("share",),
    PartKind.DROPOUT2D: ("share",),
    PartKind.BATCH_NORM: ("inputs",),
    PartKind.FLATTEN: (),
    PartKind.LINEAR: ("outputs", "inputs"),
    PartKind.RESIDUAL: ("inputs", "kernel", "function", "is_normalised"),
    PartKind.GLOBAL_AVERAGE: (),
}


@dataclass(frozen=True)
class Part:
    """One part. Only the fields that its kind has (`FIELDS`) may differ from their defaults.

    `outputs` are channels or units, `inputs` those that it expects (0, `AUTOMATIC`: as many as arrive), `kernel`,
    `stride` and `padding` cells on both axes, `share` the part of the values that a dropout takes away, to four places.
    Raises: BlueprintError, one sentence, for a number out of its bounds.

    >>> from cnnviz.models.builder.layer_config import Part, PartKind, conv
    >>> Part(PartKind.CONV, outputs=16, kernel=5, padding=2) == conv(16, 5, padding=2)
    True
    """

    kind: PartKind
    outputs: int = AUTOMATIC
    inputs: int = AUTOMATIC
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    function: Activation = Activation.NONE
    pooling: Pooling = Pooling.MAX
    share: float = 0.0
    is_normalised: bool = False

    def __post_init__(self) -> None:
        self._refuse_foreign_fields()
        most = MOST_UNITS if self.kind is PartKind.LINEAR else MOST_CHANNELS
        least = 1 if self.kind is PartKind.CONV else AUTOMATIC
        for name, low, high in (
            ("outputs", least, most), ("inputs", AUTOMATIC, MOST_UNITS), ("kernel", 1, LARGEST_KERNEL),
            ("stride", 1, MOST_STRIDE), ("padding", 0, MOST_PADDING),
        ):  # fmt: skip
            check_whole(name, getattr(self, name), low, high, _("choose one in between"), BlueprintError)
        is_share = is_number(self.share, 0) and self.share < 1
        rule = _("at least 0 and below 1")
        demand(is_share, _("share of a dropout"), rule, self.share, _("0.5 is usual"), BlueprintError)
        object.__setattr__(self, "share", round(float(self.share), 4))
        check_truth("is_normalised", self.is_normalised, _("leave it out for false"), BlueprintError)

    def _refuse_foreign_fields(self) -> None:
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if field.name not in FIELDS[self.kind] and value != field.default:
                raise BlueprintError(
                    _("{kind} must have no {field}, got {got}: leave it out",
                      kind=self.kind.value, field=field.name, got=value)
                )  # fmt: skip

    def to_record(self) -> dict[str, Any]:
        """Plain words and numbers, only those that its kind has."""
        return {"kind": self.kind.value} | {name: _plain(getattr(self, name)) for name in FIELDS[self.kind]}

    @staticmethod
    def from_record(record: object) -> Part:
        """The part that a record from outside stands for. Raises: BlueprintError, one sentence."""
        if not isinstance(record, dict):
            raise BlueprintError(_("part must be an object with a kind, got {got}", got=type(record).__name__))
        kind = check_word(PartKind, "kind", record.get("kind"), BlueprintError)
        known = {field.name for field in fields(Part)}
        values: dict[str, Any] = {name: value for name, value in record.items() if name in known and name != "kind"}
        if "function" in values:
            values["function"] = check_word(Activation, "function", values["function"], BlueprintError)
        if "pooling" in values:
            values["pooling"] = check_word(Pooling, "pooling", values["pooling"], BlueprintError)
        return Part(kind, **values)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def conv(outputs: int, kernel: int = 3, *, stride: int = 1, padding: int = 0, inputs: int = AUTOMATIC) -> Part:
    """A convolution with `outputs` kernels."""
    return Part(PartKind.CONV, outputs=outputs, inputs=inputs, kernel=kernel, stride=stride, padding=padding)


def activation(function: Activation = Activation.RELU) -> Part:
    """A non-linearity, cell by cell."""
    return Part(PartKind.ACTIVATION, function=function)


def pool(kernel: int = 2, pooling: Pooling = Pooling.MAX, *, stride: int | None = None, padding: int = 0) -> Part:
    """A pooling; its stride is its window where none is given."""
    return Part(PartKind.POOL, pooling=pooling, kernel=kernel, stride=stride or kernel, padding=padding)


def linear(outputs: int = AUTOMATIC, *, inputs: int = AUTOMATIC) -> Part:
    """A fully connected layer; one unit for each class where no number is given."""
    return Part(PartKind.LINEAR, outputs=outputs, inputs=inputs)


def residual(kernel: int = 3, function: Activation = Activation.RELU, *, is_normalised: bool = False) -> Part:
    """Convolution, normalisation if wished, activation, plus what came in."""
    return Part(PartKind.RESIDUAL, kernel=kernel, function=function, is_normalised=is_normalised)


def dropout(share: float = 0.5) -> Part:
    """Takes single values away while training."""
    return Part(PartKind.DROPOUT, share=share)


def dropout2d(share: float = 0.4) -> Part:
    """Takes whole maps away while training."""
    return Part(PartKind.DROPOUT2D, share=share)


FLATTEN = Part(PartKind.FLATTEN)
BATCH_NORM = Part(PartKind.BATCH_NORM)
GLOBAL_AVERAGE = Part(PartKind.GLOBAL_AVERAGE)
