"""The lesson's page without a browser: it opens, from a link too, keeps what was made, and takes no nonsense."""

import json
from pathlib import Path
from typing import Any

import pytest
from opened_app import opened_app
from streamlit.testing.v1 import AppTest

from cnnviz.lesson import Lesson, find_lesson_image, lesson_to_json

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "tests" / "browser" / "apps" / "lesson_app.py"


def opened(**query: str) -> AppTest:
    return opened_app(APP, **query)


def kept(app: AppTest) -> dict[str, Any]:
    return app.session_state["lesson"]


def test_it_opens_first_among_the_lessons():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/x_or_o.py").run()
    assert not app.exception
    assert not app.error
    source = (ROOT / "app.py").read_text(encoding="utf-8")
    assert source.index("pages/draw.py") < source.index("pages/x_or_o.py") < source.index("pages/laboratory.py")


def test_a_link_leads_to_the_lesson_that_it_names():
    app = opened(picture="o-small", chapter="7")
    assert kept(app)["lesson"] == lesson_to_json(Lesson(picture=find_lesson_image("o-small").values))
    assert kept(app)["chapter"] == 7


@pytest.mark.parametrize("query", [{"picture": "zzz"}, {"chapter": "-1"}, {"votes": "1." * 24}, {"features": "%00"}])
def test_a_link_that_makes_no_sense_shows_the_unchanged_lesson(query: dict[str, str]):
    state = kept(opened(**query))
    assert (state["lesson"], state["chapter"]) == (lesson_to_json(Lesson()), 1)


@pytest.mark.parametrize("report", [{"lesson": {"picture": "junk"}}, {"lesson": {"votes": None}}, {"lesson": 3}])
def test_what_no_browser_of_ours_reports_changes_nothing(report: Any, monkeypatch):
    from cnnviz.ui.lesson import lesson_state as lesson

    app = opened(picture="o")
    monkeypatch.setattr(lesson, "made", lambda key, token: report)
    before = dict(kept(app))
    app.run()
    assert not app.exception
    assert kept(app) == before


ANSWERS = {"1": {"choice": "X", "of": "X O X"}, "4": {"choice": None, "of": "0.5 1 1"}}
JUNK = {"9": {"choice": "X", "of": ""}, "2": "X", "3": {"choice": 4, "of": ""}, "5": {"choice": "x" * 999, "of": ""}}


def test_what_the_browser_reports_is_kept(monkeypatch):
    from cnnviz.ui.lesson import lesson_state as lesson

    app = opened()
    made = lesson_to_json(Lesson(picture=find_lesson_image("o").values))
    monkeypatch.setattr(lesson, "made", lambda key, token: {"lesson": made, "chapter": 5, "answers": ANSWERS | JUNK})
    app.run()
    assert kept(app)["answers"] == ANSWERS
    assert kept(app)["lesson"] == made
    assert kept(app)["chapter"] == 5


def test_the_state_of_the_lesson_comes_back_as_it_was_and_junk_changes_nothing():
    """In another session, through JSON, as a browser would keep it."""
    view = {"pooling": "mean", "feature": "2", "map": "conv2"}
    shown = {"lesson": lesson_to_json(Lesson(picture=find_lesson_image("o").values)), "chapter": 5, "view": view}
    made = shown | {"answers": ANSWERS}

    def keeps(text: str) -> None:
        import json

        import streamlit as st

        from cnnviz.ui.lesson.lesson_state import lesson_state, restore_lesson_state

        st.text(str(restore_lesson_state(json.loads(text))))
        st.json(lesson_state())

    app = AppTest.from_function(keeps, args=(json.dumps(made),), default_timeout=60).run()
    assert app.text[0].value == "True"
    assert json.loads(app.json[0].value) == made
    for junk in ("[]", "null", '{"lesson": {"picture": "junk"}}'):
        app = AppTest.from_function(keeps, args=(junk,), default_timeout=60).run()
        assert app.text[0].value == "False"
        assert not app.exception
