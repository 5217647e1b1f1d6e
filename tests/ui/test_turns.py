"""Whose question is answered next, and what is done for one whose sender has gone: nothing more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from cnnviz.ui.app import turns
from cnnviz.ui.app.turns import SMALL_BYTES, Lanes, NobodyWaits, TooMuchWaits, go_on
from tests.own_loop import play

LARGE = SMALL_BYTES + 1
PATIENCE = 30


def run(story: Callable[[], Awaitable[Any]]) -> Any:
    """Play a story in an event loop of its own; one that stands still fails."""

    async def bounded() -> Any:
        return await asyncio.wait_for(story(), PATIENCE)

    return play(bounded())


async def stays() -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


def busy(gate: threading.Event) -> str:
    assert gate.wait(PATIENCE)
    return "large"


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0)


def test_a_small_question_is_answered_while_twenty_large_ones_wait():
    async def story() -> str:
        lanes, gate = Lanes(1), threading.Event()
        large = [asyncio.create_task(lanes.run(LARGE, f"{n}", stays, lambda: busy(gate))) for n in range(20)]
        await until(lambda: len(lanes._large._waiting) == 19)
        found = await lanes.run(SMALL_BYTES, "somebody", stays, lambda: "small")
        assert not any(task.done() for task in large)
        gate.set()
        assert set(await asyncio.gather(*large)) == {"large"}
        return found

    assert run(story) == "small"


def test_visitors_take_turns_however_many_questions_one_of_them_has():
    async def story() -> list[str]:
        lanes, gate, order = Lanes(1), threading.Event(), list[str]()
        first = asyncio.create_task(lanes.run(LARGE, "greedy", stays, lambda: busy(gate)))
        await until(lambda: lanes._large._free == 0)
        rest = []
        for count, visitor in enumerate(["greedy"] * 5 + ["modest"], start=1):
            rest.append(asyncio.create_task(lanes.run(LARGE, visitor, stays, lambda who=visitor: order.append(who))))
            await until(lambda wanted=count: sum(map(len, lanes._large._waiting.values())) == wanted)
        gate.set()
        await asyncio.gather(first, *rest)
        return order

    assert run(story) == ["greedy", "modest", *["greedy"] * 4]


def test_who_leaves_while_waiting_is_not_answered_and_the_next_one_is():
    async def story() -> list[str]:
        lanes, gate, leaves, done = Lanes(1), threading.Event(), asyncio.Event(), list[str]()

        async def leaving() -> dict[str, Any]:
            await leaves.wait()
            return {"type": "http.disconnect"}

        first = asyncio.create_task(lanes.run(LARGE, "a", stays, lambda: busy(gate)))
        await until(lambda: lanes._large._free == 0)
        gone = asyncio.create_task(lanes.run(LARGE, "b", leaving, lambda: done.append("gone")))
        await until(lambda: len(lanes._large._waiting) == 1)
        last = asyncio.create_task(lanes.run(LARGE, "c", stays, lambda: done.append("last")))
        await until(lambda: len(lanes._large._waiting) == 2)
        leaves.set()
        with pytest.raises(ClientDisconnect):
            await gone
        gate.set()
        await asyncio.gather(first, last)
        assert (lanes._large._free, len(lanes._large._waiting)) == (1, 0)
        return done

    assert run(story) == ["last"]


def test_work_ends_at_its_next_pause_once_nobody_waits():
    async def story() -> list[str]:
        lanes, leaves, gate, done = Lanes(1), asyncio.Event(), threading.Event(), list[str]()

        async def leaving() -> dict[str, Any]:
            await leaves.wait()
            return {"type": "http.disconnect"}

        def work() -> None:
            done.append("begun")
            assert gate.wait(PATIENCE)
            while True:  # for ever, did it not end here
                go_on()

        asked = asyncio.create_task(lanes.run(LARGE, "a", leaving, work))
        await until(lambda: done == ["begun"])
        leaves.set()
        gate.set()
        with pytest.raises(ClientDisconnect):
            await asked
        assert await lanes.run(LARGE, "b", stays, lambda: "next") == "next"
        return done

    assert run(story) == ["begun"]


def test_what_the_work_raises_comes_out_as_it_is():
    def refuse() -> None:
        raise ValueError("no question")

    with pytest.raises(ValueError, match=r"^no question$"):
        run(lambda: Lanes(1).run(1, "a", stays, refuse))
    go_on()  # outside of an answer nobody has to wait


def test_a_visitor_with_too_many_questions_is_told_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "MOST_WAITING", 2)

    async def story() -> None:
        lanes, gate = Lanes(1), threading.Event()
        tasks = [asyncio.create_task(lanes.run(LARGE, "a", stays, lambda: busy(gate))) for _ in range(3)]
        await until(lambda: lanes._large._free == 0 and sum(map(len, lanes._large._waiting.values())) == 2)
        with pytest.raises(TooMuchWaits):
            await lanes.run(LARGE, "a", stays, lambda: "one too many")
        other = asyncio.create_task(lanes.run(LARGE, "b", stays, lambda: "other"))
        await until(lambda: len(lanes._large._waiting) == 2)
        gate.set()
        assert (await asyncio.gather(*tasks), await other) == (["large"] * 3, "other")

    run(story)


def test_nobody_waits_is_an_error_of_its_own():
    assert not issubclass(NobodyWaits, ValueError)
