"""A question of the editor, answered: a network as a record in, what follows from it out. No session: a pure function.

A run of the page and the short way (`routes`) answer alike. Plain integers: nothing is built.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cnnviz.checks import sides
from cnnviz.i18n import _, current_language
from cnnviz.models.builder import (
    Inspection,
    LayerRow,
    NetworkSpec,
    NetworkSpecError,
    Problem,
    Shape,
    adapt_to_data,
    inspect_spec,
    layers_from_text,
    layers_to_text,
    preset,
    preset_keys,
)
from cnnviz.models.builder.layer_config import LayerKind
from cnnviz.models.builder.text_form import LONGEST
from cnnviz.web.network_editor.texts import editor_texts

LAYERS_NAME = "layers"  # in a link


def answer_editor(question: Mapping[str, Any]) -> bytes:
    """What the editor shows of the network in "blueprint", as JSON.

    Raises: ValueError, one sentence, for a question that is not one or a number out of its bounds.
    """
    return json.dumps(editor_view(NetworkSpec.from_record(question.get("blueprint"))), allow_nan=False).encode()


def editor_view(blueprint: NetworkSpec) -> dict[str, Any]:
    """All that is shown of `blueprint`; what is not known is None."""
    found = inspect_spec(blueprint)
    text = layers_to_text(blueprint.parts)
    return {
        "record": blueprint.to_record(),
        "rows": [_row(row) for row in found.rows],
        "ending": _problem(found.ending),
        "problem": found.problem.sentence if found.problem else "",
        **_totals(found),
        "text": text,
        "link": {"name": LAYERS_NAME, "text": text if len(text) <= LONGEST else ""},
    }


def _totals(found: Inspection) -> dict[str, str | None]:
    if found.parameters is None or found.macs is None:
        return {"parameters": None, "macs": None}
    return {"parameters": f"{found.parameters:,}", "macs": f"{found.macs:,}"}


def _row(row: LayerRow) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": row.name, "problem": _problem(row.problem), "sizes": None, "shape": None,
        "adds_input": row.part.kind is LayerKind.RESIDUAL,
    }  # fmt: skip
    if row.size is None or row.view is None:
        return shown | {"inputs": None, "outputs": None, "parameters": "", "formula": "", "sees": None}
    return shown | {
        "sizes": list(row.size.shape),
        "shape": sides(row.size.shape),
        "inputs": _arrives(row),
        "outputs": row.outputs,
        "parameters": f"{row.size.parameters:,}" if row.size.parameters else "",
        "formula": row.size.formula,
        "sees": row.view.text,
    }


def _arrives(row: LayerRow) -> int:
    """How many channels or entries come in, whatever was typed."""
    if row.arrives is None or row.size is None:
        return 0
    return row.size.inputs if row.problem is None else row.arrives[0]


def _problem(problem: Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    mends = [
        {"label": mend.label, "parts": mend.blueprint.to_record()["parts"]} for mend in problem.mends
    ]  # fmt: skip
    sentence = f"{problem.sentence[0].upper()}{problem.sentence[1:]}."
    return {"sentence": sentence, "field": problem.field, "mends": mends}


@lru_cache(maxsize=16)
def offered(shape: Shape, classes: tuple[str, ...], language: str) -> tuple[dict[str, Any], ...]:
    """The ready-made networks, fitted to pictures of `shape` and to `classes`; `language` is the one spoken now."""
    fitted = [(key, adapt_to_data(preset(key), shape, classes)) for key in preset_keys()]
    sound = [(key, made, found) for key, made in fitted if not (found := inspect_spec(made)).problem]
    return tuple(
        {
            "key": key, "title": _("{title}: {count} parameters", title=made.title, count=f"{found.parameters:,}"),
            "parts": made.to_record()["parts"], "text": layers_to_text(made.parts),
        }
        for key, made, found in sound
    )  # fmt: skip


def packet(blueprint: NetworkSpec, token: int, url: str) -> dict[str, Any]:
    """What a run of the page tells the editor; it takes the network over where `token` is another than before."""
    presets = offered(blueprint.input_shape, blueprint.classes, current_language())
    return {
        "texts": editor_texts(), "presets": list(presets), "look": editor_view(blueprint), "token": token, "url": url,
    }  # fmt: skip


def linked(query: Mapping[str, str], start: NetworkSpec) -> NetworkSpec:
    """`start` with the layers that a link names; junk is as good as nothing."""
    if LAYERS_NAME not in query:
        return start
    try:
        parts = layers_from_text(query[LAYERS_NAME])
        return NetworkSpec(start.title, start.input_shape, start.classes, parts)
    except NetworkSpecError:
        return start
