"""Which small example is open, and what is typed into its fields: in the address, and kept for the session.

Refuses to know: how an example is computed or shown.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.small_examples.example import ExampleGroup, SmallExample, group_title
from cnnviz.small_examples.examples import SMALL_EXAMPLES, find_small_example
from cnnviz.small_examples.fields import ExampleError, ExampleField, FieldKind, Value, format_field, parse_field

LINK = "example"
STATE, GROUP, KEY = "small_examples", "small_group", "small_key"  # in the session
KEYS = tuple(example.key for example in SMALL_EXAMPLES)
_ROW, _IN_LINK = "\n", "/"  # what divides rows in a field, and in a link


def _state() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(STATE, {"key": KEYS[0], "addressed": None, "texts": {}})
    return kept


def open_example() -> SmallExample:
    """The example that the address names, or the one that was open last."""
    state, asked = _state(), st.query_params.get(LINK)
    if asked in KEYS and asked != state["addressed"]:  # a link, or the browser's Back
        state["key"] = asked
        known = {field.name for field in find_small_example(asked).fields}
        texts = {name: text.replace(_IN_LINK, _ROW) for name, text in st.query_params.items() if name in known}
        state["texts"][asked] = state["texts"].get(asked, {}) | texts
        for name in texts:
            st.session_state.pop(field_key(asked, name), None)
    example = find_small_example(state["key"])
    st.session_state[GROUP], st.session_state[KEY] = example.group.value, example.key
    return example


def take_group() -> None:
    """Another group is chosen: its first example opens."""
    group = st.session_state[GROUP]
    _state()["key"] = next(example.key for example in SMALL_EXAMPLES if example.group == group)


def take_example() -> None:
    """Another example is chosen."""
    _state()["key"] = st.session_state[KEY]


def examples_of(group: ExampleGroup) -> list[SmallExample]:
    """The examples of a group, in their order."""
    return [example for example in SMALL_EXAMPLES if example.group is group]


def group_name(group: str) -> str:
    """A group's title."""
    return group_title(ExampleGroup(group))


def field_key(example: str, name: str) -> str:
    """The key of a field's widget."""
    return f"small_{example}_{name}"


def text_at_first(example: SmallExample, field: ExampleField) -> str:
    """What stands in a field: what was typed, or is in the link, or the usual value."""
    return str(_state()["texts"].get(example.key, {}).get(field.name, format_field(field, field.usual)))


def take_text(example: SmallExample, field: ExampleField, text: str) -> Value:
    """The value of what is typed. Raises: ExampleError, one sentence."""
    value = parse_field(field, text)
    _state()["texts"].setdefault(example.key, {})[field.name] = format_field(field, value)
    return value


def whole_at_first(example: SmallExample, field: ExampleField) -> int:
    """The same for a whole number; the usual one where the link says something else."""
    try:
        value = parse_field(field, text_at_first(example, field))
    except ExampleError:
        return int(field.usual)
    return int(value)


def forget_texts(example: SmallExample) -> None:
    """The usual values again."""
    _state()["texts"].pop(example.key, None)
    for field in example.fields:
        shown = int(field.usual) if field.kind is FieldKind.WHOLE else format_field(field, field.usual)
        st.session_state[field_key(example.key, field.name)] = shown


def write_address(example: SmallExample) -> None:
    """The example and what is not as usual, in the address."""
    state = _state()
    texts = state["texts"].get(example.key, {})
    usual = {field.name: format_field(field, field.usual) for field in example.fields}
    changed = {name: text.replace(_ROW, _IN_LINK) for name, text in texts.items() if text != usual.get(name)}
    names = {field.name for one in SMALL_EXAMPLES for field in one.fields} | {LINK}
    rest = {name: value for name, value in st.query_params.to_dict().items() if name not in names}
    wanted = rest | {LINK: example.key} | changed
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)
    state["addressed"] = example.key
