"""The Draw page on a machine that has no data set and no network: what is missed is offered, and said kindly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from accessibility import expect_no_fault
from driving import ROOT, running
from playwright.sync_api import Page, expect
from watching import settled


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with an empty data folder, behind a proxy that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("data")))
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, "http://127.0.0.1:1")
        patch.setenv("no_proxy", "localhost,127.0.0.1")
        with running(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as found:
            yield found


def test_a_test_image_is_offered_with_its_size_and_a_failed_download_is_one_sentence(
    address: str, new_page: Callable[..., Page]
):
    page = new_page(address, width=1440)
    expect(page.locator(".verdict strong")).to_contain_text("Prediction:", timeout=30_000)
    said = page.locator(".verdict strong").inner_text()
    page.get_by_role("button", name="Test image …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("They are not on this machine yet.")
    expect_no_fault(page)
    dialog.get_by_role("button", name=re.compile(r"Download MNIST, 12 MB")).click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("could not be downloaded", timeout=60_000)
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("try again with an Internet connection")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".verdict strong")).to_have_text(said)


def test_the_other_pages_open_without_data(address: str, new_page: Callable[..., Page]):
    page = new_page(width=1440)
    for name in sorted(path.stem for path in (ROOT / "pages").glob("*.py")):
        page.goto(f"{address}/{'' if name == 'draw' else name}")
        expect(page.locator("[data-testid=stMain] h1")).to_be_visible(timeout=30_000)
        settled(page)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
