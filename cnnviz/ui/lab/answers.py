"""A question of the laboratory, answered: a setup in, what PyTorch makes of it out. No session: a pure function.

A run of the page and the short way (`routes`) answer alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from cnnviz.checks import is_whole
from cnnviz.conv_lab.actions import LabAction, apply_action, describe_preset, with_other_image
from cnnviz.conv_lab.examples import EXAMPLES
from cnnviz.conv_lab.images import LabImage
from cnnviz.conv_lab.kernel_presets import recognise_presets
from cnnviz.conv_lab.output_sizes import (
    AxisSize,
    axis_sizes,
    describe_parameters,
    describe_shapes,
    describe_unread,
    receptive_field_with_second,
)
from cnnviz.conv_lab.run import axes_of, lab_result, linear_difference
from cnnviz.conv_lab.settings import LabSettings, LabSetup, nearest_setup
from cnnviz.conv_lab.to_json import image_from_json, setup_from_json, setup_to_json, setup_to_link
from cnnviz.i18n import _
from cnnviz.ui.app.caches import configure_threads, trained_network
from cnnviz.ui.app.links import NETWORK
from cnnviz.ui.lab import nd_answers, norm_answers, shift_answers
from cnnviz.web.conv_lab.packet import pack

EXAMPLE_NAME, SETUP_NAME = "example", "setup"  # in a link
CONV1 = "conv1"  # the layer of the trained network whose kernels can be taken
Sizes = tuple[AxisSize, AxisSize]
_WHOLE = ("unit", "rows", "cols", "count", "seed")


def answer_lab(question: Mapping[str, Any]) -> bytes:
    """The packet for a question: "setup", "unit" (which map is open), "act" (a button), "picture" (another one).

    A question with a "shift", a "norm" or an "nd" is another one (`shift_answers`, `norm_answers`, `nd_answers`).

    Raises: ValueError, one sentence, for a question that is not one. What is not possible is no error: the nearest
    setup is shown, and the answer says what was changed.
    """
    if "shift" in question:
        return shift_answers.answer_shift(question)
    if "norm" in question:
        return norm_answers.answer_norm(question)
    if "nd" in question:
        return nd_answers.answer_nd(question)
    record = question.get("setup")
    if not isinstance(record, dict):
        raise ValueError(_("setup must be a record, got something else"))
    wish = setup_from_json(record)
    try:
        wish, sentence = _changed(wish, question)
    except (KeyError, ValueError) as error:
        return lab_packet(wish, _unit(question), with_picture=True, problem=str(error.args[0]))
    return lab_packet(wish, _unit(question), with_picture=question.get("with_picture") is not False, problem=sentence)


def _changed(wish: LabSettings, question: Mapping[str, Any]) -> tuple[LabSettings, str]:
    """The wish after what the question asks for besides it, and what has to be said about it."""
    if "picture" in question:
        wish = with_other_image(wish, image_from_json(question["picture"]))
    act = question.get("act")
    if not isinstance(act, dict):
        return wish, ""
    if act.get("name") == "trained":
        return with_trained_kernels(wish), ""
    made = _act(act)
    return apply_action(wish, made), describe_preset(wish, made)


def _act(record: Mapping[str, Any]) -> LabAction:
    """Raises: ValueError for an act that is not a name and whole numbers."""
    name, channel = record.get("name"), record.get("channel")
    numbers = {field: record[field] for field in _WHOLE if field in record}
    known = [*numbers.values(), *([] if channel is None else [channel])]
    if not isinstance(name, str) or not all(is_whole(n, 0, 10**6 - 1) for n in known):
        raise ValueError(_("act must be a name and whole numbers, got {got}", got=str(dict(record))[:80]))
    return LabAction(name, channel=channel, **numbers)


def with_trained_kernels(wish: LabSettings) -> LabSettings:
    """The kernels and biases of the trained network's first layer, and its padding, on the present picture."""
    layer = trained_network(NETWORK).model.get_submodule(CONV1)
    weights = {name: value.detach().numpy() for name, value in layer.named_parameters()}
    plain = LabSettings(picture=wish.picture, kernel=weights["weight"], bias=weights["bias"], padding=(2, 2))
    return with_other_image(plain, wish.picture)


def _unit(question: Mapping[str, Any]) -> int:
    unit = question.get("unit")
    return unit if is_whole(unit, 0) else 0


def lab_packet(wish: LabSettings, unit: int, *, with_picture: bool = True, problem: str = "", **rest: Any) -> bytes:
    """The packet of the nearest setup to `wish`; `rest` joins its header."""
    configure_threads()
    setup, sentences = nearest_setup(wish)
    layer = lab_result(setup)
    unit = min(unit, len(layer.output) - 1)
    sizes = axis_sizes(setup, axes_of(layer))
    header = {
        "setup": setup_to_json(setup), "problem": lab_header([problem, *sentences]), "is_nearest": bool(sentences),
        "words": lab_words(setup, sizes), "link": lab_link(setup), "unread": _unread(sizes),
        "ready_made": recognise_presets(setup.kernel).tolist(), **rest,
    }  # fmt: skip
    return pack(setup, layer, unit, header, with_picture=with_picture)


def lab_header(sentences: Iterable[str]) -> str:
    """Sentences one after the other, each with a capital letter and a full stop; empty ones are left out."""
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('.')}." for text in sentences if text)


def lab_words(setup: LabSetup, sizes: Sizes) -> dict[str, Any]:
    """What stands beside the result: shape, formula, what is never read, parameters, and what follows."""
    return {
        "shape": describe_shapes(setup),
        "formulas": [[size.name, size.formula] for size in sizes],
        "unread": describe_unread(sizes),
        "parameters": describe_parameters(setup),
        "notes": [note for note in (_on_top(setup), _linear(setup)) if note],
    }


def _unread(sizes: Sizes) -> dict[str, list[int]]:
    rows, cols = sizes
    return {"rows": list(rows.unread), "cols": list(cols.unread)}


def _on_top(setup: LabSetup) -> str:
    seen = receptive_field_with_second(setup)
    if seen is None:
        return ""
    return _(
        "Receptive field of a {side}×{side} window on the result: {rows}×{cols} cells of the image.",
        side=setup.on_top, rows=seen[0], cols=seen[1],
    )  # fmt: skip


def _linear(setup: LabSetup) -> str:
    difference = linear_difference(setup)
    if difference is None:
        return ""
    return _(
        "The same as a fully connected layer at each pixel: they differ by at most {difference}.",
        difference="0" if difference == 0 else f"{difference:.0e}",
    )


def lab_link(setup: LabSetup) -> dict[str, str]:
    """What a link says of `setup`: the key of the example that it is, or all of it; nothing where it is too long."""
    packed = setup_to_link(setup)
    if packed in _examples_by_link():
        return {EXAMPLE_NAME: _examples_by_link()[packed]}
    return {SETUP_NAME: packed} if packed else {}


@lru_cache(maxsize=1)
def _examples_by_link() -> dict[str, str]:
    return {setup_to_link(example.make()): example.key for example in EXAMPLES if example.make}


def image_offer(picture: LabImage) -> dict[str, Any]:
    """A picture that was brought along, as the browser offers it."""
    return {"key": picture.key, "title": picture.title}
