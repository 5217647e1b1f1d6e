"""A network as a value: what goes in, which classes come out, and its parts in a row.

A blueprint may be unsound (a size that does not fit): it is what somebody is just editing. `inspect_spec` says
what is wrong and how to mend it; `build_module` refuses it. Refuses to know: torch, weights, data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from cnnviz.checks import require
from cnnviz.i18n import _
from cnnviz.models.builder.layer_config import Activation, LayerConfig, LayerKind, NetworkSpecError

Shape = tuple[int, int, int]  # channels, rows, columns
MOST_PARTS, MOST_CLASSES, LONGEST_WORD = 40, 100, 80
MOST_INPUT_CHANNELS, LARGEST_SIDE = 16, 256
_NAMES = {
    LayerKind.CONV: "conv", LayerKind.POOL: "pool", LayerKind.DROPOUT: "dropout", LayerKind.DROPOUT2D: "dropout",
    LayerKind.BATCH_NORM: "norm", LayerKind.FLATTEN: "flatten", LayerKind.LINEAR: "fc", LayerKind.RESIDUAL: "block",
    LayerKind.GLOBAL_AVERAGE: "average",
}  # fmt: skip
_ALONE = ("flatten", "fc", "average")  # without a number where there is only one


@dataclass(frozen=True)
class NetworkSpec:
    """A network as a value: frozen, hashable, equal to another with the same parts.

    `input_shape` is (channels, rows, columns); the network is to end in one score for each of `classes`.
    Raises: NetworkSpecError, one sentence, for what is out of bounds.

    >>> from cnnviz.models.builder.network_spec import NetworkSpec
    >>> from cnnviz.models.builder.layer_config import FLATTEN, linear
    >>> NetworkSpec("Mine", (1, 28, 28), ("X", "O"), (FLATTEN, linear())).names
    ('flatten', 'fc')
    """

    title: str
    input_shape: Shape
    classes: tuple[str, ...]
    parts: tuple[LayerConfig, ...]

    def __post_init__(self) -> None:
        _demand_word("title", self.title)
        rule, count = _("1 to {most}", most=MOST_CLASSES), len(self.classes)
        require(1 <= count <= MOST_CLASSES, "classes", rule, count, _("join some"), NetworkSpecError)
        for name in self.classes:
            _demand_word("class", name)
        _demand_shape(self.input_shape)
        rule, count = _("at most {most}", most=MOST_PARTS), len(self.parts)
        require(count <= MOST_PARTS, "parts", rule, count, _("remove some"), NetworkSpecError)

    @property
    def names(self) -> tuple[str, ...]:
        """What each part is called: conv1, relu1, pool1, … flatten, fc; no name occurs twice.

        >>> from cnnviz.models.builder import preset
        >>> preset("mnist_b1").names[:4]
        ('conv1', 'relu1', 'pool1', 'conv2')
        """
        stems = [_stem(part) for part in self.parts]
        total, so_far = Counter(stems), Counter[str]()
        names = []
        for stem in stems:
            so_far[stem] += 1
            names.append(stem if stem in _ALONE and total[stem] == 1 else f"{stem}{so_far[stem]}")
        return tuple(names)

    def to_record(self) -> dict[str, Any]:
        """Plain words, numbers and lists, as JSON has them; `from_record` makes the same blueprint of it."""
        return {
            "title": self.title, "input_shape": list(self.input_shape), "classes": list(self.classes),
            "parts": [part.to_record() for part in self.parts],
        }  # fmt: skip

    @staticmethod
    def from_record(record: object) -> NetworkSpec:
        """The blueprint that a record from outside stands for.

        Raises: NetworkSpecError, one sentence, for anything else.
        """
        if not isinstance(record, dict):
            raise NetworkSpecError(_("blueprint must be an object, got {got}", got=type(record).__name__))
        shape, classes, parts = (_listed(record, name) for name in ("input_shape", "classes", "parts"))
        made = tuple(LayerConfig.from_record(part) for part in parts[: MOST_PARTS + 1])
        return NetworkSpec(record.get("title", ""), tuple(shape), tuple(classes), made)  # type: ignore[arg-type]


def _stem(part: LayerConfig) -> str:
    if part.kind is LayerKind.ACTIVATION:
        return "identity" if part.function is Activation.NONE else part.function.value
    return _NAMES[part.kind]


def _listed(record: dict[Any, Any], name: str) -> list[Any]:
    value = record.get(name)
    if not isinstance(value, list) or len(value) > 1000:
        raise NetworkSpecError(_("{name} must be a list, got {got}", name=name, got=type(value).__name__))
    return value


def _demand_word(name: str, got: object) -> None:
    is_word = isinstance(got, str) and 0 < len(got) <= LONGEST_WORD
    rule = _("a word of 1 to {most} characters", most=LONGEST_WORD)
    require(is_word, name, rule, got, _("choose another"), NetworkSpecError)


def _demand_shape(shape: object) -> None:
    whole = isinstance(shape, tuple) and len(shape) == 3 and all(type(side) is int for side in shape)
    most = (MOST_INPUT_CHANNELS, LARGEST_SIDE, LARGEST_SIDE)
    if not whole or not all(1 <= side <= limit for side, limit in zip(shape, most, strict=True)):  # type: ignore[call-overload]
        raise NetworkSpecError(
            _("input_shape must be channels (1 to {channels}), rows and columns (1 to {side}), got {got}",
              channels=MOST_INPUT_CHANNELS, side=LARGEST_SIDE, got=str(shape)[:40])
        )  # fmt: skip
