"""The core of the pages in Debian's own WebKit, the engine of Safari, every page without an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from core_of_pages import CoreOfPages, relayed
from playwright.sync_api import Browser, Playwright
from webkit_relay import system_webkit

pytestmark = pytest.mark.skipif(system_webkit() is None, reason="no WebKit: apt-get install webkit2gtk-driver xvfb")


@pytest.fixture(scope="module")
def other_browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with relayed(playwright, tmp_path_factory.mktemp("webkit"), "webkit_relay.py") as browser:
        yield browser


class TestWebKit(CoreOfPages):
    """Inherits all it tries."""
