"""A network of the reader's own in a session: drawings, settings, the run, the network that came out, as plain values.

Drawings are kept as JSON text, networks as the bytes of their file. Refuses to know: how it looks (`own_page`).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

from cnnviz.messages import _
from cnnviz.reading import Reading, read
from cnnviz.strokes import Sketch
from cnnviz.surgery import Exam, exam
from cnnviz.training import SavedNetwork, pack, unpack
from cnnviz.ui.components.sketchpad import place
from cnnviz.ui.runs import RUNS, Run
from cnnviz.ui.show import prepare_sketch
from cnnviz.worker import State
from cnnviz.xo.own import MOST, Drawing, Drawings, Lesson, Score, TooFew, fitting, generated, saved, score

SESSION, PAD = "own_xo", "pad_own_xo"
SOME = 20  # generated drawings at a click
_FRESH: dict[str, Any] = {
    "drawings": [], "seed": 0, "strength": 1.0, "drawn": 0, "run": None, "network": None, "before": None,
    "taught": None, "curves": None, "name": "",
}  # fmt: skip


def state() -> dict[str, Any]:
    """What this session keeps: plain values only."""
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, dict(_FRESH, drawings=[]))
    return kept


def warm() -> None:
    """Have a worker ready before it is asked for."""
    RUNS.warm()


def drawings() -> Drawings:
    """The reader's drawings, in the order in which they were added."""
    return tuple(map(_drawing, state()["drawings"]))


@lru_cache(maxsize=512)
def _drawing(text: str) -> Drawing:
    return Drawing.from_record(json.loads(text))


def add(label: str, record: dict[str, Any]) -> None:
    """What lies on the pad joins the drawings as `label`; the pad is empty then.

    Raises: ValueError, one sentence, for an empty pad or too many drawings.
    """
    _keep((Drawing.from_record({**record, "label": label}),))
    place(PAD, {"strokes": []})


def add_generated() -> None:
    """Twenty drawings of a seed, other ones at each click, as far as there is room."""
    kept = state()
    made = generated(min(SOME, MOST - len(kept["drawings"])), kept["drawn"])
    kept["drawn"] += 1
    _keep(made)


def _keep(more: Drawings) -> None:
    kept = state()["drawings"]
    if len(kept) + len(more) > MOST:
        raise ValueError(_("drawings must be at most {most}, got one more: delete some", most=MOST))
    kept += [json.dumps(drawing.to_record(), separators=(",", ":")) for drawing in more]


def remove(number: int) -> None:
    """Forget drawing `number`."""
    kept = state()["drawings"]
    if 0 <= number < len(kept):
        del kept[number]


def start_over() -> None:
    """Forget everything: drawings, network, run."""
    RUNS.drop(state()["run"])
    st.session_state.pop(SESSION, None)
    place(PAD, {"strokes": []})


def lesson() -> Lesson:
    """What would be taught now. Raises: TooFew, ValueError; one sentence each."""
    kept = state()
    return Lesson(drawings(), kept["strength"], kept["seed"])


def is_enough() -> bool:
    """Whether there are drawings enough to train on."""
    try:
        lesson()
    except TooFew:
        return False
    return True


def teach() -> None:
    """Begin a run. Raises: TooFew, RunError, ValueError; one sentence each."""
    kept, now = state(), lesson()
    RUNS.drop(kept["run"])
    kept["run"] = RUNS.start(now.job(), _("My own X or O"), now.sets())
    kept["taught"] = {"drawings": list(kept["drawings"]), "strength": now.strength, "seed": now.seed}
    kept.update(network=None, before=None, curves=None, name="")


def running() -> Run | None:
    """The run that is going on; None where there is none (any more)."""
    return RUNS.find(state()["run"])


def follow(run: Run) -> bool:
    """Hear what is new; whether the run is over, its network then kept in the session."""
    run.refresh()
    status, kept = run.history.status, state()
    if not status.state.is_over:
        return False
    if status.state is State.DONE:
        before, after = (run.history.weights_at(at) for at in (run.history.moments[0], run.history.moments[-1]))
        now = taught()
        assert now is not None
        held_out = _score_of(now, saved(after, now, Score(0, 0, ())).build())
        kept["network"], kept["before"] = (pack(saved(each, now, held_out)) for each in (after, before))
        kept["curves"] = (*curves(run), status.length)
    else:
        kept["taught"] = None
    kept.update(run=None, problem=status.sentence)
    RUNS.drop(run.token)
    return True


def curves(run: Run) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """(step, loss) on what it learns from, and on what is held out."""
    curve = run.history.curve()
    learned = list(zip(curve.steps.tolist(), curve.losses.tolist(), strict=True))
    return learned, [(each.step, each.validation.loss) for each in run.history.evaluations]


def taught() -> Lesson | None:
    """What the network was taught with; None for one from a file."""
    told = state()["taught"]
    return told and Lesson(tuple(map(_drawing, told["drawings"])), told["strength"], told["seed"])


def network() -> SavedNetwork | None:
    """The network that is there now."""
    packed = state()["network"]
    return packed and _unpacked(packed)


def network_before() -> SavedNetwork | None:
    """The same before the first step; None for one from a file."""
    packed = state()["before"]
    return packed and _unpacked(packed)


@lru_cache(maxsize=16)
def _unpacked(packed: bytes) -> SavedNetwork:
    return unpack(packed)


@lru_cache(maxsize=16)
def _built(packed: bytes) -> nn.Sequential:
    return _unpacked(packed).build()


def bring(data: bytes, name: str) -> None:
    """A saved network in the place of the one that is there.

    Raises: CheckpointError, one sentence, for a foreign or damaged file; nothing has changed then.
    """
    fitting(unpack(data))
    RUNS.drop(state()["run"])
    state().update(run=None, network=data, before=None, taught=None, curves=None, name=name[:80])


def held_out_score() -> tuple[Score, Lesson] | None:
    """How well it reads the drawings that were held out; None for a network from a file."""
    now, packed = taught(), state()["network"]
    return (_score_of(now, _built(packed)), now) if now is not None and packed else None


def _score_of(now: Lesson, model: nn.Module) -> Score:
    away = now.parts()[1]
    return score(model, now.images()[away], now.labels()[away])


def strangers() -> tuple[Score, Exam] | None:
    """How well it reads other people's drawings (or generated ones where these are not on this machine)."""
    packed = state()["network"]
    return (_strangers(packed), exam("xo")) if packed else None


@lru_cache(maxsize=16)
def _strangers(packed: bytes) -> Score:
    asked = exam("xo").shown
    return score(_built(packed), asked.images, asked.labels)


def answer(record: dict[str, Any]) -> Reading | None:
    """What it makes of the strokes on the pad; None where nothing is drawn, or there is no network yet."""
    packed = state()["network"]
    if not packed or not any(not stroke.get("erases") for stroke in record["strokes"]):
        return None
    prepared = prepare_sketch(Sketch.from_record(record))
    logits = _logits(packed, prepared.image)
    return read(logits, prepared.has_ink)


def _logits(packed: bytes, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        found: np.ndarray = _built(packed)(torch.tensor(image)[None])[0].numpy()
    return found
