"""The load benchmark finds what it looks for: answers of somebody else, errors, and edits that change something."""

import json

import numpy as np
import pytest

from benchmarks import load
from cnnviz.core.edits import read_edits
from cnnviz.ui.app import route_paths, routes
from tests.own_loop import play


def answer(at: int, **rest: object) -> bytes:
    question = {"strokes": load.drawings()[at].to_record()["strokes"], **rest}
    return routes.answer_to(route_paths.LOOK, json.dumps(question).encode())


def drawn(monkeypatch: pytest.MonkeyPatch, answered: object) -> load.Findings:
    findings = load.Findings()
    expected = [load.probabilities(answer(at)).copy() for at in range(len(load.drawings()))]
    visitor = load.Visitor("http://localhost:1", 0, findings, expected)

    async def ask(_kind: str, _path: str, question: dict) -> bytes:
        return answered(question)  # type: ignore[operator]

    monkeypatch.setattr(visitor, "_ask", ask)
    monkeypatch.setattr(load, "STROKES", 3)
    monkeypatch.setattr(load, "STROKES_A_SECOND", 1e-6)  # so that none is late, and
    monkeypatch.setattr(load.asyncio, "sleep", _now)  # the next one at once
    play(visitor._draw(float("inf")))
    return findings


async def _now(_seconds: float) -> None:
    return


def test_ones_own_answers_are_not_mixed_up(monkeypatch: pytest.MonkeyPatch):
    own = drawn(monkeypatch, lambda question: routes.answer_to(route_paths.LOOK, json.dumps(question).encode()))
    assert (own.mixed_up, own.late) == (0, 0)


def test_the_answer_of_somebody_else_is_noticed(monkeypatch: pytest.MonkeyPatch):
    others = answer(3)
    assert drawn(monkeypatch, lambda _question: others).mixed_up > 0


@pytest.mark.parametrize("edit", load.EDITS)
def test_every_edit_changes_the_network(edit: str):
    assert read_edits(edit)
    plain, edited = (load.probabilities(answer(2, **more)) for more in ({}, {"surgery": {"done": edit}}))
    assert np.abs(plain - edited).max() > load.NEAR


def test_the_report_names_errors_and_times():
    findings = load.Findings(times={"stroke": [1.0, 2.0, 50.0]}, mixed_up=2)
    findings.errors.update({"cell: ValueError": 3})
    said = "\n".join(load.report(findings, 1))
    assert "answers of somebody else: 2" in said
    assert "errors: 3 × cell: ValueError" in said
