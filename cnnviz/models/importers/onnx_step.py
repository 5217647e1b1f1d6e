"""One step of an ONNX graph, and the table of translators: each says with PyTorch's operators what the step does.

A value is a step of the network (`fx.Node`) or a constant (`Tensor`). What depends on constants alone and is small (a
shape, an index) is worked out at once; a large constant becomes a tensor of the network when it is first used.
Refuses to know: files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from keyword import iskeyword
from math import prod
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import OpOverload

from cnnviz.i18n import _
from cnnviz.models.importers.assemble import NetworkAssembler
from cnnviz.models.importers.onnx_file import OnnxFile, Proto, read_onnx_tensor
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits, clean_text, import_refusal

Value = fx.Node | Tensor
SMALL = 100_000  # elements of a constant that is worked out at once
LARGEST_SIZE = 2**31 - 1
LONGEST_LIST = 64
FLOAT, INT, STRING, TENSOR, FLOATS, INTS = 1, 2, 3, 4, 6, 7  # kinds of attributes
Translator = Callable[["OnnxStep"], "Value | list[Value]"]
TRANSLATORS: dict[str, Translator] = {}


def translates(*operators: str) -> Callable[[Translator], Translator]:
    """Register the decorated function for operators of ONNX."""

    def register(translate: Translator) -> Translator:
        TRANSLATORS.update(dict.fromkeys(operators, translate))
        return translate

    return register


class OnnxValues:
    """The values of a graph by their names, and the names that they have in the network."""

    def __init__(self, file: OnnxFile, build: NetworkAssembler) -> None:
        self.build = build
        self.notes: list[str] = []
        self._values: dict[str, Value] = dict(file.constants)
        self._names = {id(tensor): name for name, tensor in file.constants.items()}
        self._readers: dict[int, fx.Node] = {}
        self._kept: list[Tensor] = []  # so that no id comes twice
        self._taken: set[str] = set()

    def get(self, name: str) -> Value:
        """The value called `name`. Raises: ImportedNetworkError where no step before has given it."""
        if name not in self._values:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed before it is used"),
                                 _("none"), _("export the network again"))  # fmt: skip
        return self._values[name]

    def add(self, name: str, value: Value) -> None:
        """What a step gives."""
        if name in self._values:
            raise import_refusal(_("value {name}", name=clean_text(name, 60)), _("computed once"), _("twice"),
                                 _("export the network again"))  # fmt: skip
        self._values[name] = value

    def plain_name(self, name: str, letters: str = "A-Za-z0-9_") -> str:
        """A name as Python allows it, that no other value has."""
        plain = re.sub(f"[^{letters}]+", "_", name).strip("_.")[-100:].strip(".") or "value"
        plain = plain if not plain[0].isdigit() or "." in letters else f"_{plain}"
        number, found = 1, plain
        while found in self._taken or found == "self" or iskeyword(found):
            number, found = number + 1, f"{plain}_{number}"
        self._taken.add(found)
        return found

    def node(self, value: Value) -> fx.Node:
        """A value as a step: a constant becomes a tensor of the network."""
        if isinstance(value, fx.Node):
            return value
        if id(value) not in self._readers:
            name = self.tensor_name(self._names.get(id(value), "constant"))
            self.build.add_tensor(name, value, value.is_floating_point())
            self._readers[id(value)] = self.build.read_tensor(self.plain_name(f"p_{name}"), name)
            self._kept.append(value)
        return self._readers[id(value)]

    def tensor_name(self, name: str) -> str:
        """The dotted name of the file where it can be one, else the same with underscores."""
        dotted = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,60}(\.[A-Za-z0-9_]{1,60}){0,20}", name)
        wanted = name if dotted else re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[-60:] or "constant"
        found, number = wanted, 1
        while self._is_taken(found):
            number, found = number + 1, f"{wanted}_{number}".replace(".", "_")
        self._taken.add(f"t {found}")
        return found

    def _is_taken(self, name: str) -> bool:
        """Whether a tensor has this name, or is what this name would lie in, or lies in it."""
        known = [other[2:] for other in self._taken if other.startswith("t ")]
        related = any(f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}.") for other in known)
        return related or hasattr(fx.GraphModule, name.split(".")[0])

    def rename(self, old: Tensor, new: Tensor) -> Tensor:
        """`new` takes the name of the tensor that it was made of."""
        if id(old) in self._names:
            self._names[id(new)] = self._names[id(old)]
        self._kept.append(new)
        return new


class OnnxStep:
    """A step to be translated: its inputs, its attributes, and `call`, which adds an operator of PyTorch."""

    def __init__(self, proto: Proto, values: OnnxValues, opset: int, limits: ImportLimits, facts: dict[str, Any]):
        self.proto, self.values, self.opset = proto, values, opset
        self._limits, self._facts = limits, facts
        self._attributes = {attribute.name: attribute for attribute in proto.attribute}

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return len(self.proto.input)

    def refusal(self, rule: str, got: object, way_out: str | None = None) -> Exception:
        """The error that says what this step must be: to be raised."""
        shown = f"{clean_text(self.proto.op_type, 40)} {clean_text(self.proto.name or '', 40)}".strip()
        return import_refusal(_("operation {name}", name=shown), rule, clean_text(got, 40),
                              way_out or _("export the network another way"))  # fmt: skip

    def optional(self, place: int) -> Value | None:
        """The input at `place`; None where it is left out."""
        names = self.proto.input
        return self.values.get(names[place]) if place < len(names) and names[place] else None

    def input(self, place: int = 0) -> Value:
        """The input at `place`. Raises: ImportedNetworkError where there is none."""
        found = self.optional(place)
        if found is None:
            raise self.refusal(_("one with {count} inputs", count=place + 1), self.count)
        return found

    def constant(self, place: int) -> Tensor | None:
        """The input at `place`, which must not depend on the image; None where it is left out."""
        found = self.optional(place)
        if isinstance(found, fx.Node):
            raise self.refusal(_("one whose input {place} is a constant", place=place + 1), _("a computed value"))
        return found

    def whole_numbers(self, place: int, attribute: str = "") -> list[int] | None:
        """The whole numbers at `place`, or in the attribute that stood for them in older versions."""
        found = self.constant(place)
        if found is None:
            return self.wholes(attribute) if attribute in self._attributes else None
        if found.is_floating_point() or found.dim() > 1 or found.numel() > LONGEST_LIST:
            raise self.refusal(_("one with a short list of whole numbers"), tuple(found.shape))
        return [int(number) for number in found.reshape(-1).tolist()]

    def shape(self, value: Value) -> tuple[int, ...]:
        """The shape of a value."""
        return tuple((self.values.build.value(value) if isinstance(value, fx.Node) else value).shape)

    def dtype(self, value: Value) -> torch.dtype:
        """The kind of numbers of a value."""
        found = self.values.build.value(value) if isinstance(value, fx.Node) else value
        return found.dtype

    def has(self, name: str) -> bool:
        """Whether the step has an attribute."""
        return name in self._attributes

    def _attribute(self, name: str, kind: int) -> Proto | None:
        found = self._attributes.get(name)
        if found is not None and found.type != kind:
            raise self.refusal(_("one whose attribute {name} is of its own kind", name=name), found.type)
        return found

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number among the attributes."""
        found = self._attribute(name, INT)
        number = default if found is None else int(found.i)
        if abs(number) > LARGEST_SIZE:
            raise self.refusal(_("one whose {name} is small", name=name), number)
        return number

    def wholes(self, name: str, default: list[int] | None = None) -> list[int]:
        """Whole numbers among the attributes."""
        found = self._attribute(name, INTS)
        numbers = list(default or []) if found is None else [int(number) for number in found.ints]
        if len(numbers) > LONGEST_LIST:
            raise self.refusal(_("one whose {name} is short", name=name), len(numbers))
        return numbers

    def number(self, name: str, default: float) -> float:
        """A number among the attributes."""
        found = self._attribute(name, FLOAT)
        return default if found is None else float(found.f)

    def word(self, name: str, default: str = "") -> str:
        """A word among the attributes."""
        found = self._attribute(name, STRING)
        return default if found is None else bytes(found.s).decode("utf-8", "replace")

    def tensor(self, name: str) -> Tensor | None:
        """A tensor among the attributes."""
        found = self._attribute(name, TENSOR)
        return None if found is None else read_onnx_tensor(found.t, self._limits)

    def call(self, overload: OpOverload, *args: Any, **named: Any) -> Any:
        """Adds an operator; what is small and depends on no image is worked out at once."""
        parts = [part for arg in args for part in (arg if isinstance(arg, list) else [arg])]
        values = [part for part in parts if isinstance(part, fx.Node | Tensor)]
        if not any(isinstance(value, fx.Node) for value in values) and self._is_small(overload, values, args, named):
            return overload(*args, **named)
        known = [[self._as_node(part) for part in arg] if isinstance(arg, list) else self._as_node(arg) for arg in args]
        outputs = self.proto.output
        name = self.values.plain_name(outputs[0] if len(outputs) else self.proto.op_type)
        return self.values.build.call(name, overload, tuple(known), named, self._facts)

    def _as_node(self, value: Any) -> Any:
        return self.values.node(value) if isinstance(value, Tensor) else value

    def _is_small(self, overload: OpOverload, values: list[Any], args: Any, named: Any) -> bool:
        if any(value.numel() > SMALL for value in values):
            return False
        try:
            on_meta = [
                [_without_data(part) for part in arg] if isinstance(arg, list) else _without_data(arg) for arg in args
            ]
            result = overload(*on_meta, **named)
        except Exception as error:  # whatever PyTorch raises for arguments that do not fit
            raise self.refusal(_("one that fits its inputs"), str(error).split("\n")[0]) from error
        parts = result if isinstance(result, tuple | list) else [result]
        return all(prod(part.shape) <= SMALL for part in parts)

    def pick(self, value: fx.Node, index: int) -> fx.Node:
        """One of several outputs of an operator."""
        outputs = self.proto.output
        name = self.values.plain_name(outputs[index] if index < len(outputs) else self.proto.op_type)
        return self.values.build.pick(name, value, index, self._facts)

    def note(self, sentence: str) -> None:
        """Something that is read otherwise than the file says."""
        if sentence not in self.values.notes:
            self.values.notes.append(sentence)


def _without_data(value: Any) -> Any:
    return value.to("meta") if isinstance(value, Tensor) else value


def unknown_operator(proto: Proto) -> ImportedNetworkError:
    """What is said of an operator without a translator: to be raised."""
    name = f"{proto.domain}::{proto.op_type}" if proto.domain else str(proto.op_type)
    return ImportedNetworkError(
        _("The operation {name} cannot be opened: write the network without it, or export it from PyTorch with "
          "torch.export.save.", name=clean_text(name, 60))
    )  # fmt: skip
