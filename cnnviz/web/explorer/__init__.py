"""The explorer: a whole network on one screen, opened map by map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from cnnviz.core.edits.comparison import Compared, ComparisonView, TracePair
from cnnviz.core.layer_trace import Trace
from cnnviz.figures.theme import PALETTES
from cnnviz.web.explorer.packet import Content, pack
from cnnviz.web.explorer.written_texts import written_texts
from cnnviz.web.selection import Selection, selection_to_json
from cnnviz.web.wire import Header, PacketWriter, Written

LARGE = 1_200_000  # bytes: what of a larger network travels first leaves room for words within 1.5 MB
_PALETTES = Written.of({name: asdict(palette) for name, palette in PALETTES.items()})


def explorer_packet(
    trace: Trace,
    selection: Selection,
    *,
    classes: tuple[str, ...],
    verdict: Mapping[str, str],
    link: str = "",
    with_weights: bool = True,
    compared: Compared | None = None,
    fields: Mapping[str, np.ndarray] | None = None,
    base: Content | None = None,
    most_bytes: int | None = None,
    shown: Selection | None = None,
    ranked: Trace | None = None,
    **rest: Any,
) -> bytes:
    """All that the explorer shows of `trace`.

    `verdict`: "status", "answer", "headline", "detail". `link`: the query string that leads back here.
    `rest` joins the header: `token` (a new one moves the reader to `selection`, else the browser keeps its place; so it
    does where the reader has gone elsewhere more often than the `moves` that Python had heard of),
    `pad` (which drawing this is), `live` (where to ask while the hand draws, and what to say beside the ink), `surgery`
    (how the network is edited). `compared`, `fields`, `base`, `most_bytes`, `shown` and `ranked` are as in `pack`;
    words, colours and classes come without a base only, and not for a browser that shows this trace already.
    """
    is_difference = isinstance(compared, TracePair) and compared.view is ComparisonView.DIFFERENCE
    header = {"verdict": dict(verdict), "link": link, **rest}
    if base is None and shown is None:
        header |= {"classes": classes, "palettes": _PALETTES, "texts": written_texts(trace, is_difference)}
    return pack(
        trace, selection, header, with_weights=with_weights, compared=compared, fields=fields, base=base,
        most_bytes=most_bytes, shown=shown, ranked=ranked,
    )  # fmt: skip


def unchanged_packet(selection: Selection, *, verdict: Mapping[str, str], surgery: Header | None, **rest: Any) -> bytes:
    """What is to be said to a browser that shows all numbers of `selection` already; as `explorer_packet` says it."""
    said = {} if surgery is None else {"surgery": surgery}
    return PacketWriter().sealed({"selection": selection_to_json(selection), "verdict": dict(verdict), **said, **rest})
