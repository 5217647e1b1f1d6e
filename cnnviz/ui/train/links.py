"""The whole setup of a training as a link and back, in short readable words; what is as usual is left out.

`?network=mnist_b1&rate=0.01&augment=turn12_shift1.5` is the ready-made network with its own pictures and settings, but
for two things. Whoever opens the link and starts gets the very same run. What cannot be is as usual instead, and is
named. Refuses to know: sessions, pages, whose runs there are; uploads and the device, which stay where they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from cnnviz.data.augment_images import MOST, NOTHING, Augmentation, BorderFill
from cnnviz.data.image_sets import DataChoice, SetKey
from cnnviz.data.image_sets.choice import LEAST_SHARE, MOST_PICTURES, MOST_SHARE
from cnnviz.i18n import _
from cnnviz.models.builder import (
    NetworkSpec,
    NetworkSpecError,
    adapt_to_data,
    inspect_spec,
    layers_from_text,
    layers_to_text,
    preset,
)
from cnnviz.models.builder.text_form import LONGEST
from cnnviz.training import Job, LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig
from cnnviz.training.config import MOST_BATCH, MOST_EPOCHS, MOST_STEPS
from cnnviz.ui.train.network_answers import LAYERS_NAME
from cnnviz.ui.train.setup import OWN, START, TrainSetup, default_setup, own_title, setup_offers

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)
MOST_SEED, MOST_DATA_SEED = 2**31 - 1, 9_999_999
ALMOST_ONE = 0.999999
NETWORK, DATA, AUGMENT, BALANCED = "network", "data", "augment", "balanced"
WORDS: dict[str, type[StrEnum]] = {
    "optimiser": OptimiserKind, "schedule": ScheduleKind, "loss": LossKind, "scaling": ScalingKind,
}  # fmt: skip
WHOLE: dict[str, tuple[float, float]] = {  # of the settings: the least and the most
    "steps": (1, MOST_STEPS), "epochs": (1, MOST_EPOCHS), "batch": (1, MOST_BATCH), "warm": (0, MOST_STEPS),
    "cool": (0, MOST_STEPS), "seed": (0, MOST_SEED), "test_every": (0, MOST_STEPS),
}  # fmt: skip
FRACTIONS: dict[str, tuple[float, float]] = {
    "rate": (1e-8, 9.99), "momentum": (0, ALMOST_ONE), "decay": (0, 1), "l2": (0, 1), "smoothing": (0, ALMOST_ONE),
    "averaging": (0, ALMOST_ONE),
}  # fmt: skip
OF_DATA = {"limit": "limit", "validation": "validation", "data_seed": "seed"}  # in the link, in the choice
LINK_NAMES = (NETWORK, LAYERS_NAME, DATA, *OF_DATA, BALANCED, *WORDS, *WHOLE, *FRACTIONS, AUGMENT)
_FRAMES = {SetKey.BIRDS: "birds_c1", SetKey.XO: "xo_small", SetKey.XO_GENERATED: "xo_small"}  # whose pictures alike
_NUMBER = re.compile(r"-?\d{0,20}(\.\d{0,25})?(e[+-]?\d{1,3})?")
_CHANGE = re.compile(r"([a-z]+)(.*)")


def write_setup(setup: TrainSetup) -> dict[str, str]:
    """The words of a link that stands for `setup`, by name; none for the setup that the page begins with.

    >>> from cnnviz.ui.train.links import write_setup
    >>> from cnnviz.ui.train.setup import default_setup
    >>> write_setup(default_setup("mnist_b1"))
    {'network': 'mnist_b1'}
    """
    base, words = _base_of(setup)
    if setup.data.key != SetKey.OWN:
        words |= _data_words(setup.data, base.data)
    words |= _changed(
        {name: written_setup(getattr(setup.config, name)) for name in (*WORDS, *WHOLE, *FRACTIONS)},
        {name: written_setup(getattr(base.config, name)) for name in (*WORDS, *WHOLE, *FRACTIONS)},
    )
    if setup.augmentation is not None and not setup.augmentation.is_nothing:
        words[AUGMENT] = _augment_text(setup.augmentation)
    return words


def _base_of(setup: TrainSetup) -> tuple[TrainSetup, dict[str, str]]:
    """What the link leaves out, and the words that say so: a ready-made network, or one's own layers."""
    if setup.network != OWN and preset(setup.network).parts == setup.blueprint.parts:
        return default_setup(setup.network), {} if setup.network == START else {NETWORK: setup.network}
    text = layers_to_text(_fitting(setup).parts)
    return default_setup(START), {LAYERS_NAME: text} if len(text) <= LONGEST else {}


def _data_words(data: DataChoice, base: DataChoice) -> dict[str, str]:
    words = {} if data.key == base.key else {DATA: str(data.key)}
    plain = base if data.key == base.key else DataChoice(data.key)
    words |= _changed(*({name: written_setup(getattr(each, field)) for name, field in OF_DATA.items()}
                        for each in (data, plain)))  # fmt: skip
    return words | ({BALANCED: "1"} if data.balanced else {})


def _changed(now: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in now.items() if text != before[name]}


def _augment_text(how: Augmentation) -> str:
    parts = [f"{name}{written_setup(getattr(how, name))}" for name in MOST if getattr(how, name)]
    return "_".join([*parts, *([how.border.value] if how.border is not BorderFill.PAPER else [])])


def written_setup(value: float | str | None) -> str:
    """A number to the last bit, as people write it; None is no text.

    >>> from cnnviz.ui.train.links import written_setup
    >>> written_setup(3e-05)
    '0.00003'
    """
    if value is None or isinstance(value, str):
        return str(value or "")
    plain = f"{Decimal(repr(value)).normalize():f}"
    return plain if len(plain) <= 24 else repr(value)


def left_out(setup: TrainSetup) -> str:
    """One sentence on what a link cannot carry of `setup`; nothing where it carries all."""
    if setup.data.key == SetKey.OWN:
        return _("Your own images are not in the link: they stay on this machine.")
    if LAYERS_NAME not in write_setup(setup) and _base_of(setup)[0].blueprint.parts != setup.blueprint.parts:
        return _("The layers are too many for a link: save the network instead.")
    return ""


@dataclass(frozen=True)
class LinkedSetup:
    """What a link asks for, as far as it is possible; `odd`: the names of what was not."""

    setup: TrainSetup
    odd: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What the reader is told; nothing where the link was sound."""
        if not self.odd:
            return ""
        names = ", ".join(self.odd)
        return _(
            "The link asks for something that cannot be ({names}): what is usual or possible is taken instead.",
            names=names,
        )


def read_setup(query: Mapping[str, str]) -> LinkedSetup:
    """The setup that a link asks for; what makes no sense or lies out of its bounds is as usual. Never raises.

    The nearest possible would be worse: a rate of 9.99 in the place of 99 lets every run diverge.

    >>> from cnnviz.ui.train.links import read_setup
    >>> read_setup({"rate": "50"}).odd
    ('rate',)
    """
    reader = _Reader(query)
    base = reader.base()
    data = reader.data(base.data)
    blueprint = base.blueprint if base.network != OWN else _framed(base.blueprint, data)
    setup = TrainSetup(base.network, blueprint, data, reader.config(base.config), reader.augmentation())
    sound = _affordable(setup)
    if sound != setup:
        reader.odd.append("batch")
    return LinkedSetup(sound, tuple(dict.fromkeys(reader.odd)))


class _Reader:
    """Reads the words of a link, and notes which of them made no sense."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query
        self.odd: list[str] = []

    def base(self) -> TrainSetup:
        key = self._query.get(NETWORK, START)
        if key not in setup_offers():
            self.odd.append(NETWORK)
        base = default_setup(key if key in setup_offers() else START)
        if LAYERS_NAME not in self._query:
            return base
        try:
            parts = layers_from_text(self._query[LAYERS_NAME])
            return replace(base, network=OWN, blueprint=replace(base.blueprint, title=own_title(), parts=parts))
        except NetworkSpecError:
            self.odd.append(LAYERS_NAME)
            return base

    def data(self, base: DataChoice) -> DataChoice:
        key = self._word(DATA, SetKey, SetKey(base.key))
        if key is SetKey.OWN:
            self.odd.append(DATA)
            return base
        plain = base if key == base.key else DataChoice(key)
        limit = self._number("limit", plain.limit, 1, MOST_PICTURES, _rounded)
        share = self._number("validation", plain.validation, LEAST_SHARE, MOST_SHARE, float)
        seed = self._number("data_seed", plain.seed, 0, MOST_DATA_SEED, _rounded)
        balanced = self._query.get(BALANCED, "0")
        if balanced not in ("0", "1"):
            self.odd.append(BALANCED)
        return DataChoice(key, limit, share, seed, balanced == "1")

    def config(self, base: TrainConfig) -> TrainConfig:
        changed: dict[str, Any] = {name: self._word(name, kind, getattr(base, name)) for name, kind in WORDS.items()}
        for bounds, made in ((WHOLE, _rounded), (FRACTIONS, float)):
            for name, (low, high) in bounds.items():
                changed[name] = self._number(name, getattr(base, name), low, high, made)
        return replace(base, **changed)

    def augmentation(self) -> Augmentation | None:
        how = NOTHING
        for part in filter(None, self._query.get(AUGMENT, "").split("_", 2 * len(MOST))):
            how = self._with_change(how, part)
        return None if how.is_nothing else how

    def _with_change(self, how: Augmentation, part: str) -> Augmentation:
        if part in tuple(BorderFill):
            return replace(how, border=BorderFill(part))
        found = _CHANGE.fullmatch(part[:60])
        name, value = (found[1], _read_number(found[2])) if found else ("", None)
        if name in MOST and value is not None:
            if not 0.0 <= value <= MOST[name]:
                self.odd.append(AUGMENT)
                return how
            changed: dict[str, Any] = {name: value}
            return replace(how, **changed)
        self.odd.append(AUGMENT)
        return how

    def _word(self, name: str, kind: type[W], usual_one: W) -> W:
        text = self._query.get(name)
        if text is None:
            return usual_one
        if text not in tuple(kind):
            self.odd.append(name)
            return usual_one
        return kind(text)

    def _number(self, name: str, usual_one: T, low: float, high: float, made: Callable[[float], Any]) -> T:
        """The number that the link says; as usual where it says none, or none between `low` and `high`."""
        if name not in self._query:
            return usual_one
        value = _read_number(self._query[name])
        if value is None or not low <= value <= high or made(value) != value:
            self.odd.append(name)
            return usual_one
        found: T = made(value)
        return found


def _read_number(text: str) -> float | None:
    """A finite or an endless number; None for what is none."""
    if not text or not text.isascii() or _NUMBER.fullmatch(text) is None:
        return None
    try:
        return float(text)
    except ValueError:  # "-", "e5"
        return None


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


def _framed(blueprint: NetworkSpec, data: DataChoice) -> NetworkSpec:
    """Layers as they read the pictures of `data`: no number is changed."""
    like = preset(_FRAMES.get(SetKey(data.key), START))
    return replace(blueprint, input_shape=like.input_shape, classes=like.classes)


def _fitting(setup: TrainSetup) -> NetworkSpec:
    """The network as it will read the pictures of `setup`."""
    like = _framed(setup.blueprint, setup.data)
    return adapt_to_data(setup.blueprint, like.input_shape, like.classes)


def _affordable(setup: TrainSetup) -> TrainSetup:
    """With a batch that the network can take; layers that do not fit together are the editor's to say."""
    blueprint = _fitting(setup)
    if inspect_spec(blueprint).problem is not None:
        return setup
    while setup.config.batch > 1:
        try:
            Job(blueprint, setup.data, setup.config)
            break
        except ValueError:
            setup = replace(setup, config=replace(setup.config, batch=setup.config.batch // 2))
    return setup
