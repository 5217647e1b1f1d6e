"""What is computed of a trace once and then known, for as long as the trace is: one forward pass is looked at often.

Refuses to know: what that is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from cnnviz.core.layer_trace import Trace

P = ParamSpec("P")
R = TypeVar("R")


def once_per_trace(work: Callable[Concatenate[Trace, P], R]) -> Callable[Concatenate[Trace, P], R]:
    """`work(trace, …)`, computed once for each trace and each of its other arguments, and forgotten with the trace.

    What it gives must not hold the trace, nor be changed by anybody.

    >>> from cnnviz.core.per_trace import once_per_trace
    >>> count = once_per_trace(lambda trace: len(trace.layers))
    """
    kept: WeakKeyDictionary[Trace, dict[Hashable, R]] = WeakKeyDictionary()

    @wraps(work)
    def known(trace: Trace, *rest: P.args, **named: P.kwargs) -> R:
        own = kept.setdefault(trace, {})
        place = (rest, *named.items())
        if place not in own:
            own[place] = work(trace, *rest, **named)
        return own[place]

    return known
