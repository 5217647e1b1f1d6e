"""A message of the browser names one fragment: where it brings news of others it runs the whole page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState

from cnnviz.ui.app.spoken_together import run_all_who_spoke

PARTS = {"pad": "one", "store": None, "field": None, "button": None, "explorer": "two"}


class Session:
    """As much of a session as is looked at: which widget stands in which fragment."""

    def __init__(self) -> None:
        known = {name: SimpleNamespace(fragment_id=part) for name, part in PARTS.items()}
        self._session_state = SimpleNamespace(_new_widget_state=SimpleNamespace(widget_metadata=known))

    @property
    def _pages_manager(self) -> Session:
        return self


def said(fragment: str = "", **values: Any) -> ClientState:
    state = ClientState(fragment_id=fragment)
    for name, value in values.items():
        kind = {bool: "trigger_value", int: "int_value", str: "json_value"}[type(value)]
        state.widget_states.widgets.append(WidgetState(id=name, **{kind: value}))
    return state


@pytest.fixture
def session() -> Session:
    """The field stands at 3, the store has said something, the pad has not."""
    session = Session()
    run_all_who_spoke(session, said(field=3, store="a"))  # type: ignore[arg-type]
    return session


@pytest.mark.parametrize(
    ("values", "runs_all"),
    [
        ({"pad": "ink", "field": 3, "store": "a"}, False),
        ({"pad": "ink"}, False),
        ({"pad": "ink", "store": "b"}, True),  # the page's own component
        ({"pad": "ink", "field": 4}, True),  # the page's own field
        ({"pad": "ink", "button": True}, True),  # the page's own button
        ({"pad": "ink", "button": False}, False),
        ({"pad": "ink", "explorer": "view"}, True),  # a component of another fragment
        ({"pad": "ink", "new": "one"}, False),  # of which nothing is known
    ],
)
def test_news_of_others_runs_the_whole_page(session: Session, values: dict[str, Any], runs_all: bool):
    message = said("one", **values)
    run_all_who_spoke(session, message)  # type: ignore[arg-type]
    assert (message.fragment_id == "") is runs_all
    again = said("one", **{name: value for name, value in values.items() if name != "button"})
    run_all_who_spoke(session, again)  # type: ignore[arg-type]
    assert again.fragment_id == "one", "said again it is no news"


def test_a_field_that_is_new_on_the_page_tells_what_it_starts_with_and_that_is_no_news():
    session = Session()
    message = said("one", pad="ink", field=3)
    run_all_who_spoke(session, message)  # type: ignore[arg-type]
    assert message.fragment_id == "one"
