"""A network of the reader's own in a session: drawings, settings, the run, the network that came out, as plain values.

Drawings are kept as JSON text, networks as the bytes of their file. Refuses to know: how it looks (`teach_page`), how
drawings come and go (`collection`).
"""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

from cnnviz.data.held_out_images import HeldOutImages, held_out_letters
from cnnviz.data.strokes import Sketch
from cnnviz.i18n import _
from cnnviz.models.decision import Prediction, predict
from cnnviz.training import SavedNetwork, pack_network, unpack_network
from cnnviz.training.own_xo import (
    Drawings,
    OwnXoScore,
    OwnXoTask,
    TooFewDrawings,
    XoDrawing,
    check_fits,
    save_own_xo,
    score_own_xo,
)
from cnnviz.training.worker import RunState
from cnnviz.ui.app.waiting import stop_waiting, wait_with, wish_of
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.train.run_entry import TrainingRunEntry
from cnnviz.ui.train.run_registry import RUNS, PlacesTaken

SESSION = "own_xo"
WAITS = "own"  # what this page is called where one waits for a place
_FRESH: dict[str, Any] = {
    "drawings": (), "past": (), "seed": 0, "strength": 1.0, "drawn": 0, "run": None, "network": None, "before": None,
    "taught": None, "curves": None, "name": "", "former": None,
}  # fmt: skip
_OF_NETWORK = ("network", "before", "taught", "curves", "name")  # what belongs to one network


class TeachState(Enum):
    """What the reader can do next."""

    DRAW = "draw"  # there are too few drawings
    TRAIN = "train"
    WAIT_FOR_PLACE = "wait for place"  # others are learning, and all places are taken
    WAIT = "wait"  # it is learning
    TRY = "try"
    TRAIN_AGAIN = "train again"  # drawings or changes are others than those that it learned from


def state() -> dict[str, Any]:
    """What this session keeps: plain values only."""
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, dict(_FRESH))
    return kept


def now() -> TeachState:
    """Where the reader stands."""
    kept = state()
    if running() is not None:
        return TeachState.WAIT
    if wish_of(WAITS) is not None and is_enough():
        return TeachState.WAIT_FOR_PLACE
    if kept["network"] is None:
        return TeachState.TRAIN if is_enough() else TeachState.DRAW
    told = kept["taught"]
    is_other = told is not None and (told["drawings"], told["strength"]) != (kept["drawings"], kept["strength"])
    return TeachState.TRAIN_AGAIN if is_other and is_enough() else TeachState.TRY


def warm() -> None:
    """Have a worker ready before it is asked for."""
    RUNS.warm()


def drawings() -> Drawings:
    """The reader's drawings, in the order in which they were added."""
    return tuple(map(_drawing, state()["drawings"]))


@lru_cache(maxsize=512)
def _drawing(text: str) -> XoDrawing:
    return XoDrawing.from_record(json.loads(text))


def lesson() -> OwnXoTask:
    """What would be taught now. Raises: TooFew, ValueError; one sentence each."""
    kept = state()
    return OwnXoTask(drawings(), kept["strength"], kept["seed"])


def is_enough() -> bool:
    """Whether there are drawings enough to train on."""
    try:
        lesson()
    except TooFewDrawings:
        return False
    return True


def teach() -> None:
    """Begin a run; where all places are taken, wait for one.

    Raises: TooFewDrawings, RunError, ValueError; one sentence each.
    """
    stop_waiting(WAITS)
    kept, told = state(), lesson()
    RUNS.drop(kept["run"])
    try:
        started = RUNS.start(told.job(), _("My own X or O"), told.sets())
    except PlacesTaken:
        wait_with(WAITS, "train")
        return
    keep_former()
    kept["run"] = started
    kept["taught"] = {"drawings": kept["drawings"], "strength": told.strength, "seed": told.seed}
    kept.update(network=None, before=None, curves=None, name="")


def has_place() -> bool:
    """Whether a run could begin just now."""
    return RUNS.has_place


def keep_former() -> None:
    """Another network is about to take the place of the one that is there: keep that one, for `swap`."""
    kept = state()
    if kept["network"] is not None:
        kept["former"] = {name: kept[name] for name in _OF_NETWORK}


def swap() -> None:
    """The network before comes back, and the one that is there is the one before: doing it twice changes nothing."""
    kept = state()
    former = kept["former"]
    if former is None or running() is not None:
        return
    kept["former"] = None
    keep_former()
    kept.update(former)


def can_swap() -> bool:
    """Whether there is a network before, and none is being trained."""
    return state()["former"] is not None and running() is None


def running() -> TrainingRunEntry | None:
    """The run that is going on; None where there is none (any more)."""
    return RUNS.find(state()["run"])


def follow(run: TrainingRunEntry) -> bool:
    """Hear what is new; whether the run is over, its network then kept in the session."""
    run.refresh()
    status, kept = run.history.status, state()
    if not status.state.is_over:
        return False
    if status.state is RunState.DONE:
        before, after = (run.history.weights_at(at) for at in (run.history.moments[0], run.history.moments[-1]))
        told = taught()
        assert told is not None
        held_out = _score_of(told, save_own_xo(after, told, OwnXoScore(0, 0, ())).build())
        kept["network"], kept["before"] = (pack_network(save_own_xo(each, told, held_out)) for each in (after, before))
        kept["curves"] = (*curves(run), status.length)
    else:
        kept["taught"] = None
        kept.update(kept["former"] or {}, former=None)  # what a run that failed was to take the place of
    kept.update(run=None, problem=status.sentence)
    RUNS.drop(run.token)
    return True


def curves(run: TrainingRunEntry) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """(step, loss) on what it learns from, and on what is held out."""
    curve = run.history.curve()
    learned = list(zip(curve.steps.tolist(), curve.losses.tolist(), strict=True))
    return learned, [(each.step, each.validation.loss) for each in run.history.evaluations]


def taught() -> OwnXoTask | None:
    """What the network was taught with; None for one from a file."""
    told = state()["taught"]
    return told and OwnXoTask(tuple(map(_drawing, told["drawings"])), told["strength"], told["seed"])


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
    return unpack_network(packed)


@lru_cache(maxsize=16)
def _built(packed: bytes) -> nn.Sequential:
    return _unpacked(packed).build()


def bring(data: bytes, name: str) -> None:
    """A saved network in the place of the one that is there, which `swap` brings back.

    Raises: CheckpointError, one sentence, for a foreign or damaged file; nothing has changed then.
    """
    check_fits(unpack_network(data))
    stop_waiting(WAITS)
    RUNS.drop(state()["run"])
    keep_former()
    state().update(run=None, network=data, before=None, taught=None, curves=None, name=name[:80])


def held_out_score() -> tuple[OwnXoScore, OwnXoTask] | None:
    """How well it reads the drawings that were held out; None for a network from a file."""
    told, packed = taught(), state()["network"]
    return (_score_of(told, _built(packed)), told) if told is not None and packed else None


def _score_of(told: OwnXoTask, model: nn.Module) -> OwnXoScore:
    away = told.parts()[1]
    return score_own_xo(model, told.images()[away], told.labels()[away])


def unseen_writers_score() -> tuple[OwnXoScore, HeldOutImages] | None:
    """How well it reads other people's drawings (or generated ones where these are not on this machine)."""
    packed = state()["network"]
    return (_strangers(packed), held_out_letters()) if packed else None


@lru_cache(maxsize=16)
def _strangers(packed: bytes) -> OwnXoScore:
    asked = held_out_letters().shown
    return score_own_xo(_built(packed), asked.images, asked.labels)


def answer(record: dict[str, Any]) -> Prediction | None:
    """What it makes of the strokes on the pad; None where nothing is drawn, or there is no network yet."""
    packed = state()["network"]
    if not packed or not any(not stroke.get("erases") for stroke in record["strokes"]):
        return None
    prepared = prepare_sketch(Sketch.from_record(record))
    logits = _logits(packed, prepared.image)
    return predict(logits, prepared.has_ink, is_several=prepared.is_several)


def _logits(packed: bytes, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        found: np.ndarray = _built(packed)(torch.tensor(image)[None])[0].numpy()
    return found
