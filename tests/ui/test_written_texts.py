"""The words of the explorer are written once, and are those that would be written now."""

from __future__ import annotations

import json

import numpy as np
import pytest
from torch import nn

from cnnviz import i18n
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer, trace
from cnnviz.i18n import in_language
from cnnviz.web.edits.texts import texts_of_difference
from cnnviz.web.explorer.graph import overview_texts
from cnnviz.web.explorer.texts import explorer_texts
from cnnviz.web.explorer.written_texts import written_texts
from cnnviz.web.wire import PacketWriter, Written

NETWORKS = {
    "a convolution": nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 6 * 6, 3)),
    "without bias": nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 6 * 6, 3)),
    "another kernel": nn.Sequential(nn.Conv2d(1, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 4 * 4, 3)),
    "other classes": nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 6 * 6, 4)),
    "turned": nn.Sequential(nn.ConvTranspose2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 10 * 10, 3)),
}


def traced(name: str, seed: int = 0, side: int = 8) -> Trace:
    image = np.random.default_rng(seed).random((1, side, side), dtype=np.float32)
    return trace(NETWORKS[name], image)


def now(made: Trace, is_difference: bool = False) -> dict[str, object]:
    found = explorer_texts(made) | overview_texts() | (texts_of_difference() if is_difference else {})
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("is_difference", [False, True])
def test_they_are_the_words_of_this_very_network(is_difference: bool):
    for _again in range(2):  # written, and found
        for name in NETWORKS:
            for seed in range(2):
                made = traced(name, seed)
                assert json.loads(written_texts(made, is_difference)) == now(made, is_difference)


def test_one_drawing_after_another_needs_no_other_words_and_another_network_does():
    first, second = (written_texts(traced("a convolution", seed)) for seed in (1, 2))
    assert first is second
    others = {str(written_texts(traced(name))) for name in NETWORKS}
    assert len(others) == len(NETWORKS)


def test_a_network_that_stopped_has_the_words_of_a_part():
    part = Tracer(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(9, 2)))
    made = part.as_far_as_it_runs(np.zeros((1, 8, 8), np.float32))
    assert json.loads(written_texts(made)) == now(made)
    assert "as far as the network ran" in written_texts(made)


def test_each_language_has_its_own(monkeypatch: pytest.MonkeyPatch):
    class Loud:
        def gettext(self, text: str) -> str:
            return text.upper() if "{" not in text else text

        def ngettext(self, one: str, many: str, count: int) -> str:
            return one if count == 1 else many

    plain = i18n._catalogue
    monkeypatch.setattr(i18n, "_catalogue", lambda language: Loud() if language == "xx" else plain(language))
    made = traced("a convolution")
    before = written_texts(made)
    with in_language("xx"):
        assert "WHOLE NETWORK" in (found := written_texts(made))
        assert json.loads(found) == now(made)
    assert written_texts(made) is before


def test_a_header_with_written_values_is_read_as_any_other():
    for header in ({"a": 1, "b": Written.of({"c": ["é", None]}), "d": "x"}, {"b": Written.of([])}, {"a": "y"}, {}):
        packed = PacketWriter().sealed(header)
        length = int.from_bytes(packed[:4], "little")
        plain = {name: json.loads(value) if isinstance(value, Written) else value for name, value in header.items()}
        assert json.loads(packed[4 : 4 + length]) == plain
    with pytest.raises(ValueError, match="JSON"):
        Written.of(float("nan"))
