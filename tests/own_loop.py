"""A coroutine played to its end where no event loop runs yet: Playwright leaves one behind in the tests' own thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def play(story: Coroutine[Any, Any, Result]) -> Result:
    """What `story` returns, from an event loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, story).result()
