"""A file that somebody brings: taken once, and refused for as long as it lies there."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest


def app_of_one_file() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from cnnviz.ui.app.uploaded import take_file

    def take(file: SimpleNamespace) -> None:
        st.session_state["taken"] = [*st.session_state.get("taken", []), file.file_id]
        if "junk" in file.file_id:
            raise ValueError(f"{file.file_id} is no network.")

    name = st.session_state.get("file")
    file = name and SimpleNamespace(file_id=name)
    st.session_state["now"] = take_file(file, "here", take, (ValueError,))


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(app_of_one_file, default_timeout=30)


def bring(app: AppTest, file: str | None) -> AppTest:
    app.session_state["file"] = file
    return app.run()


def said(app: AppTest) -> list[str]:
    assert not app.exception
    return [error.value for error in app.error]


def test_a_file_is_taken_in_one_run_only(app: AppTest):
    assert bring(app, "good").session_state["now"]
    assert not app.run().session_state["now"]
    assert app.session_state["taken"] == ["good"]
    assert said(app) == []


def test_a_refusal_stays_for_as_long_as_the_file_lies_there(app: AppTest):
    bring(app, "junk")
    for _ in range(3):
        assert said(app.run()) == ["junk is no network."]
    assert app.session_state["taken"] == ["junk"]
    assert said(bring(app, None)) == []


def test_another_file_takes_the_refusal_away(app: AppTest):
    bring(app, "junk")
    assert said(bring(app, "junk 2")) == ["junk 2 is no network."]
    assert said(bring(app, "good")) == []
    assert said(app.run()) == []


def test_the_same_file_brought_again_is_tried_again(app: AppTest):
    for file in ("junk", None, "junk"):
        bring(app, file)
    assert app.session_state["taken"] == ["junk", "junk"]
    assert said(app) == ["junk is no network."]


def test_the_server_takes_as_much_as_the_largest_field_for_files_promises():
    """A field may promise more than the server takes, which then refuses the file with 413."""
    from cnnviz.data.image_sets.archive import MAX_ZIP_BYTES
    from cnnviz.ui.your_network.open_network import MOST_MB

    settings = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] >= max(MOST_MB, MAX_ZIP_BYTES // 10**6)
