"""A question about runs, answered: what to do, how they stand, what their networks see at the moment looked at.

A run is known by its token alone: who has it may ask and command, nobody else can find it.
Refuses to know: sessions and pages; how a packet is laid out (`web.trainer.packet`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from cnnviz.checks import is_number, is_whole
from cnnviz.core.layer_paths import LONGEST_PATH
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.evaluation.embedding import LEAST as LEAST_POINTS
from cnnviz.evaluation.embedding import PERPLEXITY, EmbeddingMethod
from cnnviz.i18n import _
from cnnviz.training import Evaluation, make_objective
from cnnviz.ui.train.embedding import MOST_POINTS, PLANES, USUAL_POINTS, PlaneSettings
from cnnviz.ui.train.files import file_name, numbers_csv, saved_network
from cnnviz.ui.train.run_entry import RunError, TrainingRunEntry
from cnnviz.ui.train.run_registry import RUNS, RunRegistry
from cnnviz.ui.train.setup import published_result
from cnnviz.web.trainer.images import ValidationSample
from cnnviz.web.trainer.packet import put_curves, put_gradients, put_penalty, put_pictures, put_sight
from cnnviz.web.trainer.view import kernel_gradients
from cnnviz.web.wire import Header, PacketWriter

MOST_RUNS, MOST_COMMANDS = 2, 8  # in one question
MOST_TOKEN = 64  # letters of a run's name
MOST_PICTURES = 24  # behind a cell of the confusion matrix
DRAWING, SET = "drawing", "set"


@dataclass(frozen=True, eq=False)
class RunQuestion:
    """What somebody looks at: which moment, whose picture, which layer; checked."""

    at: int | None  # a step; None is the head of the run
    layer: str | None
    channel: int
    kind: str
    index: int
    image: np.ndarray | None  # the drawing, where it is looked at
    plane: PlaneSettings | None  # where one is wanted


def answer_training(asked: Mapping[str, Any], runs: RunRegistry = RUNS) -> bytes:
    """The packet for a question: "runs" ({"token", "version", "statics", "cell", "at"}, two at most), "commands" …

    Raises: ValueError, one sentence, for a question that is not one.
    """
    wanted = _listed(asked, "runs", MOST_RUNS)
    runs.tend()
    cargo, header = PacketWriter(), Header()
    for command in _listed(asked, "commands", MOST_COMMANDS):
        header |= _obeyed(command, runs, cargo)
    question = _question(asked)
    header["runs"] = [_told(one, question, runs, cargo) for one in wanted]
    return cargo.sealed(header)


def _listed(asked: Mapping[str, Any], name: str, most: int) -> list[Mapping[str, Any]]:
    found = asked.get(name, [])
    if not isinstance(found, list) or len(found) > most or not all(isinstance(one, Mapping) for one in found):
        raise ValueError(
            _("{name} must be a list of at most {most} objects: leave the others out", name=name, most=most)
        )
    return found


def _question(asked: Mapping[str, Any]) -> RunQuestion:
    subject = asked.get("subject")
    subject = subject if isinstance(subject, Mapping) else {}
    layer, method = asked.get("layer"), asked.get("plane")
    return RunQuestion(
        at=_whole(asked.get("at")), layer=layer if isinstance(layer, str) else None,
        channel=_whole(asked.get("channel")) or 0, kind=DRAWING if subject.get("kind") == DRAWING else SET,
        index=_whole(subject.get("index")) or 0, image=_floats(asked.get("image")),
        plane=_plane_settings(method, asked) if method in tuple(EmbeddingMethod) else None,
    )  # fmt: skip


def _plane_settings(method: Any, asked: Mapping[str, Any]) -> PlaneSettings:
    """How the plane is made; a number out of its bounds is as usual."""
    points, perplexity, layer = asked.get("points"), asked.get("perplexity"), asked.get("features")
    return PlaneSettings(
        EmbeddingMethod(method), points if is_whole(points, LEAST_POINTS, MOST_POINTS) else USUAL_POINTS,
        float(perplexity) if is_number(perplexity, 1, MOST_POINTS) else PERPLEXITY,
        layer if isinstance(layer, str) and len(layer) <= LONGEST_PATH else "",
    )  # fmt: skip


def _whole(value: Any) -> int | None:
    return value if is_whole(value, 0) else None


def _floats(text: Any) -> np.ndarray | None:
    """Float32 numbers in base 64. Raises: ValueError for something else."""
    if text is None:
        return None
    try:
        data = base64.b64decode(text, validate=True)
        return np.frombuffer(data, "<f4")
    except (TypeError, ValueError, binascii.Error) as error:
        raise ValueError(_("image must be float32 numbers in base64: leave it out to look at the set")) from error


def _obeyed(command: Mapping[str, Any], runs: RunRegistry, cargo: PacketWriter) -> Header:
    """What a command brings: nothing, a file, or one sentence where it is not possible."""
    run = runs.find(command.get("token"))
    if run is None:
        return {}
    try:
        if command.get("do") == "save":
            return {"file": _file(run, _whole(command.get("at")), cargo)}
        if command.get("do") == "csv":
            numbers = np.frombuffer(numbers_csv(run).encode(), np.uint8)
            return {"file": {"name": f"{run.job.data.key}-numbers.csv", "bytes": cargo.put(numbers)}}
        if command.get("do") == "aside":
            run.release()
            return {}
        run.do(command.get("do"), command.get(str(command.get("do"))), command.get("number"))
    except (RunError, DataMissing, DataBroken) as error:
        return {"problem": str(error)}
    return {}


def _file(run: TrainingRunEntry, at: int | None, cargo: PacketWriter) -> Header:
    """The network of that moment as a file (`cnnviz.training.saved_networks`)."""
    step = run.moment(at).step
    data = saved_network(run, step)
    return {"name": file_name(run, step), "bytes": cargo.put(np.frombuffer(data, np.uint8))}


def _told(wanted: Mapping[str, Any], question: RunQuestion, runs: RunRegistry, cargo: PacketWriter) -> Header:
    run = runs.find(wanted.get("token"))
    if run is None:
        token = wanted.get("token")
        return {"token": token if isinstance(token, str) and len(token) <= MOST_TOKEN else None, "state": "gone"}
    run.refresh()
    told: Header = {"token": run.token, "title": run.title, "version": run.version} | run.standing()
    if wanted.get("version") != run.version:
        moments = np.array(run.history.moments, np.float32)
        told |= {"curves": put_curves(run.history, cargo), "moments": cargo.put(moments)}
    try:
        exhibits = run.exhibits
    except (DataMissing, DataBroken) as error:  # they have gone since it began
        return told | {"sentence": str(error)}
    if wanted.get("statics") is not True:
        told["statics"] = _statics(exhibits, cargo) | {"published": _published(run)}
    if run.history.moments:
        told |= _seen(run, question, wanted, exhibits, cargo)
    return told


def _statics(exhibits: ValidationSample, cargo: PacketWriter) -> Header:
    """What stays the same as long as the run lasts."""
    pictures = exhibits.pictures
    return {
        "classes": list(exhibits.classes),
        "pictures": len(pictures),
        "input_shape": list(pictures.shape),
        "ten": {
            "images": put_pictures(exhibits.first.images, cargo),
            "truths": [int(label) for label in exhibits.first.labels],
            "is_test": exhibits.is_test,
        },
    }


def _seen(
    run: TrainingRunEntry,
    question: RunQuestion,
    wanted: Mapping[str, Any],
    exhibits: ValidationSample,
    cargo: PacketWriter,
) -> Header:
    """What the network makes of things at the moment that is looked at."""
    at = _whole(wanted["at"]) if "at" in wanted else question.at
    moment, check = run.moment(at), run.check_at(at)
    image, shown = _subject(question, exhibits)
    sight = moment.look(image, question.layer, question.channel)
    look = put_sight(sight, cargo) | shown_subject(shown, cargo)
    objective = make_objective(run.job.config.loss, run.job.config.smoothing)
    look["gradients"] = put_gradients(kernel_gradients(moment, sight, exhibits, objective), cargo)
    look["penalty"] = put_penalty(run.job.config.l2, moment.squares, moment.step)
    look |= {"step": moment.step, "ten": {"guesses": moment.ten(exhibits).tolist()}}
    look["confusion"] = check and {"step": check.step, "counts": check.confusion.tolist()}
    look["pictures"] = check and _behind(wanted.get("cell"), check, run, exhibits, cargo)
    told: Header = {"look": look}
    if question.plane is not None:
        told["plane"] = _plane(run, moment.step, question.plane, cargo)
    return told


def _published(run: TrainingRunEntry) -> str | None:
    """What was published for this network, beside which the run's own figures stand."""
    found = published_result(run.job)
    return None if found is None else found.sentence


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture that is looked at, as people see it: uint8 (1, c, h, w)."""

    kind: str
    pixels: np.ndarray
    truth: int | None


def _subject(question: RunQuestion, exhibits: ValidationSample) -> tuple[Tensor, Subject]:
    """As the network reads it, (1, c, h, w), and as people see it. A drawing that does not fit is left for the set."""
    pictures = exhibits.pictures
    if question.kind == DRAWING and question.image is not None and question.image.size == np.prod(pictures.shape):
        drawing = question.image.reshape(pictures.shape)
        pixels = np.round(np.clip(np.nan_to_num(drawing), 0, 1) * 255).astype(np.uint8)[None]
        return exhibits.read_drawing(drawing), Subject(DRAWING, pixels, None)
    index = min(question.index, len(pictures) - 1)
    one = slice(index, index + 1)
    return exhibits.read(one), Subject(SET, pictures.images[one], int(pictures.labels[index]))


def shown_subject(subject: Subject, cargo: PacketWriter) -> Header:
    """The picture itself, for the browser."""
    return {"subject": put_pictures(subject.pixels, cargo), "subject_kind": subject.kind, "truth": subject.truth}


def _behind(
    cell: Any, check: Evaluation, run: TrainingRunEntry, exhibits: ValidationSample, cargo: PacketWriter
) -> Header | None:
    """The pictures behind a cell (true, read as) of the confusion matrix."""
    k = len(exhibits.classes)
    if not isinstance(cell, list) or len(cell) != 2 or not all(type(at) is int and 0 <= at < k for at in cell):
        return None
    truth, guess = cell
    labels = exhibits.pictures.labels[check.at]
    places = check.at[(labels == truth) & (check.predicted == guess)]
    shown = places[:MOST_PICTURES]
    moment = run.moment(check.step)
    is_recorded = moment.step == check.step and len(shown) > 0  # else nobody knows how sure it was just then
    shares = moment.shares(exhibits.read(shown))[:, guess] if is_recorded else np.zeros(0, np.float32)
    return {
        "cell": cell, "total": len(places), "images": put_pictures(exhibits.pictures.images[shown], cargo),
        "shares": cargo.put(shares.astype(np.float32)),
    }  # fmt: skip


def _plane(run: TrainingRunEntry, step: int, how: PlaneSettings, cargo: PacketWriter) -> Header:
    made = PLANES.plane(run, step, how)
    return {
        "step": made.step, "method": made.method.value, "layer": made.layer, "layers": list(made.layers),
        "labels": made.labels.tolist(),
        "points": None if made.points is None else cargo.put(made.points.astype(np.float32)),
        "sentence": made.sentence, "is_awaited": made.is_awaited, "perplexity": made.perplexity,
        "predicted": [] if made.predicted is None else made.predicted.tolist(),
        "asked": {"points": how.points, "perplexity": how.perplexity, "features": how.layer},
    }  # fmt: skip
