"""A view as a link and back: network, layer, channel, cell, colours, edits and the drawing itself.

Whatever a link carries is checked; junk falls back to what an empty link shows, without a word.
A sketch is packed as quantised steps (1/1000 of the canvas), deflated, in URL-safe base 64.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlencode

from cnnviz.core.colour_ranges import RangeScope
from cnnviz.core.edits import EditError, Edits, read_edits
from cnnviz.core.layer_paths import path_from_text, path_to_text
from cnnviz.data.pixel_edits import PixelEdits, read_pixel_edits
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.i18n import _
from cnnviz.models.zoo import is_own_key, network_keys
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.web.selection import Selection, known_folds, known_panels

NETWORK = "mnist"  # where a link names none
STEPS = 1000  # of the canvas' side
WIDTH_STEPS = 250
LONGEST = 6000  # characters of a drawing in a link
FEW_POINTS = LONGEST * 3 // 4 // 5  # four bytes at most for a point, three for four characters; the rest for strokes
BLANK = "0"  # an empty pad
MOST_BYTES = 200_000  # of an unpacked drawing
LINK_NAMES = (
    "network", "layer", "map", "cell", "colours", "open", "digit", "ink", "off", "edits", "folds", "pixels", "answers",
)  # fmt: skip
ALL = "all"  # what a link says of answers
READING_NAMES = ("file", "architecture", "side", "mean", "std", "classes")  # of a network from outside
BETWEEN_FOLDS = "~"
SIDE_B = "_b"  # what the names of side B of a comparison end in
COMPARISON_NAMES = ("compare", *(f"{name}{SIDE_B}" for name in ("ink", "digit", "network", *READING_NAMES)))


@dataclass(frozen=True)
class LinkedView:
    """All that a link says. `digit` is the place of an image in the MNIST test set."""

    selection: Selection = field(default_factory=Selection)
    sketch: Sketch | None = None
    digit: int | None = None
    network: str = NETWORK
    off: frozenset[str] = frozenset()  # the steps of the preparation that are switched off
    edits: Edits = field(default_factory=Edits)  # of the network; what was undone is not in a link
    pixels: PixelEdits = field(default_factory=PixelEdits)  # of the input, set by hand
    has_all_answers: bool = False  # of the networks for a subject, side by side


def view_to_link(view: LinkedView, others: Mapping[str, str] | None = None) -> str:
    """The query string of `view` after `others`, "?" included; "?" for the plain start."""
    chosen = view.selection
    parts: dict[str, object] = dict(others or {})
    if view.network != NETWORK:
        parts["network"] = view.network
    if chosen.layer is not None:
        parts |= {"layer": chosen.layer, "map": chosen.channel}
    if chosen.layer is not None and chosen.row is not None:
        parts["cell"] = f"{chosen.row}.{chosen.col}"
    if chosen.scope is not RangeScope.LAYER:
        parts["colours"] = chosen.scope.value
    if chosen.panels:
        parts["open"] = ".".join(sorted(chosen.panels))
    if chosen.folds:
        parts["folds"] = BETWEEN_FOLDS.join(map(path_to_text, sorted(chosen.folds)))
    parts |= image_to_link(view.sketch, view.digit)
    if view.off:
        parts["off"] = ".".join(sorted(view.off))
    if view.edits:
        parts["edits"] = view.edits.text
    if view.pixels and (view.digit is not None or view.sketch is not None):  # of an upload they would lie on another
        parts["pixels"] = view.pixels.text
    if view.has_all_answers:
        parts["answers"] = ALL
    return f"?{urlencode(parts)}"


def image_to_link(sketch: Sketch | None, digit: int | None) -> dict[str, str]:
    """What a link says of an image: a known one by its number, a drawing as ink, nothing of one's own."""
    if digit is not None:
        return {"digit": str(digit)}
    if sketch is not None:
        return {"ink": _packed_to_fit(sketch) if sketch.strokes else BLANK}
    return {}


def view_from_link(query: Mapping[str, str]) -> LinkedView:
    """The view that `query` asks for, each part that makes no sense left out."""
    cell = query.get("cell", "").split(".")
    row, col = (_whole(part) for part in cell) if len(cell) == 2 else (None, None)
    scope = query.get("colours", "")
    selection = Selection(
        layer=query.get("layer") or None,
        channel=_whole(query.get("map", "")) or 0,
        row=row if col is not None else None,
        col=col if row is not None else None,
        scope=RangeScope(scope) if scope in tuple(RangeScope) else RangeScope.LAYER,
        panels=known_panels(query.get("open", "").split(".")),
        folds=known_folds(list(_read_folds(query.get("folds", "")))),
    )
    network = query.get("network", "")
    return LinkedView(
        selection,
        unpack_sketch(query.get("ink", "")),
        _whole(query.get("digit", "")),
        network if network in network_keys() or is_own_key(network) else NETWORK,
        frozenset(SWITCHES).intersection(query.get("off", "").split(".")),
        _read_edits(query.get("edits", "")),
        read_pixel_edits(query.get("pixels", "")),
        query.get("answers") == ALL,
    )


def _read_folds(text: str) -> Iterator[str]:
    for part in text.split(BETWEEN_FOLDS):
        with suppress(ValueError):
            yield path_from_text(part)


def _read_edits(text: str) -> Edits:
    try:
        return read_edits(text)
    except EditError:  # all or nothing: half of an operation shows another network than the link was made of
        return Edits()


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


@lru_cache(maxsize=8)  # one answer asks several times how long it is
def pack_sketch(sketch: Sketch) -> str:
    """`sketch` as URL-safe text, about two characters a point.

    >>> from cnnviz.data.strokes import Sketch, Stroke
    >>> from cnnviz.ui.app.links import pack_sketch, snap_to_grid, unpack_sketch
    >>> sketch = Sketch((Stroke(((0.5, 0.1), (0.5, 0.9))),))
    >>> unpack_sketch(pack_sketch(sketch)) == snap_to_grid(sketch)
    True
    """
    numbers: list[int] = []
    for stroke in sketch.strokes:
        numbers += [max(1, round(stroke.width * WIDTH_STEPS)) * 2 + stroke.erases, len(stroke.points)]
        last = (0, 0)
        for x, y in stroke.points:
            here = (round(x * STEPS), round(y * STEPS))
            numbers += [_folded(here[0] - last[0]), _folded(here[1] - last[1])]
            last = here
    data = b"".join(map(_varint, numbers))
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def snap_to_grid(sketch: Sketch) -> Sketch:
    """`sketch` on the grid of a link, so that who opens the link gets the very same numbers.

    >>> from cnnviz.data.strokes import Sketch, Stroke
    >>> from cnnviz.ui.app.links import pack_sketch, snap_to_grid, unpack_sketch
    >>> sketch = Sketch((Stroke(((0.51234, 0.1), (0.5, 0.9))),))
    >>> unpack_sketch(pack_sketch(snap_to_grid(sketch))) == snap_to_grid(sketch)
    True
    """
    return Sketch(
        tuple(
            Stroke(
                tuple((round(x * STEPS) / STEPS, round(y * STEPS) / STEPS) for x, y in stroke.points),
                max(1, round(stroke.width * WIDTH_STEPS)) / WIDTH_STEPS,
                stroke.erases,
            )
            for stroke in sketch.strokes
        )
    )


def sketch_left_out(view: LinkedView, *, has_ink: bool) -> str:
    """One sentence on what the link of `view` does not hold, where `has_ink` lies there; "" where it holds all."""
    if view.digit is not None:
        return ""
    if view.sketch is None:
        return _("An image of your own is not in the link: whoever opens it sees another image.") if has_ink else ""
    if not _is_too_long(view.sketch):
        return ""
    return _("This drawing is too long for a link: the link has fewer points, so numbers may differ there.")


def _is_too_long(sketch: Sketch) -> bool:
    """Whether a link cannot hold every point; few points are not even packed to find out."""
    points = sum(len(stroke.points) for stroke in sketch.strokes)
    return points > FEW_POINTS and len(pack_sketch(sketch)) > LONGEST


def _packed_to_fit(sketch: Sketch) -> str:
    """`sketch` packed; one too long for a link loses every second point until it fits."""
    packed = pack_sketch(sketch)
    while len(packed) > LONGEST and any(len(stroke.points) > 2 for stroke in sketch.strokes):
        sketch = Sketch(
            tuple(replace(stroke, points=(*stroke.points[:-1:2], stroke.points[-1])) for stroke in sketch.strokes)
        )
        packed = pack_sketch(sketch)
    return packed


def unpack_sketch(text: str) -> Sketch | None:
    """The sketch that `text` holds; None for anything that `pack_sketch` did not write."""
    if text == BLANK:
        return Sketch(())
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        data = zlib.decompressobj().decompress(packed, MOST_BYTES)
        return Sketch(tuple(_strokes(_numbers(data))))
    except (ValueError, binascii.Error, zlib.error, RuntimeError):
        return None


def _strokes(numbers: Iterator[int]) -> Iterator[Stroke]:
    for head in numbers:
        points, x, y = [], 0, 0
        for _place in range(_next(numbers)):
            x, y = x + _unfolded(_next(numbers)), y + _unfolded(_next(numbers))
            points.append((x / STEPS, y / STEPS))
        yield Stroke(tuple(points), width=(head >> 1) / WIDTH_STEPS, erases=bool(head & 1))


def _next(numbers: Iterator[int]) -> int:
    value = next(numbers, None)
    if value is None:
        raise ValueError("drawing in the link must be whole, got a part of one: copy the whole link")
    return value


def _folded(step: int) -> int:
    """Signed to unsigned, small stays small: 0, −1, 1, −2 … → 0, 1, 2, 3 …"""
    return 2 * step if step >= 0 else -2 * step - 1


def _unfolded(value: int) -> int:
    return -(value + 1) // 2 if value & 1 else value // 2


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; the high bit says that more follow."""
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _numbers(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0
        elif shift > 35:
            raise ValueError("number in the link must be short, got a long one: copy the whole link")
