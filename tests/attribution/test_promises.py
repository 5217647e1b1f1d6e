"""The figures on attributions check themselves: what is promised holds on a few digits; a broken promise is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from benchmarks import attribution
from cnnviz.core.graph import build_graph
from cnnviz.models.checkpoints import load


@pytest.fixture(autouse=True)
def broken() -> Iterator[list[str]]:
    attribution.BROKEN.clear()
    yield attribution.BROKEN
    attribution.BROKEN.clear()


def said(part: str, digits: int) -> list[str]:
    model = load("mnist")[0]
    return list(attribution.PARTS[part](model, build_graph(model, attribution.SHAPE), digits))


def test_the_sums_are_right_and_every_lie_is_found_out(broken: list[str]):
    lines = [*said("sums", 3), *said("lies", 2)]
    assert [line.strip() for line in lines if "met:" in line] == [
        "met: every error is below 1 %", "met: every wrong map is doubted",
        "met: integrated gradients are never said to be false",
    ]  # fmt: skip
    assert broken == []


def test_a_promise_that_does_not_hold_is_said(broken: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attribution, "LARGEST_ERROR", 0.0)
    assert said("sums", 2)[-1].strip() == "MISSED: every error is below 1 %"
    assert broken == ["every error is below 1 %"]


def test_on_the_residual_network_deep_lift_behind_pooling_is_the_same_function_and_found_out(broken: list[str]):
    model = load("digits_residual")[0]
    turned = attribution.pooled_first(model)
    images = torch.tensor(attribution.digits(3))
    with torch.no_grad():
        torch.testing.assert_close(turned(images), model(images), atol=1e-4, rtol=1e-4)
    lines = list(attribution.PARTS["lies"](model, build_graph(model, attribution.SHAPE), 1))
    assert broken == [], lines
