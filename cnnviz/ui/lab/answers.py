"""A question of the laboratory, answered: a setup in, what PyTorch makes of it out. No session: a pure function.

A run of the page and the short way (`live`) answer alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from cnnviz.checks import is_whole
from cnnviz.conv_lab.actions import Act, acted, on_another_picture, preset_sentence
from cnnviz.conv_lab.examples import EXAMPLES
from cnnviz.conv_lab.images import Picture
from cnnviz.conv_lab.kernel_presets import recognised
from cnnviz.conv_lab.output_sizes import (
    AxisSize,
    axis_sizes,
    parameter_sentence,
    seen_on_top,
    shape_sentence,
    unread_sentence,
)
from cnnviz.conv_lab.run import axes_of, linear_difference, result
from cnnviz.conv_lab.settings import Setup, Wish, nearest
from cnnviz.conv_lab.to_json import from_record, picture_of, to_link, to_record
from cnnviz.i18n import _
from cnnviz.ui.app.caches import settle_threads, trained
from cnnviz.ui.app.links import NETWORK
from cnnviz.ui.lab import shift_answers
from cnnviz.web.conv_lab.packet import pack

EXAMPLE_NAME, SETUP_NAME = "example", "setup"  # in a link
CONV1 = "conv1"  # the layer of the trained network whose kernels can be taken
Sizes = tuple[AxisSize, AxisSize]
_WHOLE = ("unit", "rows", "cols", "count", "seed")


def answer(question: Mapping[str, Any]) -> bytes:
    """The packet for a question: "setup", "unit" (which map is open), "act" (a button), "picture" (another one).

    A question with a "shift" is another one (`laboratory_shifts`).

    Raises: ValueError, one sentence, for a question that is not one. What is not possible is no error: the nearest
    setup is shown, and the answer says what was changed.
    """
    if "shift" in question:
        return shift_answers.answer(question)
    record = question.get("setup")
    if not isinstance(record, dict):
        raise ValueError(_("setup must be a record, got something else"))
    wish = from_record(record)
    try:
        wish, sentence = _changed(wish, question)
    except (KeyError, ValueError) as error:
        return shown(wish, _unit(question), with_picture=True, problem=str(error.args[0]))
    return shown(wish, _unit(question), with_picture=question.get("with_picture") is not False, problem=sentence)


def _changed(wish: Wish, question: Mapping[str, Any]) -> tuple[Wish, str]:
    """The wish after what the question asks for besides it, and what has to be said about it."""
    if "picture" in question:
        wish = on_another_picture(wish, picture_of(question["picture"]))
    act = question.get("act")
    if not isinstance(act, dict):
        return wish, ""
    if act.get("name") == "trained":
        return with_trained_kernels(wish), ""
    made = _act(act)
    return acted(wish, made), preset_sentence(wish, made)


def _act(record: Mapping[str, Any]) -> Act:
    """Raises: ValueError for an act that is not a name and whole numbers."""
    name, channel = record.get("name"), record.get("channel")
    numbers = {field: record[field] for field in _WHOLE if field in record}
    known = [*numbers.values(), *([] if channel is None else [channel])]
    if not isinstance(name, str) or not all(is_whole(n, 0, 10**6 - 1) for n in known):
        raise ValueError(_("act must be a name and whole numbers, got {got}", got=str(dict(record))[:80]))
    return Act(name, channel=channel, **numbers)


def with_trained_kernels(wish: Wish) -> Wish:
    """The kernels and biases of the trained network's first layer, and its padding, on the present picture."""
    layer = trained(NETWORK).model.get_submodule(CONV1)
    weights = {name: value.detach().numpy() for name, value in layer.named_parameters()}
    plain = Wish(picture=wish.picture, kernel=weights["weight"], bias=weights["bias"], padding=(2, 2))
    return on_another_picture(plain, wish.picture)


def _unit(question: Mapping[str, Any]) -> int:
    unit = question.get("unit")
    return unit if is_whole(unit, 0) else 0


def shown(wish: Wish, unit: int, *, with_picture: bool = True, problem: str = "", **rest: Any) -> bytes:
    """The packet of the nearest setup to `wish`; `rest` joins its header."""
    settle_threads()
    setup, sentences = nearest(wish)
    layer = result(setup)
    unit = min(unit, len(layer.output) - 1)
    sizes = axis_sizes(setup, axes_of(layer))
    header = {
        "setup": to_record(setup), "problem": said([problem, *sentences]), "is_nearest": bool(sentences),
        "words": words(setup, sizes), "link": link(setup), "unread": _unread(sizes),
        "ready_made": recognised(setup.kernel).tolist(), **rest,
    }  # fmt: skip
    return pack(setup, layer, unit, header, with_picture=with_picture)


def said(sentences: Iterable[str]) -> str:
    """Sentences one after the other, each with a capital letter and a full stop; empty ones are left out."""
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('.')}." for text in sentences if text)


def words(setup: Setup, sizes: Sizes) -> dict[str, Any]:
    """What stands beside the result: shape, formula, what is never read, parameters, and what follows."""
    return {
        "shape": shape_sentence(setup),
        "formulas": [[size.name, size.formula] for size in sizes],
        "unread": unread_sentence(sizes),
        "parameters": parameter_sentence(setup),
        "notes": [note for note in (_on_top(setup), _linear(setup)) if note],
    }


def _unread(sizes: Sizes) -> dict[str, list[int]]:
    rows, cols = sizes
    return {"rows": list(rows.unread), "cols": list(cols.unread)}


def _on_top(setup: Setup) -> str:
    seen = seen_on_top(setup)
    if seen is None:
        return ""
    return _(
        "A {side}×{side} window on the result sees {rows}×{cols} cells of the picture.",
        side=setup.on_top, rows=seen[0], cols=seen[1],
    )  # fmt: skip


def _linear(setup: Setup) -> str:
    difference = linear_difference(setup)
    if difference is None:
        return ""
    return _(
        "The same as a fully connected layer at each pixel: they differ by at most {difference}.",
        difference="0" if difference == 0 else f"{difference:.0e}",
    )


def link(setup: Setup) -> dict[str, str]:
    """What a link says of `setup`: the key of the example that it is, or all of it; nothing where it is too long."""
    packed = to_link(setup)
    if packed in _examples_by_link():
        return {EXAMPLE_NAME: _examples_by_link()[packed]}
    return {SETUP_NAME: packed} if packed else {}


@lru_cache(maxsize=1)
def _examples_by_link() -> dict[str, str]:
    return {to_link(example.make()): example.key for example in EXAMPLES if example.make}


def picture_offer(picture: Picture) -> dict[str, Any]:
    """A picture that was brought along, as the browser offers it."""
    return {"key": picture.key, "title": picture.title}
