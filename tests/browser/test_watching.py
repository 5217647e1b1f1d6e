"""What a watched page passes over, and what it does not."""

import pytest
from playwright.sync_api import Browser
from watching import looks_for_the_server, open_watched


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        ("/laboratory/_stcore/health", True),
        ("/train_xo/_stcore/host-config", True),
        ("/_stcore/health", False),
        ("/_stcore/host-config", False),
        ("/laboratory/_stcore/stream", False),
        ("/laboratory/static/index.js", False),
    ],
)
def test_only_streamlits_search_for_its_server_is_passed_over(path: str, passes: bool):
    assert looks_for_the_server(f"http://localhost:8501{path}") == passes


@pytest.mark.parametrize(("path", "count"), [("/laboratory/_stcore/health", 0), ("/laboratory/picture.png", 1)])
def test_another_file_that_is_missing_is_noted(browser: Browser, path: str, count: int):
    troubles: list[str] = []
    page = open_watched(browser, troubles)
    page.route("**/*", lambda route: route.fulfill(status=200 if route.request.is_navigation_request() else 404))
    page.goto("http://localhost:8501/laboratory")
    with page.expect_console_message(lambda message: "404" in message.text):
        page.evaluate("path => fetch(path)", path)
    page.context.close()
    assert len(troubles) == count
