"""The page of one training step: which drawing, which class, which step; in the session and in the link. No torch.

Refuses to know: how a step is computed (`trace_training_step`), how it is drawn (`web.training_step`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, StepTrace, trace_training_step
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.i18n import _
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.links import READING_NAMES
from cnnviz.ui.draw import draw_state
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.step.step_networks import NETWORK, network_to_link, table_of

AUTOMATIC = "auto"
RATES = (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0, 100.0)
USUAL = {OptimiserMethod.SGD: 0.003, OptimiserMethod.ADAM: 0.0001}
MOST_STEPS, MOST_MOMENTUM, MOST_DECAY = 20, 0.99, 0.1
KEPT = "one_step"  # in the session: what was chosen here, also after a visit to another page
START: dict[str, Any] = {
    "truth": AUTOMATIC, "optimiser": OptimiserMethod.SGD, "step": 1, "momentum": 0.0, "decay": 0.0,
} | {f"rate_{method.value}": rate for method, rate in USUAL.items()}  # fmt: skip
OPEN_NINE = (  # a nine whose loop is left open: the network takes it for a four
    ((0.36, 0.24), (0.33, 0.36), (0.35, 0.46), (0.45, 0.5), (0.55, 0.48), (0.63, 0.42)),
    ((0.56, 0.22), (0.64, 0.24), (0.64, 0.4), (0.62, 0.6), (0.58, 0.8)),
)


@dataclass(frozen=True, eq=False)
class StepSubject:
    """What is learned from: `image` (channels, rows, cols), the class that it is if nobody says otherwise, and why."""

    image: np.ndarray
    meant: int
    reason: str
    note: str
    network: str = NETWORK


def step_subject(network: str = NETWORK) -> StepSubject:
    """The image that lies on the table of the network; of the usual one, if there is none, one that it gets wrong."""
    if network != NETWORK:
        return _subject_of(network, table_of(network).lying())
    table = draw_state.left_contents()
    if table is None:
        note = _(
            "You have not drawn yet, so here is a nine with an open loop. The network predicts {read}. "
            "Draw your own, then come back.",
            read=_read(_example()),
        )
        return StepSubject(_example(), 9, _("as meant"), note)
    image = table.prepared.image
    if table.truth is not None:
        return StepSubject(image, table.truth, _("the true class"), _("This is the test image on your table."))
    note = _(
        "This is your drawing. Say what it was meant to be; the less the network agrees, the more there is to learn."
    )
    return StepSubject(image, _read(image), _("as predicted"), note)


def _subject_of(network: str, table: DrawingContents) -> StepSubject:
    image, titles = table.prepared.image, [stage.name for stage in table.prepared.stages]
    what = _("your drawing") if table.sketch is not None else (titles or [_("no image")])[-1]
    note = _("The image on its table: {what}. Take another one here, and say what it should be.", what=what)
    if table.truth is not None:
        return StepSubject(image, table.truth, _("the true class"), note, network)
    return StepSubject(image, _read(image, network), _("as predicted"), note, network)


def _read(image: np.ndarray, network: str = NETWORK) -> int:
    return int(trained_network(network).tracer(image).probabilities.argmax())


@lru_cache(maxsize=1)
def _example() -> np.ndarray:
    image = prepare_sketch(Sketch(tuple(Stroke(points, 0.08) for points in OPEN_NINE))).image
    image.setflags(write=False)
    return image


def classes(network: str = NETWORK) -> tuple[str, ...]:
    """The names of the classes."""
    return trained_network(network).recipe.classes


def class_name(choice: str, on_table: StepSubject) -> str:
    """How a choice of class is written in the list."""
    if choice != AUTOMATIC:
        return choice
    return _("{name}, {reason}", name=classes(on_table.network)[on_table.meant], reason=on_table.reason)


def method_name(method: OptimiserMethod) -> str:
    """How an optimiser is written."""
    return {OptimiserMethod.SGD: "SGD", OptimiserMethod.ADAM: "Adam"}[method]


def rate_name(rate: float) -> str:
    """A learning rate as it is read: without an exponent, without trailing zeros."""
    return f"{rate:.5f}".rstrip("0").rstrip(".")


def chosen_optimiser(on_table: StepSubject, choice: str, optimiser: OptimiserSettings, step: int) -> StepTrace:
    """Step number `step` of a run that learns this drawing only, as `choice`."""
    network = on_table.network
    target = on_table.meant if choice == AUTOMATIC else classes(network).index(choice)
    return trace_training_step(
        trained_network(network).model, on_table.image, target, optimiser, step=step, network=network
    )


def open_choices(network: str = NETWORK) -> None:
    """Lay into the widgets, where nothing lies yet: what the link says, else what was left here, else the start."""
    kept = st.session_state.setdefault(KEPT, {})
    laid = START | kept | from_link(st.query_params.to_dict(), network)
    if laid["truth"] not in (AUTOMATIC, *classes(network)):  # of another network
        laid["truth"] = AUTOMATIC
    for name, value in laid.items():
        st.session_state.setdefault(name, value)


def step_before() -> int:
    """The step that was chosen last; it stays where another one cannot be."""
    kept = st.session_state[KEPT]
    return int(kept.get("step", from_link(st.query_params.to_dict()).get("step", START["step"])))


def keep_choices(step: int, network: str = NETWORK) -> None:
    """What lies in the widgets, for the next visit and in the page's address; what nobody changed is not in a link."""
    kept = st.session_state[KEPT]
    kept.update({name: st.session_state[name] for name in START if name in st.session_state} | {"step": step})
    link = to_link(START | kept)
    query = st.query_params.to_dict()
    ours = (*START, "network", *READING_NAMES)
    wanted = {name: text for name, text in query.items() if name not in ours} | network_to_link(network) | link
    if wanted != query:
        st.query_params.from_dict(wanted)


def to_link(choices: dict[str, Any]) -> dict[str, str]:
    """The choices that are not the usual ones, in words that are the same in every language.

    >>> from cnnviz.core.training_step.optimisers import OptimiserMethod
    >>> from cnnviz.ui.step.one_step import START, to_link
    >>> to_link(START | {"optimiser": OptimiserMethod.ADAM, "step": 3})
    {'optimiser': 'adam', 'step': '3'}
    """
    unused = {f"rate_{method.value}" for method in OptimiserMethod if method is not choices["optimiser"]}
    return {
        name: rate_name(value) if isinstance(value, float) else str(value)
        for name, value in choices.items()
        if value != START[name] and name not in unused
    }


def from_link(query: dict[str, str], network: str = NETWORK) -> dict[str, Any]:
    """The choices that the link holds; what cannot be chosen here is left out."""
    readers: dict[str, Callable[[str], Any]] = {
        "truth": partial(_truth, network),
        "optimiser": _method,
        "step": _step,
        "momentum": _momentum,
        "decay": _decay,
    }
    readers |= {f"rate_{method.value}": _rate for method in OptimiserMethod}
    read = {name: reader(query[name]) for name, reader in readers.items() if name in query}
    return {name: value for name, value in read.items() if value is not None}


def _truth(network: str, text: str) -> str | None:
    return text if text in (AUTOMATIC, *classes(network)) else None


def _method(text: str) -> OptimiserMethod | None:
    found: OptimiserMethod | None = {method.value: method for method in OptimiserMethod}.get(
        text.lower()
    )  # older links: SGD, Adam
    return found


def _rate(text: str) -> float | None:
    return {rate_name(rate): rate for rate in RATES}.get(text)


def _step(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= MOST_STEPS else None


def _momentum(text: str) -> float | None:
    return _number(text, MOST_MOMENTUM)


def _decay(text: str) -> float | None:
    return _number(text, MOST_DECAY)


def _number(text: str, most: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= most else None
