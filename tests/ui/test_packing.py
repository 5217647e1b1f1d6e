"""An answer travels packed to another machine, as it is within one: packing would take longer than sending."""

import gzip
import json

import pytest
from posting import JSON, Answer, posted
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware

from cnnviz.conv_lab.examples import find_example
from cnnviz.conv_lab.to_json import setup_to_json
from cnnviz.ui.app import route_paths, routes

QUESTION = json.dumps({"setup": setup_to_json(find_example("sixteen-kernels").make())}).encode()


def asked(client: tuple[str, int] | None) -> Answer:
    """An answer to a browser that takes gzip, through a server that packs as Streamlit's does."""
    packs = GZipMiddleware(Starlette(routes=routes.routes()), compresslevel=1)
    return posted(route_paths.LABORATORY, QUESTION, (*JSON, (b"accept-encoding", b"gzip")), client, packs)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_within_one_machine_an_answer_travels_as_it_is(host: str):
    _, headers, body = asked((host, 5000))
    assert headers["content-encoding"] == "identity"
    assert int.from_bytes(body[:4], "little") < len(body)
    assert json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")])["link"] == {"example": "sixteen-kernels"}


@pytest.mark.parametrize("client", [("192.0.2.7", 5000), None])
def test_to_another_machine_it_travels_packed(client: tuple[str, int] | None):
    _, headers, body = asked(client)
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == asked(("127.0.0.1", 1)).body
