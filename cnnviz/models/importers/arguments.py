"""The arguments of an operator as a file writes them → values, by the names of the operator's own schema.

What a file leaves out is completed from the schema; what no operator of the table takes is refused.
Refuses to know: what operators do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import fx
from torch._ops import OpOverload

from cnnviz.i18n import _
from cnnviz.models.importers.json_values import (
    LARGEST_WHOLE,
    as_bool,
    as_list,
    as_number,
    as_record,
    as_text,
    as_whole,
    get_text,
    only_entry,
)  # fmt: skip
from cnnviz.models.importers.operators import EQUATION, WORDS
from cnnviz.models.importers.records import ImportedNetworkError, clean_text, import_refusal
from cnnviz.models.importers.stored_tensors import read_dtype

LARGEST_SIZE = 2**31 - 1
MEMORY_FORMATS = {
    1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format,
}  # fmt: skip
MAY_BE_HUGE = ("start", "end")  # of a slice: "to the end" is the largest number there is
Bound = dict[str, Any]


class Scope(Protocol):
    """What is known where a step stands."""

    def node(self, name: str) -> fx.Node:
        """The step that gave the tensor called `name`."""

    def size(self, name: str) -> int:
        """The size called `name`."""


def bind_arguments(overload: OpOverload, inputs: list[Any], scope: Scope, step: str) -> Bound:
    """The arguments by name, all of them that have a place, defaults filled in.

    Raises: ImportedNetworkError for a name that the operator does not have, or a kind that it cannot take.
    """
    schema = overload._schema.arguments
    names = [argument.name for argument in schema]
    found: Bound = {}
    for entry in inputs:
        record = as_record(entry, step)
        name = get_text(record, "name")
        name = names[0] if name == "self" and name not in names else name  # as the form in place is called
        if name not in names or name in found:
            raise _wrong(step, overload, _("one argument {name}", name=clean_text(name, 40)))
        found[name] = read_argument(record.get("arg"), name, scope)
    for argument in schema:
        if argument.name not in found and not argument.kwarg_only:
            if not argument.has_default_value():
                raise _wrong(step, overload, _("a value for {name}", name=argument.name))
            found[argument.name] = argument.default_value
    return found


def arrange(overload: OpOverload, bound: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments by name → those with a place, in their order, and those by name."""
    schema = overload._schema.arguments
    args = tuple(bound[argument.name] for argument in schema if not argument.kwarg_only)
    named = {a.name: bound[a.name] for a in schema if a.kwarg_only and bound.get(a.name) is not None}
    return args, named


def _wrong(step: str, overload: OpOverload, rule: str) -> ImportedNetworkError:
    return ImportedNetworkError(
        _("operation {name} ({operator}) must have {rule}: save the network again", name=clean_text(step, 60),
          operator=overload.name(), rule=rule)
    )  # fmt: skip


def read_argument(value: object, name: str, scope: Scope) -> Any:
    """The value of one argument."""
    kind, content = only_entry(value, name)
    reader = _READERS.get(kind)
    if reader is None:
        raise import_refusal(
            clean_text(name, 40), _("a tensor, a number or a list of them"), clean_text(kind, 40),
            _("open a network without control flow and without objects of its own"),
        )  # fmt: skip
    return reader(content, name, scope)


def _whole(value: object, name: str) -> int:
    most = LARGEST_WHOLE if name in MAY_BE_HUGE else LARGEST_SIZE
    return as_whole(value, name, -most, most)


def _node(value: object, name: str, scope: Scope) -> fx.Node:
    return scope.node(get_text(as_record(value, name), "name"))


def _optional_node(value: object, name: str, scope: Scope) -> fx.Node | None:
    kind, content = only_entry(value, name)
    return None if kind == "as_none" else _node(content, name, scope)


def _size(value: object, name: str, scope: Scope) -> int:
    kind, content = only_entry(value, name)
    return scope.size(as_text(content, name)) if kind == "as_name" else _whole(content, name)


def _word(value: object, name: str) -> str:
    word = as_text(value, name)
    if name == "equation" and EQUATION.fullmatch(word):
        return word
    if word not in WORDS:
        raise import_refusal(clean_text(name, 40), _("one of {known}", known=", ".join(WORDS)), clean_text(word, 40),
                             _("export the network again"))  # fmt: skip
    return word


def _memory_format(value: object, name: str) -> torch.memory_format:
    found = MEMORY_FORMATS.get(value) if isinstance(value, int) else None
    if found is None:
        raise import_refusal(clean_text(name, 40), _("a known layout of memory"), clean_text(value, 20),
                             _("export the network again"))  # fmt: skip
    return found


def _each(read: Callable[..., Any], *more: str) -> Callable[[object, str, Scope], list[Any]]:
    """A reader of a list, from one of its entries; "scope": it needs to know where it stands."""

    def read_list(value: object, name: str, scope: Scope) -> list[Any]:
        given = (scope,) if more else ()
        return [read(entry, name, *given) for entry in as_list(value, name)]

    return read_list


def _plain(read: Callable[[object, str], Any]) -> Callable[[object, str, Scope], Any]:
    return lambda value, name, _scope: read(value, name)


_READERS: dict[str, Callable[[object, str, Scope], Any]] = {
    "as_none": lambda _value, _name, _scope: None,
    "as_tensor": _node,
    "as_tensors": _each(_node, "scope"),
    "as_optional_tensor": _optional_node,
    "as_optional_tensors": _each(_optional_node, "scope"),
    "as_int": _plain(_whole),
    "as_ints": _each(_whole),
    "as_float": _plain(as_number),
    "as_floats": _each(as_number),
    "as_bool": _plain(as_bool),
    "as_bools": _each(as_bool),
    "as_string": _plain(_word),
    "as_sym_int": _size,
    "as_sym_ints": _each(_size, "scope"),
    "as_scalar_type": _plain(read_dtype),
    "as_memory_format": _plain(_memory_format),
    "as_layout": lambda _value, _name, _scope: None,
    "as_device": lambda _value, _name, _scope: None,
}
