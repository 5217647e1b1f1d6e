"""The editor of a network in a session: what is on the table, kept as a plain record, and its code.

Refuses to know: what is wrong with a network (`models.builder`), how a question is answered (`network_answers`).
"""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st
import torch

from cnnviz.i18n import _
from cnnviz.models.builder import CodeForm, NetworkSpec, NetworkSpecError, adapt_to_data, spec_to_pytorch
from cnnviz.ui.app.plain_text import show_info
from cnnviz.ui.app.route_paths import BLUEPRINT, address_of
from cnnviz.ui.mount.network_editor import made, mount_network_editor, trouble
from cnnviz.ui.train.network_answers import linked, packet

FORMS = (CodeForm.SEQUENTIAL, CodeForm.MODULE, CodeForm.FUNCTIONAL)
FORM_IMAGES = 4
OURS = ("torch", "collections")  # what the code imports
PLAIN_WORD = re.compile(r"[a-z]*[0-9]*")  # the name of a layer, or of a class that was counted


def edit_blueprint(key: str, start: NetworkSpec) -> NetworkSpec:
    """Mount the editor and give the network as the reader has it, sound or not (`inspect_spec` says which).

    `start` is what stands there first, unless the link names other layers. Where its pictures or classes become
    others, the network is fitted to them and keeps its layers.
    """
    state = _table(key, start)
    _take_over(state, made(key, state["token"]))
    blueprint = NetworkSpec.from_record(state["record"])
    if (blueprint.input_shape, blueprint.classes) != (start.input_shape, start.classes):
        blueprint = adapt_to_data(blueprint, start.input_shape, start.classes)
        _put(state, blueprint)
    mount_network_editor(packet(blueprint, state["token"], address_of(BLUEPRINT)), key=key)
    return blueprint


def put_blueprint(key: str, blueprint: NetworkSpec) -> None:
    """Lay another network on the table of the editor `key`, before it is mounted."""
    _put(_table(key, blueprint), blueprint)


def trouble_of(key: str) -> dict[str, Any] | None:
    """What stands in the editor `key` and is not taken: {"is_pending", "sentence"}; None where everything is."""
    found = trouble(key)
    return found if isinstance(found, dict) and (found.get("is_pending") or found.get("sentence")) else None


def _table(key: str, start: NetworkSpec) -> dict[str, Any]:
    name = f"{key} table"
    if name not in st.session_state:
        first = linked(st.query_params.to_dict(), start)
        st.session_state[name] = {"record": first.to_record(), "token": 1}
    return st.session_state[name]


def _take_over(state: dict[str, Any], reported: object) -> None:
    """What the browser made of what lies here."""
    if reported is None or reported == state["record"]:
        return
    with suppress(NetworkSpecError):  # no browser of ours says that
        state["record"] = NetworkSpec.from_record(reported).to_record()


def _put(state: dict[str, Any], blueprint: NetworkSpec) -> None:
    """What a browser still says of the network before is overtaken."""
    state |= {"record": blueprint.to_record(), "token": state["token"] + 1}


def show_code(blueprint: NetworkSpec, key: str) -> None:
    """The network as code that runs as it is, in the form that the reader picks."""
    titles = {
        CodeForm.SEQUENTIAL: _("PyTorch, Sequential"), CodeForm.MODULE: _("PyTorch, Module"),
        CodeForm.FUNCTIONAL: _("PyTorch, functional"), CodeForm.KERAS: _("Keras"),
    }  # fmt: skip
    form = st.segmented_control(
        _("As code"), list(CodeForm), format_func=titles.__getitem__, default=CodeForm.SEQUENTIAL, required=True,
        key=f"{key} form",
    )  # fmt: skip
    try:
        st.code(spec_to_pytorch(blueprint, form or CodeForm.SEQUENTIAL), language="python", height=420, wrap_lines=True)
        if form is not CodeForm.KERAS:
            st.caption(agreement_text(blueprint))
    except NetworkSpecError as error:
        show_info(error)


def agreement_text(blueprint: NetworkSpec) -> str:
    """How far the outputs of the three PyTorch forms are apart with the same weights: they are one network."""
    return _(
        "The three PyTorch forms with the same weights, on the same {n} random images: their outputs differ by at "
        "most {difference}.",
        n=FORM_IMAGES, difference=f"{largest_difference(blueprint):.1g}",
    )  # fmt: skip


@lru_cache(maxsize=16)
def largest_difference(blueprint: NetworkSpec) -> float:
    """The largest difference between outputs of the PyTorch forms, the lines that are shown, executed.

    But for title and classes, which may come with somebody's file: no text of theirs is run, and no layer needs them.
    """
    names = tuple(str(at) for at in range(len(blueprint.classes)))
    blueprint = replace(blueprint, title="network", classes=names)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        images = torch.rand(FORM_IMAGES, *blueprint.input_shape)
        networks = [_executed(spec_to_pytorch(blueprint, form)) for form in FORMS]
        weights = list(networks[0].state_dict().values())
        outputs = []
        for network in networks:
            network.load_state_dict(dict(zip(network.state_dict(), weights, strict=True)))
            outputs.append(network.eval()(images))
    return max(float((output - outputs[0]).abs().max()) for output in outputs)


def _is_ours(node: ast.AST) -> bool:
    """Whether a piece of code is one that `spec_to_pytorch` writes: torch, plain names, no text but layers' names."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return all(str(getattr(node, "module", None) or name.name).split(".")[0] in OURS for name in node.names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return PLAIN_WORD.fullmatch(node.value) is not None
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name == "__init__" or not name.startswith("_")


def _executed(code: str) -> torch.nn.Module:
    """The network that our own lines build. They hold checked numbers only; whatever else they held is not run."""
    tree = ast.parse(code)
    docstrings = [each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)]
    if not all(_is_ours(each) or (each in docstrings and isinstance(each, ast.Constant)) for each in ast.walk(tree)):
        raise NetworkSpecError(_("The code of this network holds words that are none of ours: it is not run."))
    space: dict[str, Any] = {}
    exec(compile(tree, "network", "exec"), space)
    network = space["network"]
    assert isinstance(network, torch.nn.Module)
    return network
