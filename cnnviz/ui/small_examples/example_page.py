"""A small example on its page: its fields on the left, the numbers on the right, the code below.

Refuses to know: what an example computes.
"""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from cnnviz.figures.number_grids import results_html
from cnnviz.i18n import _
from cnnviz.small_examples.example import ExampleGroup, SmallExample, example_to_pytorch, run_example
from cnnviz.small_examples.examples import find_small_example
from cnnviz.small_examples.fields import ExampleError, ExampleField, FieldKind, Value
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.style import current_palette, section
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.small_examples import example_state as state
from cnnviz.ui.small_examples.links import offer_further

LINE = 24  # pixels of a line in a field
FRAME = 36
NUMBER, ROW = 200, 320  # pixels of a field of one number, and of some
FEW = 3  # words that are seen all at once


def choose_example() -> SmallExample:
    """The two controls at the top: the group, and an example of it."""
    example = state.open_example()
    st.segmented_control(
        _("Group"), [group.value for group in ExampleGroup], format_func=state.group_name, key=state.GROUP,
        required=True, on_change=state.take_group, label_visibility="collapsed",
    )  # fmt: skip
    st.pills(
        _("Example"), [one.key for one in state.examples_of(example.group)],
        format_func=lambda key: find_small_example(key).title, key=state.KEY, required=True,
        on_change=state.take_example, label_visibility="collapsed",
    )  # fmt: skip
    return example


def show_example(example: SmallExample) -> None:
    """What is to be understood and the fields; what comes out; the code that was run."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        section(example.describe())
        st.markdown(example.explain())
        values, refused = _fields(example)
        for sentence in refused:
            show_error(sentence)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                _("Usual values"), icon=":material/restart_alt:", type="tertiary", on_click=state.forget_texts,
                args=(example,), key="small_usual",
            )  # fmt: skip
            if example.is_measured:
                st.button(_("Measure again"), icon=":material/timer:", key="small_again")
    state.write_address(example)
    with right:
        _results(example, values)
    with left:
        offer_further(example.key)
    section(_("As PyTorch code: what was run here"))
    st.code(example_to_pytorch(example, values), language="python", wrap_lines=True)


def _results(example: SmallExample, values: dict[str, Value]) -> None:
    palette = current_palette()
    try:
        results = run_example(example, values)
    except ExampleError as error:
        show_error(error)
        return
    with st.container(key="small_results"):
        st.html(results_html(example, results, palette))


def _fields(example: SmallExample) -> tuple[dict[str, Value], list[str]]:
    """The values of all fields, and a sentence for each that is refused; that one counts as usual."""
    values, refused = {}, list[str]()
    for is_large, fields in groupby(example.fields, lambda field: field.kind is FieldKind.MATRIX):
        with st.container(horizontal=not is_large, vertical_alignment="bottom", gap="small"):
            for field in fields:
                try:
                    values[field.name] = _value(example, field, refused)
                except ExampleError as error:
                    refused.append(str(error))
                    values[field.name] = field.usual
    return values, refused


def _value(example: SmallExample, field: ExampleField, refused: list[str]) -> Value:
    key = state.field_key(example.key, field.name)
    if field.kind is FieldKind.WHOLE:
        first = state.whole_at_first(example, field)
        st.session_state.setdefault(key, first)
        value = whole_number(field.label, int(field.least), int(field.most), first, refused, is_laid=True, key=key,
                             width=NUMBER)  # fmt: skip
        return state.take_text(example, field, str(value))
    st.session_state.setdefault(key, state.text_at_first(example, field))
    if field.kind is FieldKind.WORD:
        if st.session_state[key] not in field.words:
            st.session_state[key] = field.usual
        text = _word(field, key)
    elif field.kind is FieldKind.MATRIX:
        rows = str(st.session_state[key]).count("\n") + 1
        text = st.text_area(field.label, key=key, height=max(68, min(260, LINE * rows + FRAME)))
    else:
        text = st.text_input(field.label, key=key, width=NUMBER if field.kind is FieldKind.REAL else ROW)
    return state.take_text(example, field, text or "")


def _word(field: ExampleField, key: str) -> str | None:
    if len(field.words) > FEW:
        return st.selectbox(field.label, field.words, format_func=field.title_of, key=key, width=ROW)
    return st.segmented_control(field.label, field.words, format_func=field.title_of, required=True, key=key)
