"""What is wrong with a part where it stands, in one sentence, and what mends it: each mend is a whole blueprint.

Refuses to know: torch, pages, what comes after the part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from cnnviz.i18n import _, ngettext
from cnnviz.models.builder.layer_config import FLATTEN, LayerConfig, LayerKind, linear
from cnnviz.models.builder.network_spec import MOST_PARTS, NetworkSpec
from cnnviz.models.builder.output_sizes import Shape

ON_MAPS = (LayerKind.CONV, LayerKind.POOL, LayerKind.DROPOUT2D, LayerKind.RESIDUAL, LayerKind.GLOBAL_AVERAGE)


@dataclass(frozen=True)
class Fix:
    """One click that mends: what the button says, and the blueprint after it.

    >>> from cnnviz.models.builder import NetworkSpec, inspect_spec
    >>> from cnnviz.models.builder.layer_config import conv, linear
    >>> found = inspect_spec(NetworkSpec("Mine", (1, 28, 28), ("X", "O"), (conv(4), linear())))
    >>> found.problem.mends[0].label, found.problem.mends[0].blueprint.names
    ('put flatten before it', ('conv1', 'flatten', 'fc'))
    """

    label: str
    blueprint: NetworkSpec


@dataclass(frozen=True)
class Problem:
    """One sentence, the field of the part that it is about ("" for the whole part), and ways out, best first.

    >>> from cnnviz.models.builder import NetworkSpec, inspect_spec
    >>> from cnnviz.models.builder.layer_config import FLATTEN, conv, linear
    >>> problem = inspect_spec(NetworkSpec("Mine", (1, 4, 4), ("X", "O"), (conv(4, 5), FLATTEN, linear()))).problem
    >>> problem.sentence
    'kernel of conv1 must be at most as large as its input (4×4, padding included), got 5: make it smaller'
    >>> problem.field, [mend.label for mend in problem.mends]
    ('kernel', ['use 4', 'use padding 1', 'remove conv1'])
    """

    sentence: str
    field: str = ""
    mends: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class LayerPlace:
    """A part where it stands: its number in the blueprint, and the shape that arrives.

    `laid_out` is the shape of the maps of which a flatten made the column that arrives, () where none did.
    """

    blueprint: NetworkSpec
    number: int
    arrives: Shape
    laid_out: Shape = ()

    @property
    def part(self) -> LayerConfig:
        """The part itself."""
        return self.blueprint.parts[self.number]

    @property
    def name(self) -> str:
        """As the network calls it."""
        return self.blueprint.names[self.number]

    def using(self, field: str, value: Any) -> Fix:
        """Another number in one field."""
        return Fix(_("use {value}", value=value), with_changed(self.blueprint, self.number, **{field: value}))


def with_changed(blueprint: NetworkSpec, number: int, **fields: Any) -> NetworkSpec:
    """`blueprint` with other fields in part `number`."""
    part: LayerConfig = replace(blueprint.parts[number], **fields)
    return replace(blueprint, parts=(*blueprint.parts[:number], part, *blueprint.parts[number + 1 :]))


def with_removed(blueprint: NetworkSpec, number: int) -> NetworkSpec:
    """`blueprint` without part `number`."""
    return replace(blueprint, parts=(*blueprint.parts[:number], *blueprint.parts[number + 1 :]))


def with_inserted(blueprint: NetworkSpec, number: int, *parts: LayerConfig) -> NetworkSpec:
    """`blueprint` with more parts before part `number`."""
    return replace(blueprint, parts=(*blueprint.parts[:number], *parts, *blueprint.parts[number:]))


def _in_words(shape: Shape) -> str:
    if len(shape) == 1:
        return ngettext("one column of {count} number", "one column of {count} numbers", shape[0])
    channels, rows, cols = shape
    return ngettext(
        "{count} map of {rows}×{cols}", "{count} maps of {rows}×{cols}", channels, rows=rows, cols=cols
    )  # fmt: skip


def find_problem(place: LayerPlace) -> Problem | None:
    """The first thing that is wrong with the part; None where it fits."""
    rules = (_reads_maps, _reads_a_column, _kernel_fits, _padding_fits, _kernel_is_odd, _channels_match)
    return next((found for rule in rules if (found := rule(place)) is not None), None)


def _reads_maps(place: LayerPlace) -> Problem | None:
    if place.part.kind not in ON_MAPS or len(place.arrives) == 3:
        return None
    sentence = _(
        "{name} must get maps, got {arrives}: put it before the flatten", name=place.name,
        arrives=_in_words(place.arrives),
    )  # fmt: skip
    return Problem(sentence, mends=(*_before_flatten(place), _without(place)))


def _without(place: LayerPlace) -> Fix:
    return Fix(_("remove {name}", name=place.name), with_removed(place.blueprint, place.number))


def _before_flatten(place: LayerPlace) -> tuple[Fix, ...]:
    kinds = [part.kind for part in place.blueprint.parts[: place.number]]
    if LayerKind.FLATTEN not in kinds:
        return ()
    moved = with_inserted(with_removed(place.blueprint, place.number), kinds.index(LayerKind.FLATTEN), place.part)
    return (Fix(_("move it before flatten"), moved),)


def _reads_a_column(place: LayerPlace) -> Problem | None:
    if place.part.kind is not LayerKind.LINEAR or len(place.arrives) == 1:
        return None
    sentence = _(
        "{name} must get one column of numbers, got {arrives}: put a flatten before it", name=place.name,
        arrives=_in_words(place.arrives),
    )  # fmt: skip
    if len(place.blueprint.parts) >= MOST_PARTS:
        return Problem(sentence)
    return Problem(
        sentence, mends=(Fix(_("put flatten before it"), with_inserted(place.blueprint, place.number, FLATTEN)),)
    )


def _kernel_fits(place: LayerPlace) -> Problem | None:
    part = place.part
    if part.kind not in (LayerKind.CONV, LayerKind.POOL):
        return None
    smallest = min(place.arrives[1:])
    padded = smallest + 2 * part.padding
    if part.kernel <= padded:
        return None
    rows, cols = (side + 2 * part.padding for side in place.arrives[1:])
    sentence = _(
        "kernel of {name} must be at most as large as its input ({rows}×{cols}, padding included), got "
        "{got}: make it smaller", name=place.name, rows=rows, cols=cols, got=part.kernel,
    )  # fmt: skip
    smaller = with_changed(place.blueprint, place.number, kernel=padded, padding=min(part.padding, padded // 2))
    mends = [Fix(_("use {value}", value=padded), smaller)]
    if part.kind is LayerKind.CONV:
        needed = -(-(part.kernel - smallest) // 2)
        mends.append(
            Fix(_("use padding {value}", value=needed), with_changed(place.blueprint, place.number, padding=needed))
        )
    return Problem(sentence, "kernel", (*mends, _without(place)))


def _padding_fits(place: LayerPlace) -> Problem | None:
    part = place.part
    if part.kind is not LayerKind.POOL or 2 * part.padding <= part.kernel:
        return None
    sentence = _(
        "padding of {name} must be at most half its window ({most}), got {got}: "
        "PyTorch pools no window of padding alone", name=place.name, most=part.kernel // 2, got=part.padding,
    )  # fmt: skip
    return Problem(sentence, "padding", (place.using("padding", part.kernel // 2),))


def _kernel_is_odd(place: LayerPlace) -> Problem | None:
    part = place.part
    if part.kind is not LayerKind.RESIDUAL or part.kernel % 2 == 1:
        return None
    sentence = _(
        "kernel of {name} must be odd, got {got}: only then do its maps keep their size, so that they can be added",
        name=place.name, got=part.kernel,
    )  # fmt: skip
    return Problem(sentence, "kernel", (place.using("kernel", part.kernel - 1),))


def _channels_match(place: LayerPlace) -> Problem | None:
    part = place.part
    count = prod(place.arrives) if part.kind is LayerKind.LINEAR else place.arrives[0]
    if part.inputs in (0, count):
        return None
    texts = {
        LayerKind.LINEAR: _(
            "inputs of {name} must be as many as the previous layer gives ({count}{product}), got {got}: count "
            "them again"
        ),
        LayerKind.RESIDUAL: _(
            "channels of {name} must be as many as the previous layer gives ({count}), since both are added, got "
            "{got}: a convolution before it can change their number"
        ),
    }
    other = _(
        "input channels of {name} must be as many as the previous layer gives ({count}), got {got}: each has "
        "weights of its own"
    )
    text = texts.get(part.kind, other)
    sentence = text.format(name=place.name, count=f"{count:,}", product=_product(place), got=f"{part.inputs:,}")
    return Problem(sentence, "inputs", (place.using("inputs", count), _automatically(place)))


def _automatically(place: LayerPlace) -> Fix:
    return Fix(_("always from the previous layer"), with_changed(place.blueprint, place.number, inputs=0))


def _product(place: LayerPlace) -> str:
    """Where the number comes from, where maps were laid in a column: " = 32·7·7"."""
    return f" = {'·'.join(map(str, place.laid_out))}" if place.laid_out else ""


def find_problem_at_end(blueprint: NetworkSpec, shape: Shape) -> tuple[int | None, Problem] | None:
    """What is wrong with the scores that come out, and the number of the part that it is about, if it is one."""
    classes = len(blueprint.classes)
    if shape == (classes,):
        return None
    last = len(blueprint.parts)
    makers = [number for number, part in enumerate(blueprint.parts) if part.kind is LayerKind.LINEAR]
    if len(shape) == 1 and makers:
        number = makers[-1]
        sentence = _(
            "the last layer must give one score for each of the {classes} classes, got {got}: the largest score "
            "is the prediction", classes=classes, got=shape[0],
        )  # fmt: skip
        mended = with_changed(blueprint, number, outputs=classes)
        return number, Problem(sentence, "outputs", (Fix(_("use {value}", value=classes), mended),))
    sentence = _(
        "the network must end in one score for each of the {classes} classes, got {shape}: "
        "end it with a fully connected layer", classes=classes, shape=_in_words(shape),
    )  # fmt: skip
    parts = (linear(),) if len(shape) == 1 else (FLATTEN, linear())
    if last + len(parts) > MOST_PARTS:
        return None, Problem(sentence)
    label = _("add a fully connected layer") if len(shape) == 1 else _("add flatten and a fully connected layer")
    return None, Problem(sentence, mends=(Fix(label, with_inserted(blueprint, last, *parts)),))
