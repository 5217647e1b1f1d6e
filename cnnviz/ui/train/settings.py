"""The settings of a training as widgets: optimiser, learning rate, schedule, batch, length, penalties, seed, device.

Refuses to know: networks, data, runs.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
import torch

from cnnviz.i18n import _
from cnnviz.training import LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig
from cnnviz.training.config import MOST_EPOCHS, MOST_STEPS
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.train.links import MOST_SEED
from cnnviz.ui.train.setup import optimiser_name

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 2e-2, 3e-2, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
BATCHES = (1, 2, 5, 10, 16, 32, 50, 64, 100, 128, 256, 512, 1024)
PENALTIES = (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1)
MOMENTA, SMOOTHINGS, AVERAGINGS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99), (0.0, 0.05, 0.1, 0.2), (0.0, 0.9, 0.99, 0.999)
DEVICES = ("auto", "cpu", "cuda")
OPTIMISERS: tuple[OptimiserKind, ...] = tuple(OptimiserKind)
SCHEDULES: tuple[ScheduleKind, ...] = tuple(ScheduleKind)
LOSSES: tuple[LossKind, ...] = tuple(LossKind)
SCALINGS: tuple[ScalingKind, ...] = tuple(ScalingKind)


def choose_settings(config: TrainConfig, key: str) -> tuple[TrainConfig, str]:
    """The settings as the reader changes them, starting from `config`; another `key` starts afresh.

    A number out of its bounds changes nothing; then the second is the sentence that says so.
    """
    odd: list[str] = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        config = _how(config, key, odd)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        config = _more(config, key, odd)
    for sentence in odd:
        show_error(sentence)
    return config, " ".join(odd)


def _how(config: TrainConfig, key: str, odd: list[str]) -> TrainConfig:
    kind = st.selectbox(
        _("Optimiser"), OPTIMISERS, OPTIMISERS.index(config.optimiser),
        format_func=optimiser_name, key=f"{key}_optimiser", width=200,
    )  # fmt: skip
    rate = st.select_slider(
        _("Learning rate"), _with(RATES, config.rate), config.rate, format_func=plain, key=f"{key}_rate", width=220,
        help=_("How far each step goes, in the next run. While one trains, use the slider beside its buttons."),
    )  # fmt: skip
    schedule = st.selectbox(
        _("Schedule"), SCHEDULES, SCHEDULES.index(config.schedule), format_func=_schedule_name,
        key=f"{key}_schedule", width=220,
    )  # fmt: skip
    batch = st.select_slider(
        _("Batch size"), _with(BATCHES, config.batch), config.batch, key=f"{key}_batch", width=220,
        help=_("Images per step"),
    )  # fmt: skip
    config = _how_long(config, key, odd)
    return replace(config, optimiser=kind, rate=rate, schedule=schedule, batch=int(batch))


def _how_long(config: TrainConfig, key: str, odd: list[str]) -> TrainConfig:
    """In epochs; in steps where the setup that came along counts those."""
    if config.steps is not None:
        steps = whole_number(_("Steps"), 1, MOST_STEPS, config.steps, odd, key=f"{key}_steps", width=130,
                       help=_("Batches in total"))  # fmt: skip
        return replace(config, steps=steps)
    epochs = whole_number(_("Epochs"), 1, MOST_EPOCHS, config.epochs, odd, key=f"{key}_epochs", width=110,
                    help=_("Passes over all training images, unless you stop earlier"))  # fmt: skip
    return replace(config, epochs=epochs)


def _more(config: TrainConfig, key: str, odd: list[str]) -> TrainConfig:
    decay = st.select_slider(
        _("Weight decay"), _with(PENALTIES, config.decay), config.decay, format_func=plain, key=f"{key}_decay",
        width=220, help=_("Weights shrink a little in each step"),
    )  # fmt: skip
    penalty = st.select_slider(
        _("L2 penalty λ"), _with(PENALTIES, config.l2), config.l2, format_func=plain, key=f"{key}_l2", width=220,
        help=_("λ · Σ p² is added to the loss; the curves show the loss without it, so that runs can be compared"),
    )  # fmt: skip
    loss = st.selectbox(
        _("Loss"), LOSSES, LOSSES.index(config.loss), format_func=_loss_name, key=f"{key}_loss",
        width=260,
    )  # fmt: skip
    scaling = st.selectbox(
        _("Input scaling"), SCALINGS, SCALINGS.index(config.scaling),
        format_func=_scaling_name, key=f"{key}_scaling", width=220,
    )  # fmt: skip
    seed = whole_number(
        _("Seed"), 0, MOST_SEED, min(config.seed, MOST_SEED), odd, key=f"{key}_seed", width=130,
        help=_("The same seed gives the same initial weights and the same order of images"),
    )  # fmt: skip
    config = replace(config, decay=decay, l2=penalty, loss=loss, scaling=scaling, seed=seed)
    with st.popover(_("More"), icon=":material/more_horiz:", key=f"{key}_more"):
        config = _rarely(config, key, odd)
    return replace(config, device=_device(config, key))


def _rarely(config: TrainConfig, key: str, odd: list[str]) -> TrainConfig:
    """What few change: the ends of the run, momentum, softened truths, averaged weights."""
    changed: dict[str, float] = {}
    for name, title, help_text, values in (
        ("momentum", _("Momentum"), _("How much of the last step each step keeps: SGD with momentum only"), MOMENTA),
        ("smoothing", _("Label smoothing"), _("Softens the targets, so that the network is less overconfident"),
         SMOOTHINGS),
        ("averaging", _("Weight averaging"), _("Fraction of the old average kept at each step; 0 is off"),
         AVERAGINGS),
    ):  # fmt: skip
        own = getattr(config, name)
        changed[name] = st.select_slider(
            title, _with(values, own), own, format_func=plain, key=f"{key}_{name}", help=help_text
        )
    warm, cool, test_every = (
        whole_number(title, 0, MOST_STEPS, own, odd, key=f"{key}_{name}", help=help_text)
        for name, title, help_text, own in (
            ("warm", _("Warm-up steps"), _("In the first steps the learning rate rises from almost 0"), config.warm),
            ("cool", _("Cool-down steps"), _("In the last steps the learning rate falls to 0"), config.cool),
            (
                "test_every",
                _("Steps between tests"),
                _("So often the first 2,000 test images are looked at, where the set has some; 0: only at the end"),
                config.test_every,
            ),
        )
    )
    return replace(config, **changed, warm=warm, cool=cool, test_every=test_every)  # type: ignore[arg-type]


def _device(config: TrainConfig, key: str) -> str:
    """Asked only where there is a choice; said where there is none."""
    if not torch.cuda.is_available():
        st.text_input(
            _("Device"), "cpu", disabled=True, key=f"{key}_device_said", width=110,
            help=_("PyTorch finds no CUDA GPU on this machine: it trains on the CPU"),
        )  # fmt: skip
        return "cpu" if config.device == "cuda" else config.device
    return st.selectbox(_("Device"), DEVICES, DEVICES.index(config.device), key=f"{key}_device", width=110)


def _with(values: tuple[float, ...], own: float) -> list[float]:
    """The usual values, and the one that is chosen now."""
    return sorted({*values, own})


def plain(value: float) -> str:
    """A small number as people write it: 0.0003, not 3e-04.

    >>> from cnnviz.ui.train.settings import plain
    >>> plain(1e-05)
    '0.00001'
    """
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _schedule_name(kind: ScheduleKind) -> str:
    return {
        ScheduleKind.CONSTANT: _("constant"),
        ScheduleKind.STEP: _("step decay: ×0.1, twice"),
        ScheduleKind.COSINE: _("cosine down to 0"),
        ScheduleKind.ONE_CYCLE: _("one cycle: up, then down"),
    }[kind]


def _loss_name(kind: LossKind) -> str:
    return {
        LossKind.CROSS_ENTROPY: _("cross-entropy"),
        LossKind.LOG_SOFTMAX_NLL: _("log-softmax, then nll_loss"),
        LossKind.SOFTMAX_NLL: _("softmax, then nll_loss (a mistake)"),
        LossKind.SQUARED_ERROR: _("mean squared error"),
    }[kind]


def _scaling_name(kind: ScalingKind) -> str:
    return {
        ScalingKind.NONE: _("0 to 1"),
        ScalingKind.HALF: _("(x − 0.5) / 0.5"),
        ScalingKind.DATA: _("standardised"),
    }[kind]
