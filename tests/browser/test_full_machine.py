"""A machine with one place for training: who comes second is told, and begins by themselves once it is free."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import ROOT, started
from playwright.sync_api import Browser, expect
from watching import open_watched

from cnnviz.processes import MachinePlaces

TRAINING = "All places for training are taken on this machine. Your run starts by itself as soon as one is free."
EXPERIMENT = TRAINING.replace("training", "experiments").replace("run", "experiment")


@pytest.fixture
def one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a machine's places, of which there is one of each kind."""
    for name, value in (("TRAININGS", "1"), ("EXPERIMENTS", "1"), ("PLACES", str(tmp_path / "places"))):
        monkeypatch.setenv(f"CNNVIZ_{name}", value)
    return tmp_path / "places"


def test_who_waits_for_a_place_begins_when_another_server_lets_it_go(browser: Browser, tmp_path: Path, one_place: Path):
    troubles: list[str] = []
    with (
        started(ROOT / "app.py", tmp_path / "one.txt") as (first, one),
        started(ROOT / "app.py", tmp_path / "two.txt") as (_second, two),
    ):
        there = open_watched(browser, [], f"{one}/train")
        there.get_by_role("button", name="Start", exact=True).first.click()
        expect(there.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        here = open_watched(browser, troubles, f"{two}/train")
        here.get_by_role("button", name="Start", exact=True).first.click()
        expect(here.get_by_text(TRAINING)).to_be_visible()
        expect(here.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
        first.kill()  # and with it its worker, whose input ends
        first.wait()
        expect(here.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        expect(here.get_by_role("button", name="Do not wait")).to_have_count(0)
        there.context.close()
        here.context.close()
    assert troubles == []


def test_the_other_pages_that_train_wait_in_the_same_way(browser: Browser, tmp_path: Path, one_place: Path):
    troubles: list[str] = []
    taken = [MachinePlaces(kind, 1, one_place).take() for kind in ("training", "experiment")]
    with started(ROOT / "app.py", tmp_path / "log.txt") as (_process, address):
        teach = open_watched(browser, troubles, f"{address}/train_xo")
        teach.get_by_role("button", name="for me").click()
        expect(teach.get_by_text("10 X and 10 O")).to_be_visible()
        teach.get_by_role("button", name="Train", exact=True).click()
        expect(teach.locator(".st-key-own_waiting").get_by_text(TRAINING)).to_be_visible()
        expect(teach.locator(".st-key-own_next")).to_contain_text(TRAINING)
        experiment = open_watched(browser, troubles, f"{address}/experiments?lesson=xor")
        experiment.locator(".st-key-run_xor button").click()
        expect(experiment.locator(".st-key-experiments_waiting").get_by_text(EXPERIMENT)).to_be_visible()
        for place in taken:
            place.release()
        expect(experiment.locator(".st-key-xor_loss")).to_be_visible(timeout=60_000)  # it has run
        expect(teach.get_by_role("button", name="Save the network")).to_be_enabled(timeout=60_000)
        for page in (teach, experiment):
            expect(page.get_by_role("button", name="Do not wait")).to_have_count(0)
            page.context.close()
    assert troubles == []
