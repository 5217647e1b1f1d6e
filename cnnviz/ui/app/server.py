"""What the server is told once, before the first visit."""

from __future__ import annotations

import os
import shutil

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from cnnviz.data.image_sets.store import sweep_store
from cnnviz.machine.limits import check_limits
from cnnviz.machine.resources import HAND_OFF, PAGES
from cnnviz.processes import Watchdog
from cnnviz.ui.app import routes as live
from cnnviz.ui.app.health import health_routes
from cnnviz.ui.app.kept_uploads import keep_uploads_bounded
from cnnviz.ui.app.load_ahead import load_ahead
from cnnviz.ui.app.log import configure_log
from cnnviz.ui.app.presses import keep_presses
from cnnviz.ui.app.prompt_answers import answer_at_once
from cnnviz.ui.app.request_guard import RequestGuard
from cnnviz.ui.app.route_paths import also_below_a_base
from cnnviz.ui.app.unsent import keep_unsent

PAGE_NAMES = tuple(path.stem for path in sorted(PAGES.glob("*.py")))
PROBES = ("_stcore/health", "_stcore/host-config")


def prepare_process() -> None:
    """Once a process, before the first visit: `routes` and `middleware` say what there is, and change nothing.

    The pages are those that `app.py` names: without this, the very first visit to a page's own address would get
    Streamlit's older way, a list of every file in `pages/`, and would not run `app.py` at all.
    Raises: ValueError, one sentence, where a limit is set to what it cannot be.
    """
    configure_log()
    check_limits()
    sweep_store()
    PagesManager.uses_pages_directory = False
    keep_unsent()
    keep_presses()
    answer_at_once()
    keep_uploads_bounded()
    load_ahead()
    if folder := os.environ.get(HAND_OFF):
        StartedByCommand(folder).start()


def routes() -> list[Route]:
    """What is served beside the pages."""
    return [*probes(), *health_routes(), *live.routes()]


def middleware() -> list[Middleware]:
    """What stands before all that is served, Streamlit's own routes included."""
    return [Middleware(RequestGuard)]


def probes() -> list[Route]:
    """Where Streamlit's browser side looks for a server below the address of a page.

    Whoever opens `/laboratory` may be in an app that lives there, or on a page of one that lives above: the browser
    asks both. Streamlit answers the wrong place with 404, two red lines in the console of every visit; 300 is a no too.
    """
    return [
        Route(place, look_above)
        for page in PAGE_NAMES
        for probe in PROBES
        for place in also_below_a_base(f"/{page}/{probe}")
    ]


async def look_above(_request: Request) -> PlainTextResponse:
    """No server lives at the address of a page."""
    return PlainTextResponse("The server is one level up.", status_code=300)


class StartedByCommand(Watchdog):
    """A server that a command has started ends with it, however it ended, and removes what it was handed."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def listen(self) -> None:
        """Until the command has gone."""
        super().listen()
        shutil.rmtree(self._folder, ignore_errors=True)
