"""Small answers leave at once: connections of a socket that is made as Streamlit makes its own."""

from __future__ import annotations

import asyncio
import asyncio.base_events
import socket

import pytest

from cnnviz.ui.app.prompt_answers import answer_at_once
from tests.own_loop import play


def waits_for_more(family: socket.AddressFamily = socket.AF_INET) -> bool:
    """Whether a connection that a server takes holds small parts back."""

    async def story() -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken = writer.get_extra_info("socket")
            found.set_result(not taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        own = socket.socket(family=family)
        own.bind(("localhost", 0))
        async with await asyncio.start_server(take, sock=own):
            _reader, writer = await asyncio.open_connection(*own.getsockname()[:2])
            answer = await found
            writer.close()
        return answer

    return play(story())


def test_no_small_answer_waits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)  # as it was, afterwards
    answer_at_once()
    assert not waits_for_more()


def test_one_that_waits_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", lambda _taken: None)
    assert waits_for_more()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets of files here")
def test_a_socket_that_is_no_stream_of_the_internet_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)
    answer_at_once()
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        asyncio.base_events._set_nodelay(one)
