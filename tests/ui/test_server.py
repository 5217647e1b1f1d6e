"""What the server is told once, and what only says what there is."""

import ast
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager

from cnnviz.ui.app import server

ROOT = Path(__file__).resolve().parents[2]
APPS = [path for path in (ROOT / "app.py", *(ROOT / "tests" / "browser" / "apps").glob("*.py"))
        if "server.routes()" in path.read_text(encoding="utf-8")]  # fmt: skip
PREPARES = ("configure_log", "check_limits", "sweep_store", "keep_unsent", "keep_presses", "keep_uploads_bounded")


def test_to_ask_which_routes_there_are_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise AssertionError("something was prepared")

    for name in PREPARES:
        monkeypatch.setattr(server, name, refuse)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    monkeypatch.setenv(server.HAND_OFF, "/nowhere")
    monkeypatch.setattr(server.StartedByCommand, "start", lambda _self: refuse())
    assert {route.path for route in server.routes()} >= {"/cnnviz/health", "/cnnviz/look"}
    assert server.middleware()
    assert PagesManager.uses_pages_directory is True
    with pytest.raises(AssertionError, match="prepared"):
        server.prepare_process()


def test_preparing_does_all_of_it(monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []
    for name in PREPARES:
        monkeypatch.setattr(server, name, lambda name=name: done.append(name))
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    monkeypatch.delenv(server.HAND_OFF, raising=False)
    server.prepare_process()
    assert done == list(PREPARES)
    assert PagesManager.uses_pages_directory is False


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.name)
def test_an_app_prepares_its_process_before_it_serves(path: Path):
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Call)]  # fmt: skip
    assert "server.prepare_process" in calls
