"""An answer travels packed to another machine, as it is within one: packing would take longer than sending."""

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware

from cnnviz.laboratory.examples import find_example
from cnnviz.laboratory.records import to_record
from cnnviz.ui import addresses, live

QUESTION = json.dumps({"setup": to_record(find_example("sixteen-kernels").make())}).encode()


def posted(client: tuple[str, int] | None) -> tuple[dict[str, str], bytes]:
    """Headers and body of an answer to a browser that takes gzip, through a server that packs as Streamlit's does."""
    sent: list[Any] = []

    async def call() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": QUESTION, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"accept-encoding", b"gzip")]
        scope = {"type": "http", "method": "POST", "path": addresses.LABORATORY, "headers": headers,
                 "query_string": b"", "client": client}  # fmt: skip
        await GZipMiddleware(Starlette(routes=live.routes()), compresslevel=1)(scope, receive, send)

    with ThreadPoolExecutor(1) as apart:  # where no event loop runs yet, whatever other tests have left behind
        apart.submit(asyncio.run, call()).result()
    return {k.decode(): v.decode() for k, v in sent[0]["headers"]}, b"".join(m.get("body", b"") for m in sent)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_within_one_machine_an_answer_travels_as_it_is(host: str):
    headers, body = posted((host, 5000))
    assert headers["content-encoding"] == "identity"
    assert int.from_bytes(body[:4], "little") < len(body)
    assert json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")])["link"] == {"example": "sixteen-kernels"}


@pytest.mark.parametrize("client", [("192.0.2.7", 5000), None])
def test_to_another_machine_it_travels_packed(client: tuple[str, int] | None):
    headers, body = posted(client)
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == posted(("127.0.0.1", 1))[1]
