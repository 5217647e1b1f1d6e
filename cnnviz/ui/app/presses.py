"""What a visitor pressed is heard, however soon the browser says something else.

A press is said once, and Streamlit (1.67.0) forgets it in two cases. A run that waits or has just begun makes room for
the next one ("fast reruns"), with all that nobody has heard yet: here that goes along to the next one. And a callback
is broken off where it reads the session, once another run is wanted: here it ends first, and the next run waits.

`uninterrupted` is for what a run does only once and must do whole: take a file that came, begin a training.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunner, StopException, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequest,
    ScriptRequests,
    ScriptRequestType,
    _coalesce_widget_states,
)
from streamlit.runtime.state.safe_session_state import SafeSessionState

from cnnviz.ui.app.spoken_together import run_all_who_spoke
from cnnviz.ui.app.turning_pages import address

_request_rerun = AppSession.request_rerun
_when_ready, _at_yield = ScriptRequests.on_scriptrunner_ready, ScriptRequests.on_scriptrunner_yield
_deliver_states = SafeSessionState.on_script_will_rerun

_LOCK = threading.Lock()  # around the three below, for moments only
_TAKEN: WeakKeyDictionary[ScriptRequests, RerunData] = WeakKeyDictionary()  # by runs that have called nobody back yet
_MADE_ROOM: WeakSet[ScriptRequests] = WeakSet()  # those whose presses went to the next run
_TURNS: WeakKeyDictionary[PagesManager, Any] = WeakKeyDictionary()  # a session's: one run after the other calls back


def keep_presses() -> None:
    """From now on no press is lost, in every session of this process."""
    for owner, name, mended in (
        (AppSession, "request_rerun", _request_with_presses),
        (ScriptRequests, "on_scriptrunner_ready", _take_when_ready),
        (ScriptRequests, "on_scriptrunner_yield", _take_at_yield),
        (SafeSessionState, "on_script_will_rerun", _deliver),
    ):
        setattr(owner, name, mended)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """What the present run does in here it does to the end; the next run waits. Nothing changes outside of a run."""
    context = get_script_run_ctx(suppress_warning=True)
    runner = getattr(context._enqueue, "__self__", None) if context else None
    if not isinstance(runner, ScriptRunner):
        yield
        return
    with _turn(runner):
        runner._maybe_handle_execution_control_request()  # the next run may be at work: then this one ends here
        with _kept_going(runner):
            yield


@contextmanager
def _kept_going(runner: ScriptRunner) -> Iterator[None]:
    """A runner that takes itself for idle looks for no other request."""
    was_at_work, runner._execing = runner._execing, False
    try:
        yield
    finally:
        runner._execing = was_at_work


def _turn(runner: ScriptRunner) -> Any:
    with _LOCK:
        return _TURNS.setdefault(runner._pages_manager, threading.RLock())


def _request_with_presses(session: AppSession, client_state: ClientState | None) -> None:
    runner = session._scriptrunner
    if client_state is not None:
        if not address(session, client_state):
            return
        run_all_who_spoke(session, client_state)
    if client_state is not None and not client_state.fragment_id and runner is not None:
        left = _take_over(runner._requests)
        joined = _coalesce_widget_states(left, client_state.widget_states)
        if left is not None and joined is not None:
            client_state.widget_states.CopyFrom(joined)
    _request_rerun(session, client_state)


def _take_over(requests: ScriptRequests) -> WidgetStates | None:
    """Ends a run. What was said to it and nobody has heard: of what it has taken just now, and of what waits there."""
    with _LOCK, requests._lock:
        taken = _TAKEN.pop(requests, None)
        if taken is not None:
            _MADE_ROOM.add(requests)
        waiting = requests._rerun_data if requests._state is ScriptRequestType.RERUN else None
        requests._state = ScriptRequestType.STOP
    said = [data.widget_states if data else None for data in (taken, waiting)]
    return _coalesce_widget_states(*said)


def _take_when_ready(requests: ScriptRequests) -> ScriptRequest:
    with _LOCK:
        return _noted(requests, _when_ready(requests))


def _take_at_yield(requests: ScriptRequests) -> ScriptRequest | None:
    if requests._state is ScriptRequestType.CONTINUE:  # nearly always
        return None
    with _LOCK:
        request = _at_yield(requests)
        return request and _noted(requests, request)


def _noted(requests: ScriptRequests, request: ScriptRequest) -> ScriptRequest:
    if request.type is ScriptRequestType.RERUN:
        _TAKEN[requests] = request.rerun_data
    return request


def _deliver(state: SafeSessionState, fresh_widget_states: WidgetStates | None, **rest: Any) -> None:
    """Sets the values that came and calls all callbacks, to their end; not where the next run has the values."""
    runner = getattr(state._yield_callback, "__self__", None)
    if not isinstance(runner, ScriptRunner):
        return _deliver_states(state, fresh_widget_states, **rest)
    with _turn(runner):
        with _LOCK:
            if runner._requests in _MADE_ROOM:
                raise StopException
            _TAKEN.pop(runner._requests, None)
        with _kept_going(runner):
            return _deliver_states(state, fresh_widget_states, **rest)
