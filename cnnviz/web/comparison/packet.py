"""Two traces side by side as one packet: each as the explorer has it, and what Python says of both together.

Refuses to know: how bytes are laid out (`wire`), what goes together (`core.side_by_side`), words (`texts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from cnnviz.core.colour_ranges import largest_finite
from cnnviz.core.layer_trace import Trace
from cnnviz.core.side_by_side import ColumnPair, OneSide, SideBySide
from cnnviz.web.comparison.texts import comparison_texts
from cnnviz.web.explorer import LARGE, explorer_packet
from cnnviz.web.explorer.travelling import Travelling, travelling
from cnnviz.web.selection import INPUT, SOFTMAX, Selection, selection_to_json
from cnnviz.web.wire import Header, PacketWriter


@dataclass(frozen=True, eq=False)
class ComparedSide:
    """One side: its trace, what it is called, the names of its classes, its answer (`explorer_packet`).

    network, image: what these are called, in a file that is saved.
    """

    trace: Trace
    title: str
    classes: tuple[str, ...]
    verdict: Mapping[str, str]
    network: str = ""
    image: str = ""


def comparison_packet(
    one: ComparedSide,
    other: ComparedSide,
    selection: Selection,
    *,
    sparse: frozenset[str] | None = None,
    token: str = "",
    link: str = "",
    left_out: str = "",
) -> bytes:
    """All that is shown of both. `token`: what is compared; another one moves the reader to `selection`.

    sparse: of both networks the layers with colour scales of their own. link: the query string that leads here;
    left_out: what it does not hold, in words.
    A pair: "path", "one" and "other" (numbers of columns or None), "reason", and where there is a difference "largest",
    "reach" (the half-width of its colour scale), "share" (of the range of the layer's colours) and the "difference"
    itself, as far as both sides have values to the last cell.
    """
    pair, cargo = SideBySide(one.trace, other.trace, (one.classes, other.classes), sparse), PacketWriter()
    sides = [_side(side, pair, at, selection, cargo) for at, side in enumerate((one, other))]
    whole = [_whole_columns(side.trace, selection) for side in (one, other)]
    pairs = [_pair(each, pair, whole, cargo) for each in pair.pairs]
    header = {"sides": sides, "pairs": pairs, "is_alike": pair.is_alike, "selection": selection_to_json(selection)}
    return cargo.sealed(header | {"texts": comparison_texts(), "token": token, "link": link, "left_out": left_out})


def _side(side: ComparedSide, pair: SideBySide, at: int, selection: Selection, cargo: PacketWriter) -> Header:
    packet = explorer_packet(
        side.trace, selection.within(side.trace), classes=side.classes, verdict=side.verdict,
        compared=OneSide(side.trace, pair.sparse, pair.scales[at]), most_bytes=LARGE,
        ranked=pair.one if pair.is_alike else None,
    )  # fmt: skip
    said = {"title": side.title, "network": side.network, "image": side.image}
    return said | {"packet": cargo.put(np.frombuffer(packet, np.uint8))}


def _whole_columns(trace: Trace, selection: Selection) -> Travelling | None:
    """Which columns travel to the last cell; None where all do."""
    shown = selection.within(trace)
    return travelling(trace, shown, LARGE)


def _pair(each: ColumnPair, pair: SideBySide, whole: list[Travelling | None], cargo: PacketWriter) -> Header:
    said: Header = {"path": each.path, "one": each.one, "other": each.other, "reason": each.reason}
    if each.difference is None or each.largest is None:
        return said
    reach = largest_finite(each.difference)
    is_here = all(
        part is None or _is_whole(part, number) for part, number in zip(whole, (each.one, each.other), strict=True)
    )
    return said | {
        "largest": asdict(each.largest),
        "reach": reach,
        "share": min(1.0, reach / _range(each, pair)) if reach else 0.0,
        "difference": cargo.put(each.difference) if is_here else None,
    }


def _is_whole(part: Travelling, number: int | None) -> bool:
    return not number or number > len(part.trace.layers) or part.has_whole(number)


def _range(each: ColumnPair, pair: SideBySide) -> float:
    """How far the colours of the column reach, from end to end."""
    if each.path in (INPUT, SOFTMAX) or each.one is None:
        return 1.0
    return 2 * pair.scales[0][each.one - 1].layer or 1.0
