"""A machine with one place for training: who comes second is told, and begins by themselves once it is free."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import ROOT, started
from playwright.sync_api import Browser, Page, expect
from watching import open_watched


def start_training(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).first.click()


def test_who_waits_for_a_place_begins_when_another_server_lets_it_go(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CNNVIZ_TRAININGS", "1")
    monkeypatch.setenv("CNNVIZ_PLACES", str(tmp_path / "places"))
    troubles: list[str] = []
    with (
        started(ROOT / "app.py", tmp_path / "one.txt") as (first, one),
        started(ROOT / "app.py", tmp_path / "two.txt") as (_second, two),
    ):
        here = open_watched(browser, [], f"{one}/train")
        start_training(here)
        expect(here.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        there = open_watched(browser, troubles, f"{two}/train")
        start_training(there)
        expect(there.get_by_text("All places for training are taken on this machine.")).to_be_visible()
        expect(there.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
        first.kill()  # and with it its worker, whose input ends
        first.wait()
        expect(there.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        expect(there.get_by_role("button", name="Do not wait")).to_have_count(0)
        here.context.close()
        there.context.close()
    assert troubles == []
