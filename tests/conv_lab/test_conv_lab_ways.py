"""Three ways to compute the same: equal results, for every setting; measured times are bounded."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from wishing import wishes

from cnnviz.conv_lab import algorithms
from cnnviz.conv_lab.algorithms import WAYS, Algorithm, AlgorithmError, Window2d, convolve, measure_timings
from cnnviz.conv_lab.examples import EXAMPLES, find_example
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import Operation, nearest_setup


@pytest.mark.parametrize("way", Algorithm)
@settings(max_examples=50, deadline=None)
@given(wish=wishes((Operation.CONVOLUTION,)))
def test_each_way_gives_pytorchs_result(way: Algorithm, wish):
    setup, _sentences = nearest_setup(wish)
    np.testing.assert_allclose(convolve(setup, way), lab_result(setup).output, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("way", Algorithm)
def test_each_way_gives_the_numbers_of_the_lesson(way: Algorithm):
    output = convolve(find_example("cross-correlation").make(), way)
    np.testing.assert_allclose(output, [[[19, 25], [37, 43]]], atol=1e-4)


def test_a_spectrum_that_is_not_conjugated_is_a_true_convolution_and_is_caught(monkeypatch: pytest.MonkeyPatch):
    setup = find_example("cross-correlation").make()

    def turned(picture, weight, window):
        return algorithms.convolve_by_fft(picture, weight.flip(2, 3), window)

    monkeypatch.setitem(WAYS, Algorithm.FOURIER, turned)
    assert np.abs(convolve(setup, Algorithm.FOURIER) - lab_result(setup).output).max() > 1


@pytest.mark.parametrize("way", Algorithm)
def test_only_a_convolution_has_three_ways(way: Algorithm):
    with pytest.raises(AlgorithmError, match="choose a convolution"):
        convolve(find_example("max-pooling").make(), way)


def test_every_size_is_timed_in_every_way():
    made = list(measure_timings(sizes=(1, 5, 9), side=16, budget_s=0.1))
    assert {(timing.way, timing.size) for timing in made} == {(way, size) for way in Algorithm for size in (1, 5, 9)}
    assert all(timing.milliseconds > 0 and timing.rounds >= 1 for timing in made)


@pytest.mark.parametrize(("takes", "rounds"), [(0.25, 4), (0.5, 2), (0.75, 2), (2.0, 1)])
def test_each_way_is_stopped_when_its_share_of_the_budget_is_used_up(monkeypatch, takes: float, rounds: int):
    """By a clock that only the ways move; each has a second for each size."""
    now = [0.0]
    monkeypatch.setattr(algorithms, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    for way in Algorithm:
        monkeypatch.setitem(WAYS, way, lambda *_what: now.__setitem__(0, now[0] + takes))
    made = list(measure_timings(sizes=(1, 5), side=8, budget_s=2.0 * len(WAYS)))
    assert [(timing.rounds, timing.milliseconds) for timing in made] == [(rounds, 1000 * takes)] * 2 * len(WAYS)


def test_no_way_calls_pytorchs_convolution(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_args: object, **_rest: object) -> None:
        raise AssertionError("a way must compute by itself")

    setup = find_example("three-channels").make()
    for name in ("conv2d", "conv_transpose2d"):
        monkeypatch.setattr(algorithms.functional, name, refuse)
    for way in Algorithm:
        assert convolve(setup, way).shape == (1, 3, 3)


def test_there_are_examples_of_every_window():
    made = [example.make() for example in EXAMPLES if example.make]
    assert {setup.groups for setup in made} >= {1, 3}
    assert Window2d().stride == (1, 1)


def test_the_first_call_of_a_kind_is_no_measure(monkeypatch: pytest.MonkeyPatch):
    calls = []
    monkeypatch.setitem(WAYS, Algorithm.FOURIER, lambda *what: calls.append(what))
    rounds = sum(
        timing.rounds
        for timing in measure_timings(sizes=(1, 3), side=4, budget_s=0.001)
        if timing.way is Algorithm.FOURIER
    )
    assert len(calls) == rounds + 2
