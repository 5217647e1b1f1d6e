"""A page that is opened for the first time runs once: nothing of it reports what Python knows already."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from keeping import STORED
from playwright.sync_api import Page, expect
from watching import eventually, settled

SHOWN = {
    "": ".cnnviz-explorer",
    "draw_xo": ".cnnviz-explorer",
    "your_network?network=birds": ".cnnviz-explorer",
    "train": ".cnnviz-trainer",
    "train_xo": ".sketchpad",
    "x_or_o": ".cnnviz-lesson",
    "laboratory": ".cnnviz-laboratory",
}


@pytest.fixture
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def messages_to_server(page: Page) -> list[int]:
    """Grows by one with each message that the page sends from now on: its length."""
    sent: list[int] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.webSocketFrameSent", lambda frame: sent.append(len(frame["response"]["payloadData"])))
    return sent


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_opened_for_the_first_time_runs_once(address: str, new_page: Callable[..., Page], path: str):
    page = new_page(own_window=True)
    sent = messages_to_server(page)
    page.goto(f"{address}/{path}")
    settled(page)
    expect(page.locator(SHOWN[path]).first).to_be_visible()
    page.evaluate(STORED)  # as long as a component takes to read what was kept
    settled(page)
    assert len(sent) == 1


def test_what_was_kept_is_told_in_a_second_run(address: str, new_page: Callable[..., Page]):
    """So that the count above would see one."""
    page = new_page(f"{address}/x_or_o", own_window=True)
    lesson = page.locator(".cnnviz-lesson")
    title = lesson.locator(".lead").inner_text()
    lesson.get_by_role("button", name=re.compile("^Next")).first.click()
    expect(lesson.locator(".lead")).not_to_have_text(title)
    eventually(page, lambda: page.evaluate(STORED), lambda records: any(text for _name, text in records))
    sent = messages_to_server(page)
    page.goto(f"{address}/x_or_o")
    eventually(page, lambda: len(sent), lambda count: count >= 2)
