"""One part of a network as a value: its kind and its numbers, each checked on its own.

Refuses to know: torch, what arrives at the part (`inspection`), and how it is built (`building`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from cnnviz.messages import _

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

    >>> from cnnviz.blueprints.parts import Part, PartKind, conv
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
        _demand_whole("outputs", self.outputs, 1 if self.kind is PartKind.CONV else AUTOMATIC, most)
        _demand_whole("inputs", self.inputs, AUTOMATIC, MOST_UNITS)
        _demand_whole("kernel", self.kernel, 1, LARGEST_KERNEL)
        _demand_whole("stride", self.stride, 1, MOST_STRIDE)
        _demand_whole("padding", self.padding, 0, MOST_PADDING)
        if isinstance(self.share, bool) or not isinstance(self.share, int | float) or not 0 <= self.share < 1:
            raise BlueprintError(
                _("share of a dropout must be at least 0 and below 1, got {got}: 0.5 is usual", got=self.share)
            )
        object.__setattr__(self, "share", round(float(self.share), 4))
        if not isinstance(self.is_normalised, bool):
            raise BlueprintError(_("is_normalised must be true or false, got {got}", got=self.is_normalised))

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
        kind = _word(PartKind, "kind", record.get("kind"))
        known = {field.name for field in fields(Part)}
        values: dict[str, Any] = {name: value for name, value in record.items() if name in known and name != "kind"}
        if "function" in values:
            values["function"] = _word(Activation, "function", values["function"])
        if "pooling" in values:
            values["pooling"] = _word(Pooling, "pooling", values["pooling"])
        return Part(kind, **values)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def _word(words: type[W], name: str, got: object) -> W:
    if not isinstance(got, str) or got not in tuple(words):
        known = ", ".join(words)
        raise BlueprintError(
            _(
                "{name} must be one of {known}, got {got}: choose one of these",
                name=name,
                known=known,
                got=str(got)[:40],
            )
        )
    return words(got)


def _demand_whole(name: str, got: object, least: int, most: int) -> None:
    if isinstance(got, bool) or not isinstance(got, int) or not least <= got <= most:
        raise BlueprintError(
            _("{name} must be a whole number from {least} to {most}, got {got}: choose one in between",
              name=name, least=least, most=most, got=str(got)[:40])
        )  # fmt: skip


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
