"""Servers that are copies of a prepared process: each its own, and gone with whoever started them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from driving import NotStarted, is_healthy
from prepared_servers import CAN_COPY, PreparedServers

from benchmarks.visitors import arrive_together

pytestmark = pytest.mark.skipif(not CAN_COPY, reason="this system copies no processes")
COUNTING = """
import os, streamlit as st
from cnnviz import i18n
i18n.visits = getattr(i18n, "visits", 0) + 1
open(os.path.splitext(__file__)[0] + ".txt", "a").write(f"{os.getpid()} {i18n.visits} {__name__}\\n")
"""


@pytest.fixture
def prepared() -> Iterator[PreparedServers]:
    with closing(PreparedServers()) as servers:
        yield servers


def test_what_one_server_does_to_a_module_no_other_sees(prepared: PreparedServers, tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(COUNTING)
        address = prepared.start(tmp_path / f"{name}.py", tmp_path / f"{name}.log")
        arrive_together(address, 1)
        arrive_together(address, 1)
    seen = [[line.split() for line in (tmp_path / f"{name}.txt").read_text().splitlines()] for name in ("one", "two")]
    for visits in seen:
        assert [number for _process, number, _module in visits] == ["1", "2"]
        assert {module for _process, _number, module in visits} == {"__main__"}
    assert len({process for visits in seen for process, *_rest in visits}) == 2


def test_servers_end_with_whoever_started_them(tmp_path: Path):
    (tmp_path / "app.py").write_text("import streamlit as st\n")
    with closing(PreparedServers()) as servers:
        address = servers.start(tmp_path / "app.py", tmp_path / "log.txt")
        assert is_healthy(address)
    assert not is_healthy(address)


def test_a_server_that_cannot_start_is_told_with_its_log(prepared: PreparedServers, tmp_path: Path):
    with pytest.raises(NotStarted, match="does not exist"):
        prepared.start(tmp_path / "missing.py", tmp_path / "log.txt")
