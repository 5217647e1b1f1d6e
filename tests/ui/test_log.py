"""What the log of the server looks like."""

import logging
import re

import pytest

from cnnviz.ui.app.log import configure_log


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch):
    found = logging.getLogger("cnnviz")
    monkeypatch.setattr(found, "handlers", [])
    return found


def test_an_event_is_one_line_with_time_weight_and_place(log: logging.Logger, capsys: pytest.CaptureFixture[str]):
    configure_log()
    configure_log()
    logging.getLogger("cnnviz.somewhere").warning("refused: %s", "this")
    said = capsys.readouterr().err
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING cnnviz\.somewhere: refused: this\n", said)
