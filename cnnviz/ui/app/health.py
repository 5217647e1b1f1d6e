"""How the server is: what a proxy asks before it sends visitors here, and what whoever runs it wants to know.

It says nothing of any visitor, imports nothing heavy, and answers while all is full: full is not ill.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from cnnviz import __version__
from cnnviz.data.image_sets.store import cache_folder
from cnnviz.machine.limits import EXPERIMENTS, TRAININGS, Limit
from cnnviz.processes import MachinePlaces
from cnnviz.ui.app.route_paths import HEALTH, also_below_a_base


def health_routes() -> list[Route]:
    """Also below a base path."""
    return [Route(place, _answer, methods=["GET"]) for place in also_below_a_base(HEALTH)]


def describe_health() -> dict[str, Any]:
    """As JSON values: how many of the machine's places are taken, and whether images can be kept."""
    return {
        "status": "ok",
        "version": __version__,
        "trainings": _places("training", TRAININGS),
        "experiments": _places("experiment", EXPERIMENTS),
        "keeps_images": _is_writable(cache_folder()),
    }


def _places(kind: str, limit: Limit) -> dict[str, int]:
    return {"taken": MachinePlaces(kind, limit.value).taken, "most": limit.value}


def _is_writable(folder: Path) -> bool:
    """Whether the folder, or the first above it that is there, can be written to."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    return there is not None and os.access(there, os.W_OK | os.X_OK)


def _answer(_request: Request) -> JSONResponse:
    """In a thread: locks of files are asked."""
    return JSONResponse(describe_health(), headers={"Cache-Control": "no-store"})
