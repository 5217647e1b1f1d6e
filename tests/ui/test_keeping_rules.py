"""When a keepsake is asked for, handed over, taken back; what a browser says is checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.ui.app import browser_store
from cnnviz.ui.app.browser_store import SENDS, StoredState


class Visit:
    """A session with one keepsake: its value here, what was mounted, what the browser says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session: dict[str, Any] = {}
        self.value: Any = None
        self.mounted: list[dict[str, Any]] = []
        self.says: dict[str, Any] = {}
        monkeypatch.setattr(browser_store.st, "session_state", self.session)
        monkeypatch.setattr(browser_store, "mount_browser_store", lambda data, key: self.mounted.append(data))
        monkeypatch.setattr(browser_store, "stored_text", lambda key: self.says.get("found"))
        monkeypatch.setattr(browser_store, "is_missing", lambda key: self.says.get("lacked"))
        self.keepsake = StoredState("thing", lambda: self.value, self.take)

    def take(self, value: Any) -> None:
        if not isinstance(value, list):
            raise TypeError("a list, please")
        self.value = value

    def run(self) -> dict[str, Any]:
        """One run of the page; what was mounted."""
        browser_store.restore_stored(self.keepsake)
        browser_store.store_state(self.keepsake)
        return self.mounted[-1]

    def answer(self, value: Any, session: str | None = None, is_reload: bool = False) -> None:
        session = session or self.mounted[-1]["session"]
        self.says["found"] = {"session": session, "text": json.dumps(value), "is_reload": is_reload}


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit(monkeypatch)


def test_a_session_with_nothing_asks_and_takes_back_what_was_kept(visit: Visit):
    assert visit.run()["asks"]
    visit.answer([1, 2])
    assert not visit.run()["asks"]
    assert visit.value == [1, 2]


def test_an_answer_to_another_session_is_overtaken(visit: Visit):
    visit.run()
    visit.answer([1], session="of the server before")
    assert visit.run()["asks"]
    assert visit.value is None


@pytest.mark.parametrize("text", ["", "junk", "{", '{"a": 1}', "[" * 100_000, None, 7])
def test_junk_is_as_good_as_nothing(visit: Visit, text: Any):
    visit.run()
    visit.says["found"] = {"session": visit.mounted[-1]["session"], "text": text}
    assert not visit.run()["asks"]
    assert visit.value is None


def test_what_was_made_meanwhile_comes_before_what_was_kept(visit: Visit):
    visit.run()
    visit.value = ["new"]
    visit.answer(["old"])
    assert json.loads(visit.run()["text"]) == ["new"]
    assert visit.value == ["new"]


def test_what_was_cleared_does_not_come_back(visit: Visit):
    visit.value = ["mine"]
    visit.run()
    visit.value = None
    visit.answer(["mine"])
    assert not visit.run()["asks"]
    assert visit.mounted[-1]["text"] == ""


def test_what_was_made_before_the_browser_answers_stays_after_a_reload_too(visit: Visit):
    visit.value = ["of the link"]
    visit.run()
    visit.value = ["new"]
    visit.answer(["old"], is_reload=True)
    visit.run()
    assert visit.value == ["new"]


@pytest.mark.parametrize(("is_reload", "value"), [(False, ["of the link"]), (True, ["kept"])])
def test_what_a_link_says_comes_first_unless_the_page_was_loaded_again(visit: Visit, is_reload: bool, value: list):
    visit.value = ["of the link"]
    visit.run()
    visit.answer(["kept"], is_reload=is_reload)
    visit.run()
    assert visit.value == value


def test_a_text_travels_while_it_is_new_and_again_when_the_browser_missed_it(visit: Visit):
    visit.run()
    visit.answer(None)
    visit.value = ["a"]
    travelled = [visit.run()["text"] is not None for _run in range(SENDS + 2)]
    assert travelled == [True] * SENDS + [False] * 2
    visit.says["lacked"] = {"session": visit.mounted[-1]["session"], "mark": visit.mounted[-1]["mark"]}
    assert visit.run()["text"] is not None
    visit.value = ["b"]
    assert json.loads(visit.run()["text"]) == ["b"]


def test_a_browser_that_kept_nothing_says_nothing_and_is_given_what_there_is(visit: Visit):
    visit.value = ["opened by a command"]
    assert json.loads(visit.run()["text"]) == ["opened by a command"]
    visit.value = ["mine"]
    assert json.loads(visit.run()["text"]) == ["mine"]
    assert visit.mounted[-1]["asks"]  # the browser keeps it only if it had nothing
    visit.answer(["of before"])  # one that had something says so, late
    assert not visit.run()["asks"]
    assert visit.value == ["mine"]


def test_a_text_that_is_too_long_is_not_sent(visit: Visit, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(browser_store, "MOST_CHARACTERS", 10)
    visit.run()
    visit.answer(None)
    visit.value = ["x" * 20]
    assert visit.run()["text"] is None
    visit.value = ["x"]
    assert visit.run()["text"] is not None


def test_the_page_to_teach_on_takes_back_what_it_wrote_and_refuses_what_it_did_not():
    app = AppTest.from_function(_round_trip, default_timeout=30)
    assert not app.run().exception


def _round_trip() -> None:
    import copy
    import json

    from cnnviz.ui.teach import collection, own_network
    from cnnviz.ui.teach.stored import KEEPSAKE

    assert KEEPSAKE.write() is None
    collection.add_generated()
    written = json.loads(json.dumps(KEEPSAKE.write()))
    drawings = own_network.state()["drawings"]
    collection.start_over()
    assert KEEPSAKE.write() is None
    for name, junk in (
        ("drawings", ["{}"]),
        ("network", "AAAA"),
        ("seed", "x"),
        ("pad", 3),
    ):
        wrong = copy.deepcopy(written) | {name: junk}
        try:
            KEEPSAKE.restore(wrong)
        except (ValueError, KeyError, TypeError):
            assert own_network.state()["drawings"] == ()
        else:
            raise AssertionError(f"took {name}: {junk}")
    KEEPSAKE.restore(written)
    assert own_network.state()["drawings"] == drawings
