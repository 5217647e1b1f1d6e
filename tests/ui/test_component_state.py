"""What a component reports counts for what lay there when it was made, and for nothing that Python put there since."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from cnnviz.ui.mount.component_state import reported_of


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", found)
    return found


def test_a_report_of_what_lies_there_is_heard(session: dict[str, Any]):
    said = {"token": 2, "record": [1]}
    session["one"] = {"made": said, "pixels": {"token": "ab", "cells": []}}
    assert reported_of("one", 2) == said
    assert reported_of("one", "ab", "pixels") == {"token": "ab", "cells": []}


@pytest.mark.parametrize(
    "state", [None, {}, {"made": None}, {"made": "junk"}, {"made": {"record": 1}}, {"made": {"token": 1}}]
)
def test_what_was_made_of_something_else_and_junk_are_not_heard(session: dict[str, Any], state: object):
    session["one"] = state
    assert reported_of("one", 2) == {}


def test_before_the_first_report_there_is_none(session: dict[str, Any]):
    assert reported_of("one", 1) == {}
