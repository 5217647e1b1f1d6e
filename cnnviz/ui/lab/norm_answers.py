"""Batch normalisation and dropout in the laboratory, answered: a batch, a mode and a cell in, all numbers out.

No session: a pure function, for a run of the page and for the short way alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.checks import check_word, is_number, is_whole
from cnnviz.conv_lab.normalisation import NormExample, NormLayer, NormResult, NormSettings, run_normalisation
from cnnviz.figures.norm_cell import Line, batch_norm_lines, dropout_lines, running_row
from cnnviz.figures.theme import format_number, value_text
from cnnviz.i18n import _
from cnnviz.ui.app.caches import configure_threads
from cnnviz.web.wire import Header, PacketWriter

DIGITS = 4  # of a value in a cell that is no whole number
START: dict[str, Any] = {
    "example": NormExample.CHANNELS.value, "layer": NormLayer.BATCH_NORM.value, "mode": "train", "batch": 1,
    "gamma": 1, "beta": 0, "p": 0.4, "cell": [0, 0, 0, 1],
}  # fmt: skip
Cell = tuple[int, int, int, int]  # image, channel, row, column


def parse_norm(record: Mapping[str, Any]) -> tuple[NormSettings, Cell]:
    """The settings and the cell in a record. Raises: ValueError, one sentence, for what is none."""
    numbers = [record.get(name) for name in ("gamma", "beta", "p")]
    if not is_whole(record.get("batch")) or not all(is_number(value) for value in numbers):
        raise ValueError(_("batch, γ, β and p must be numbers, got {got}: correct them", got=str(dict(record))[:60]))
    settings = NormSettings(
        check_word(NormExample, "example", record.get("example")), check_word(NormLayer, "layer", record.get("layer")),
        record.get("mode") != "eval",
        record["batch"], float(record["gamma"]), float(record["beta"]), float(record["p"]),
    )  # fmt: skip
    cell = record.get("cell")
    if not isinstance(cell, list) or len(cell) != 4 or not all(is_whole(at, 0) for at in cell):
        raise ValueError(_("cell must be image, channel, row and column, got {got}: correct it", got=str(cell)[:60]))
    image, channel, row, col = cell
    return settings, (image, channel, row, col)


def answer_norm(question: Mapping[str, Any]) -> bytes:
    """The packet for a question with a "norm". Raises: ValueError, one sentence, for one that is none."""
    record = question.get("norm")
    if not isinstance(record, dict):
        raise ValueError(_("norm must be a record, got something else"))
    return norm_packet(record)


def norm_packet(record: Mapping[str, Any], **rest: Any) -> bytes:
    """The packet: all stages of the batch, the cell step by step, the running estimates. Raises: ValueError."""
    configure_threads()
    settings, cell = parse_norm(record)
    made = run_normalisation(settings)
    cell = _within(cell, made.values.shape)
    cargo = PacketWriter()
    lines, columns = _lines(made, cell)
    header: Header = {
        "asked": {name: record.get(name, usual) for name, usual in START.items()} | {"cell": list(cell)},
        "stages": _stages(made, cargo), "lines": [vars(line) for line in lines], "columns": list(columns),
        "running": _running(made, cell[1]), "told": _told(made), **rest,
    }  # fmt: skip
    return cargo.sealed(header)


def _within(cell: Cell, shape: tuple[int, ...]) -> Cell:
    """The nearest cell that there is: another example has fewer of them."""
    image, channel, row, col = (min(at, size - 1) for at, size in zip(cell, shape, strict=True))
    return image, channel, row, col


def _stages(made: NormResult, cargo: PacketWriter) -> list[Header]:
    """From the image to the last output: a key, a title, values for the colours, and texts to read."""
    is_norm, is_training = made.settings.layer is NormLayer.BATCH_NORM, made.settings.is_training
    arrives = made.values if made.has_convolution else None
    layer = _("BatchNorm2d: PyTorch’s output") if is_norm else _("Dropout2d: PyTorch’s output")
    image = _("8-bit images, divided by 255 before the convolution") if made.has_convolution else _("The layer’s input")
    stages = [
        ("image", image, made.pixels),
        ("arrives", _("Convolution: all weights 1, bias 1"), arrives),
        ("output", layer, made.output),
        ("relu", _("ReLU"), made.relu),
        ("unbiased", _("BatchNorm2d with the unbiased variance"), made.unbiased if is_training else None),
    ]
    return [
        {"key": key, "title": title, "field": cargo.put(values), "texts": _texts(values),
         "is_layer": key != "image" or not made.has_convolution}
        for key, title, values in stages if values is not None
    ]  # fmt: skip


def _texts(values: np.ndarray) -> list[str]:
    is_whole = bool((values == np.round(values)).all())
    return [value_text(value) if is_whole else format_number(value, DIGITS) for value in values.ravel().tolist()]


def _lines(made: NormResult, cell: Cell) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The cell's arithmetic, and what its columns are called."""
    image, channel, row, col = cell
    if made.settings.layer is NormLayer.DROPOUT:
        is_kept = None if made.is_kept is None else bool(made.is_kept[image, channel])
        value, output = (float(stage[cell]) for stage in (made.values, made.output))
        return dropout_lines(value, output, is_kept, made.settings.probability), ("",)
    values = made.values[:, channel].astype(np.float64)
    lines = batch_norm_lines(made.cell(image, (channel, row, col)), values)
    if made.settings.is_training:
        return lines, (_("biased variance: PyTorch"), _("unbiased variance"))
    return lines, (_("running estimates: PyTorch"),)


def _running(made: NormResult, channel: int) -> list[Header]:
    """The running estimates of one channel: at first, and after each batch."""
    if made.settings.layer is NormLayer.DROPOUT:
        return []
    means, variances = made.means[:, channel].tolist(), made.variances[:, channel].tolist()
    rows: list[Header] = [{"batch": 0, "cells": ["", "", value_text(means[0]), value_text(variances[0])], "says": []}]
    for batch in range(1, len(means)):
        before = run_normalisation(_at_batch(made.settings, batch))
        cell = before.cell(0, (channel, 0, 0))
        now, then = (means[batch], variances[batch]), (means[batch - 1], variances[batch - 1])
        rows.append({"batch": batch, **running_row(cell, then, now)})
    return rows


def _at_batch(settings: NormSettings, batch: int) -> NormSettings:
    return NormSettings(settings.example, settings.layer, True, batch, settings.gamma, settings.beta)


def _told(made: NormResult) -> str:
    """What the mode means for this layer, in two sentences."""
    if made.settings.layer is NormLayer.DROPOUT:
        return _told_of_dropout(made)
    if made.settings.is_training:
        return _(
            "Training mode: mean and variance are those of this batch, channel by channel. PyTorch divides by n here, "
            "the biased variance; the running estimate below takes the unbiased one, divided by n − 1."
        )
    return _(
        "Evaluation mode: the running estimates, as batch {n} left them in training mode, stand in for the batch’s "
        "own, so an image gives the same output whatever else is in its batch. Nothing is updated.",
        n=made.settings.batch,
    )


def _told_of_dropout(made: NormResult) -> str:
    if made.is_kept is None:
        return _("Evaluation mode: dropout does nothing, every value passes as it is.")
    lost = int((~made.is_kept).sum())
    return _(
        "Training mode: {lost} of {n} channels are 0 in this draw, the others are divided by 1 − p, so that the mean "
        "over many draws stays the same. Another batch is another draw.",
        lost=lost, n=made.is_kept.size,
    )  # fmt: skip
