"""The words of the explorer as they travel, written once for each network and language: a drawing changes none of them.

Refuses to know: the words.
"""

from __future__ import annotations

from collections.abc import Hashable

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.i18n import current_language
from cnnviz.machine.bounded_cache import BoundedCache
from cnnviz.web.edits.texts import texts_of_difference
from cnnviz.web.explorer.graph import overview_texts
from cnnviz.web.explorer.texts import explorer_texts
from cnnviz.web.wire import Written

_WRITTEN: BoundedCache[Written] = BoundedCache(most=64, most_bytes=8_000_000)


def written_texts(trace: Trace, is_difference: bool = False) -> Written:
    """Every text of the explorer for `trace`, as JSON; is_difference: of a network after its edits minus before."""
    told = (current_language(), is_difference, *_what_texts_tell(trace))
    found = _WRITTEN.get(told)
    if found is None:
        more = texts_of_difference() if is_difference else {}
        found = Written.of(explorer_texts(trace) | overview_texts() | more)
        _WRITTEN.put(told, found, len(found))
    return found


def _what_texts_tell(trace: Trace) -> tuple[Hashable, ...]:
    """All that a text is made of: no values, and of weights their shape only."""
    layers = tuple(_what_words_tell(layer) for layer in trace.layers)
    return trace.image.shape, trace.probabilities.shape, bool(trace.stopped), layers


def _what_words_tell(layer: LayerTrace) -> tuple[Hashable, ...]:
    weights = None if layer.weight is None else layer.weight.shape
    return layer.spec, layer.output.shape, weights, layer.bias is None, layer.source_line
