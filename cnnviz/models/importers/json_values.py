"""JSON from outside, read strictly: each value is asked for by its name and kind, and a wrong one is one sentence.

Refuses to know: what the names mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cnnviz.checks import is_number, is_truth, is_whole
from cnnviz.i18n import _
from cnnviz.models.importers.records import ImportedNetworkError, clean_text, import_refusal

Record = Mapping[str, Any]
LARGEST_WHOLE = 2**63 - 1
LARGEST = 1e300
INFINITIES = {"Infinity": float("inf"), "-Infinity": float("-inf")}  # as torch writes what JSON has no number for


def parse_json(data: bytes | bytearray, name: str) -> Record:
    """A JSON object, in which no name occurs twice. Raises: ImportedNetworkError.

    >>> from cnnviz.models.importers.json_values import parse_json
    >>> parse_json(b'{"nodes": []}', "model.json")
    {'nodes': []}
    """
    try:
        value = json.loads(bytes(data).decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise import_refusal(
            clean_text(name), _("JSON, each name once, not nested too deeply"), clean_text(error, 60),
            _("save the network again"),
        ) from error  # fmt: skip
    return as_record(value, name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(word)


def _wrong(name: str, rule: str, value: object) -> Exception:
    return import_refusal(clean_text(name), rule, clean_text(value, 30), _("save the network again"))


def as_record(value: object, name: str) -> Record:
    """`value`, a JSON object. Raises: ImportedNetworkError."""
    if not isinstance(value, dict):
        raise _wrong(name, _("a JSON object"), value)
    return value


def as_list(value: object, name: str) -> list[Any]:
    """`value`, a JSON array. Raises: ImportedNetworkError."""
    if not isinstance(value, list):
        raise _wrong(name, _("a JSON array"), value)
    return value


def as_text(value: object, name: str) -> str:
    """`value`, a text. Raises: ImportedNetworkError."""
    if not isinstance(value, str):
        raise _wrong(name, _("a text"), value)
    return value


def as_bool(value: object, name: str) -> bool:
    """`value`, true or false. Raises: ImportedNetworkError."""
    if not is_truth(value):
        raise _wrong(name, _("true or false"), value)
    return value


def as_whole(value: object, name: str, least: int = -LARGEST_WHOLE - 1, most: int = LARGEST_WHOLE) -> int:
    """`value`, a whole number within its bounds. Raises: ImportedNetworkError."""
    if not is_whole(value, least, most):
        raise _wrong(name, _("a whole number from {least} to {most}", least=least, most=most), value)
    return value


def as_number(value: object, name: str) -> float:
    """`value`, a number or an infinity. Raises: ImportedNetworkError.

    >>> from cnnviz.models.importers.json_values import as_number
    >>> as_number("Infinity", "max")
    inf
    """
    if isinstance(value, str) and value in INFINITIES:
        return INFINITIES[value]
    if not is_number(value, -LARGEST, LARGEST):
        raise _wrong(name, _("a number"), value)
    return float(value)


def get_record(record: Record, name: str) -> Record:
    """The JSON object called `name`. Raises: ImportedNetworkError."""
    return as_record(record.get(name), name)


def get_list(record: Record, name: str) -> list[Any]:
    """The JSON array called `name`. Raises: ImportedNetworkError."""
    return as_list(record.get(name), name)


def get_text(record: Record, name: str) -> str:
    """The text called `name`. Raises: ImportedNetworkError."""
    return as_text(record.get(name), name)


def only_entry(value: object, name: str) -> tuple[str, Any]:
    """(kind, value) of a JSON object with one name, as the schema writes what may be of several kinds.

    Raises: ImportedNetworkError.
    """
    record = as_record(value, name)
    if len(record) != 1:
        raise _wrong(name, _("a JSON object with one name"), list(record)[:3])
    return next(iter(record.items()))


def known_size(value: object, name: str) -> int | None:
    """A size that is a number; None where it may change (`as_expr`), whose expression is never read."""
    kind, size = only_entry(value, name)
    return as_whole(size, name) if kind == "as_int" else None


def size_or_hint(value: object, name: str) -> int:
    """A size, or the number that stands beside one that may change. Raises: ImportedNetworkError."""
    kind, size = only_entry(value, name)
    if kind == "as_int":
        return as_whole(size, name)
    hint = as_record(as_record(size, name).get("hint"), name).get("as_int") if kind == "as_expr" else None
    if hint is None:
        raise ImportedNetworkError(
            _("The size {name} is not a number: export the network with a fixed size.", name=clean_text(name))
        )
    return as_whole(hint, name)
