"""A tab, a browser, a window gone in the middle: what was said to be kept is there. 200 moments: `killed_visits.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from killed_visits import DEEDS, FORGET, KILLS, Visits, Wrong, moments, visit_at_moments
from playwright.sync_api import Page, Playwright

CHOSEN = [("draw", "tab", 31), ("edit", "browser", 12), ("save", "window", 3)]


@pytest.fixture(scope="module")
def visits(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    with Visits(playwright, tmp_path_factory.mktemp("visits")) as begun:
        yield begun


def test_whoever_is_killed_comes_back_to_what_was_kept(visits: Visits):
    assert visit_at_moments(visits, CHOSEN) == 3
    assert (visits.kept, visits.saved > 0) == (2, True)  # who only saves leaves nothing on the table


def test_what_was_kept_and_is_gone_is_found_out(visits: Visits, monkeypatch: pytest.MonkeyPatch):
    """The negative twin: a browser that has lost it."""

    def lose(page: Page) -> None:
        page.goto(f"{visits.address}/cnnviz/health")  # of the same origin, and without anything of the app in it
        page.evaluate(FORGET)

    monkeypatch.setattr("killed_visits.PATIENCE", 3)
    with pytest.raises(AssertionError, match="not accepted within 3 s"):
        visits.one(DEEDS["draw"], "window", 36, between=lose)


def test_a_moment_comes_again_by_its_number():
    chosen = list(moments(len(DEEDS) * len(KILLS), seed=1))
    assert chosen == list(moments(len(chosen), seed=1)) != list(moments(len(chosen), seed=2))
    assert {(name, kill) for name, kill, _at in chosen} == {(name, kill) for name in DEEDS for kill in KILLS}
    assert all(1 <= at <= DEEDS[name].moves for name, _kill, at in chosen)
    assert issubclass(Wrong, AssertionError)
