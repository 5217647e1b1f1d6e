"""An answer that comes when its component has left the page: it would write over the address of the page that is shown.

What was asked is given up, and nothing of it is told to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnviz import web

FOLDER = Path(web.__file__).parent
# A server that answers when it is told to; `told` is what the one who asked heard.
SERVED = """const told = [];
const asked = [];
const fetched = window.fetch;
window.fetch = (_url, { signal }) => new Promise((resolve) => {
  asked.push({ signal, answer: () => resolve(new Response(new Uint8Array(8))) });
});
const settle = async () => { for (let i = 0; i < 5; i += 1) await new Promise((done) => setTimeout(done)); };"""
LAST = "window.fetch = fetched;"
FEEDS = {
    "shared/feed.js": "new m.Feed({ onAnswer: () => told.push('answer'), onProblem: () => told.push('problem') })",
    "explorer/live.js": "new m.LiveFeed(() => told.push('answer'))",
}
ASK = "Object.assign(feed, { url: '/cnnviz' }); feed.ask({ token: null, version: 1, strokes: [] }, {});"


def run(run_module: Callable[..., object], module: str, acts: str, result: str) -> object:
    script = f"{SERVED} const feed = {FEEDS[module]}; {ASK} {acts} await settle(); {LAST}"
    return run_module(module, f"await (async () => {{ {script} return {result}; }})()")


@pytest.mark.parametrize("module", FEEDS)
def test_an_answer_is_heard_as_long_as_somebody_is_there(module: str, run_module: Callable[..., object]):
    assert run(run_module, module, "asked[0].answer();", "told") == ["answer"]


@pytest.mark.parametrize("module", FEEDS)
def test_who_has_left_hears_of_no_answer_and_asks_nothing_more(module: str, run_module: Callable[..., object]):
    acts = f"{ASK} feed.close(); asked[0].answer(); await settle(); {ASK}"
    found = run(run_module, module, acts, "{ told, count: asked.length, isGivenUp: asked[0].signal.aborted }")
    assert found == {"told": [], "count": 1, "isGivenUp": True}


def test_an_answer_that_cannot_be_shown_is_no_server_that_is_silent(run_module: Callable[..., object]):
    """The error is seen where errors are, and the next question is asked all the same."""
    acts = """const errors = [];
      window.addEventListener("unhandledrejection", (event) => errors.push(event.reason.message), { once: true });
      feed.answers.onAnswer = () => { throw new Error("cannot be shown"); };
      feed.ask({ second: true });
      asked[0].answer();
      await settle();"""
    found = run(run_module, "shared/feed.js", acts, "{ told, errors, count: asked.length }")
    assert found == {"told": [], "errors": ["cannot be shown"], "count": 2}


def test_what_is_of_no_use_any_more_is_not_answered_and_the_next_question_is(run_module: Callable[..., object]):
    acts = "feed.forget(); asked[0].answer(); await settle(); feed.ask({ second: true }); asked[1].answer();"
    assert run(run_module, "shared/feed.js", acts, "{ told, count: asked.length }") == {"told": ["answer"], "count": 2}


@pytest.mark.parametrize(
    ("made", "closed", "count"),
    [(("new Feed(", "new LiveFeed("), "this.feed.close()", 6), (("new HandAtRest(",), "this.rest.close()", 6)],
)
def test_every_component_that_asks_or_tells_ends_that_when_it_is_closed(made: tuple[str, ...], closed: str, count: int):
    texts = {path: path.read_text("utf-8") for path in FOLDER.rglob("*.js")}
    begins = {path.parent.name for path, text in texts.items() if any(one in text for one in made)}
    ends = {path.parent.name for path, text in texts.items() if closed in text}
    assert len(begins) == count
    assert begins == ends
