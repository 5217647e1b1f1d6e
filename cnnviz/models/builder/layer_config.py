"""One part of a network as a value: its kind and its numbers, each checked on its own.

Refuses to know: torch, what arrives at the part (`inspection`), and how it is built (`build`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from cnnviz.checks import check_truth, check_whole, check_word, is_number, quoted, require
from cnnviz.i18n import _

W = TypeVar("W", bound=StrEnum)
AUTOMATIC = 0  # inputs: as many as arrive; outputs of a fully connected layer: one for each class
MOST_CHANNELS, MOST_UNITS, LARGEST_KERNEL, MOST_STRIDE, MOST_PADDING = 512, 100_000, 31, 8, 15


class NetworkSpecError(ValueError):
    """A blueprint, or a part of one, that is not possible; its text is one sentence for the reader.

    >>> from cnnviz.models.builder import LayerConfig, LayerKind, NetworkSpecError
    >>> try:
    ...     LayerConfig(LayerKind.CONV, outputs=0)
    ... except NetworkSpecError as error:
    ...     print(error)
    outputs must be a whole number from 1 to 512, got 0: choose one in between
    """


class LayerKind(StrEnum):
    """What a part does.

    >>> from cnnviz.models.builder import LayerKind
    >>> [kind.value for kind in LayerKind][:4]
    ['conv', 'activation', 'pool', 'dropout']
    """

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
    """The non-linearities that there are; "none" lets everything pass.

    >>> from cnnviz.models.builder import Activation
    >>> [function.value for function in Activation]
    ['relu', 'tanh', 'sigmoid', 'leaky_relu', 'gelu', 'none']
    """

    RELU = "relu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    LEAKY_RELU = "leaky_relu"
    GELU = "gelu"
    NONE = "none"


class Pooling(StrEnum):
    """How a pooling window becomes one number.

    >>> from cnnviz.models.builder import Pooling
    >>> [pooling.value for pooling in Pooling]
    ['max', 'average']
    """

    MAX = "max"
    AVERAGE = "average"


FIELDS: dict[LayerKind, tuple[str, ...]] = {
    LayerKind.CONV: ("outputs", "inputs", "kernel", "stride", "padding"),
    LayerKind.ACTIVATION: ("function",),
    LayerKind.POOL: ("pooling", "kernel", "stride", "padding"),
    LayerKind.DROPOUT: ("share",),
    LayerKind.DROPOUT2D: ("share",),
    LayerKind.BATCH_NORM: ("inputs",),
    LayerKind.FLATTEN: (),
    LayerKind.LINEAR: ("outputs", "inputs"),
    LayerKind.RESIDUAL: ("inputs", "kernel", "function", "is_normalised"),
    LayerKind.GLOBAL_AVERAGE: (),
}


@dataclass(frozen=True)
class LayerConfig:
    """One part. Only the fields that its kind has (`FIELDS`) may differ from their defaults.

    `outputs` are channels or units, `inputs` those that it expects (0, `AUTOMATIC`: as many as arrive), `kernel`,
    `stride` and `padding` cells on both axes, `share` the part of the values that a dropout takes away, to four places.
    Raises: NetworkSpecError, one sentence, for a number out of its bounds.

    >>> from cnnviz.models.builder.layer_config import LayerConfig, LayerKind, conv
    >>> LayerConfig(LayerKind.CONV, outputs=16, kernel=5, padding=2) == conv(16, 5, padding=2)
    True
    """

    kind: LayerKind
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
        most = MOST_UNITS if self.kind is LayerKind.LINEAR else MOST_CHANNELS
        least = 1 if self.kind is LayerKind.CONV else AUTOMATIC
        for name, low, high in (
            ("outputs", least, most), ("inputs", AUTOMATIC, MOST_UNITS), ("kernel", 1, LARGEST_KERNEL),
            ("stride", 1, MOST_STRIDE), ("padding", 0, MOST_PADDING),
        ):  # fmt: skip
            check_whole(name, getattr(self, name), low, high, _("choose one in between"), NetworkSpecError)
        is_share = is_number(self.share, 0) and self.share < 1
        rule = _("at least 0 and below 1")
        require(is_share, _("probability of a dropout"), rule, self.share, _("0.5 is usual"), NetworkSpecError)
        object.__setattr__(self, "share", round(float(self.share), 4))
        check_truth("is_normalised", self.is_normalised, _("leave it out for false"), NetworkSpecError)

    def _refuse_foreign_fields(self) -> None:
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if field.name not in FIELDS[self.kind] and value != field.default:
                raise NetworkSpecError(
                    _("{kind} must have no {field}, got {got}: leave it out",
                      kind=self.kind.value, field=field.name, got=quoted(value))
                )  # fmt: skip

    def to_record(self) -> dict[str, Any]:
        """Plain words and numbers, only those that its kind has."""
        return {"kind": self.kind.value} | {name: _plain(getattr(self, name)) for name in FIELDS[self.kind]}

    @staticmethod
    def from_record(record: object) -> LayerConfig:
        """The part that a record from outside stands for. Raises: NetworkSpecError, one sentence."""
        if not isinstance(record, dict):
            raise NetworkSpecError(_("part must be an object with a kind, got {got}", got=type(record).__name__))
        kind = check_word(LayerKind, "kind", record.get("kind"), NetworkSpecError)
        known = {field.name for field in fields(LayerConfig)}
        values: dict[str, Any] = {name: value for name, value in record.items() if name in known and name != "kind"}
        if "function" in values:
            values["function"] = check_word(Activation, "function", values["function"], NetworkSpecError)
        if "pooling" in values:
            values["pooling"] = check_word(Pooling, "pooling", values["pooling"], NetworkSpecError)
        return LayerConfig(kind, **values)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def conv(outputs: int, kernel: int = 3, *, stride: int = 1, padding: int = 0, inputs: int = AUTOMATIC) -> LayerConfig:
    """A convolution with `outputs` kernels."""
    return LayerConfig(LayerKind.CONV, outputs=outputs, inputs=inputs, kernel=kernel, stride=stride, padding=padding)


def activation(function: Activation = Activation.RELU) -> LayerConfig:
    """A non-linearity, cell by cell."""
    return LayerConfig(LayerKind.ACTIVATION, function=function)


def pool(
    kernel: int = 2, pooling: Pooling = Pooling.MAX, *, stride: int | None = None, padding: int = 0
) -> LayerConfig:
    """A pooling; its stride is its window where none is given."""
    return LayerConfig(LayerKind.POOL, pooling=pooling, kernel=kernel, stride=stride or kernel, padding=padding)


def linear(outputs: int = AUTOMATIC, *, inputs: int = AUTOMATIC) -> LayerConfig:
    """A fully connected layer; one unit for each class where no number is given."""
    return LayerConfig(LayerKind.LINEAR, outputs=outputs, inputs=inputs)


def residual(kernel: int = 3, function: Activation = Activation.RELU, *, is_normalised: bool = False) -> LayerConfig:
    """Convolution, normalisation if wished, activation, plus what came in."""
    return LayerConfig(LayerKind.RESIDUAL, kernel=kernel, function=function, is_normalised=is_normalised)


def dropout(share: float = 0.5) -> LayerConfig:
    """Takes single values away while training."""
    return LayerConfig(LayerKind.DROPOUT, share=share)


def dropout2d(share: float = 0.4) -> LayerConfig:
    """Takes whole maps away while training."""
    return LayerConfig(LayerKind.DROPOUT2D, share=share)


FLATTEN = LayerConfig(LayerKind.FLATTEN)
BATCH_NORM = LayerConfig(LayerKind.BATCH_NORM)
GLOBAL_AVERAGE = LayerConfig(LayerKind.GLOBAL_AVERAGE)
