"""The planes of a run's pictures: the quick way to PCA is PCA, and many who ask at once are all answered."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest

from cnnviz.evaluation.embedding import EmbeddingMethod, embed
from cnnviz.ui.train.embedding import EmbeddingCache, EmbeddingView, PlaneSettings, shorten_digits

RUN = SimpleNamespace(token="a run")


def values(pictures: int = 40, numbers: int = 200) -> np.ndarray:
    dice = np.random.default_rng(3)
    return dice.normal(size=(pictures, 3)) @ dice.normal(size=(3, numbers)) * 5 + dice.normal(size=(pictures, numbers))


def plane_of(table: np.ndarray) -> np.ndarray:
    """PCA's points, whichever way its axes point."""
    return np.abs(embed(table, EmbeddingMethod.PCA).points)


def test_the_quick_way_gives_the_same_plane():
    np.testing.assert_allclose(plane_of(shorten_digits(values())), plane_of(values()), rtol=1e-6)


def test_what_is_not_centred_gives_another_plane():
    table = values() + 40
    spreads, rows = np.linalg.eigh(table @ table.T)  # as if the mean were forgotten
    wrong = rows[:, -8:] * np.sqrt(np.clip(spreads[-8:], 0, None))
    assert np.abs(plane_of(shorten_digits(table)) - plane_of(table)).max() < 1e-6
    assert np.abs(np.abs(wrong[:, -2:]) - plane_of(table)).max() > 1


@pytest.mark.parametrize("table", [np.full((4, 20), np.nan), np.zeros((4, 3))], ids=["no numbers", "few columns"])
def test_what_cannot_be_shortened_stays_as_it_is(table: np.ndarray):
    assert shorten_digits(table) is table


class Overtaken(Future):
    """A plane that is made; somebody else fetches it just before we do."""

    def __init__(self, planes: EmbeddingCache, step: int) -> None:
        super().__init__()
        self._planes = planes
        self.set_result(EmbeddingView(step, EmbeddingMethod.TSNE, "fc", np.zeros(3, np.int64), np.zeros((3, 2))))

    def done(self) -> bool:
        self._planes._under.pop(RUN.token, None)
        return super().done()


def test_two_who_ask_at_once_both_get_the_plane():
    planes = EmbeddingCache()
    planes._under[RUN.token] = PlaneSettings(EmbeddingMethod.TSNE), Overtaken(planes, step=7)
    found = planes.plane(RUN, 7, PlaneSettings(EmbeddingMethod.TSNE))  # type: ignore[arg-type]
    assert (found.step, found.is_awaited) == (7, False)
