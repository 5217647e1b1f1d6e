"""What several parts of a page say in one moment is heard by each of them.

The browser joins what is said within a moment into one message, and names in it the fragment of one of them (Streamlit
1.67.0, which warns of it in its console): only that fragment runs, and what another one said, or the page itself, waits
for a run that may never come. Here such a message runs the whole page.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager

SAID_ONCE = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")
_LAST: WeakKeyDictionary[PagesManager, dict[str, bytes]] = WeakKeyDictionary()  # said before, by widgets; a session's


def run_all_who_spoke(session: AppSession, client_state: ClientState) -> None:
    """A message that names one fragment and brings news of others runs the whole page."""
    before = _LAST.get(session._pages_manager, {})
    said = {state.id: state.SerializeToString() for state in client_state.widget_states.widgets}
    _LAST[session._pages_manager] = before | said
    part = client_state.fragment_id
    if part and any(
        _is_news(state, before) and _part_of(session, state.id, part) != part
        for state in client_state.widget_states.widgets
    ):
        client_state.fragment_id = ""


def _is_news(state: WidgetState, before: dict[str, bytes]) -> bool:
    """A widget of Streamlit's tells the value that it starts with too; a component says nothing until it has news."""
    kind = state.WhichOneof("value")
    if kind in SAID_ONCE:
        return bool(getattr(state, kind))
    is_known = kind == "json_value" or state.id in before
    return is_known and before.get(state.id) != state.SerializeToString()


def _part_of(session: AppSession, widget: str, otherwise: str) -> str | None:
    """The fragment in which a widget stands, None for the page itself; `otherwise` for one that is not known yet."""
    known: Any = session._session_state._new_widget_state.widget_metadata.get(widget)
    return otherwise if known is None else known.fragment_id or None
