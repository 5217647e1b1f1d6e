"""The core of the pages in Debian's own Firefox, every page without an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from core_of_pages import CoreOfPages, relayed
from firefox_relay import system_firefox
from playwright.sync_api import Browser, Playwright

pytestmark = pytest.mark.skipif(system_firefox() is None, reason="no Firefox: apt-get install firefox-esr")


@pytest.fixture(scope="module")
def other_browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with relayed(playwright, tmp_path_factory.mktemp("firefox"), "firefox_relay.py") as browser:
        yield browser


class TestFirefox(CoreOfPages):
    """Inherits all it tries."""
