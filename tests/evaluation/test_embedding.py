"""Where a network puts pictures: PCA against scikit-learn's and by hand, t-SNE's groups, moments one can follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from cnnviz.evaluation.embedding import (
    EmbeddingError,
    EmbeddingMethod,
    align_embedding,
    embed,
    principal_components,
)


def values(count: int = 40, width: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)) * np.linspace(3, 0.1, width)


def groups(count: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Four groups far from each other in 20 dimensions, and which is which."""
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(4), count)
    return rng.normal(size=(4, 20))[labels] * 8 + rng.normal(size=(4 * count, 20)), labels


def test_pca_by_hand():
    points, kept = principal_components(np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]))
    np.testing.assert_allclose(points, [[-5, 0], [0, 0], [5, 0]], atol=1e-12)
    assert kept == pytest.approx(1)


@given(st.integers(3, 30), st.integers(2, 30), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_pca_is_scikit_learn_s_up_to_signs(count: int, width: int, seed: int):
    rows = values(count, width, seed)
    made, known = embed(rows), PCA(2, svd_solver="full").fit(rows)
    np.testing.assert_allclose(np.abs(made.points), np.abs(known.transform(rows)), atol=1e-8)
    assert made.kept == pytest.approx(known.explained_variance_ratio_.sum())
    uncentred = np.linalg.svd(rows + 5, full_matrices=False)  # the twin: the mean forgotten
    assert not np.allclose(np.abs(made.points), np.abs(uncentred[0] * uncentred[1])[:, :2], atol=1e-3)


def test_pca_is_a_shadow_distances_never_grow():
    rows = values()
    far = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    near = np.linalg.norm(embed(rows).points[:, None] - embed(rows).points[None], axis=2)
    assert (near <= far + 1e-9).all()


@pytest.fixture(scope="module")
def neighbours():
    rows, labels = groups()
    return rows, labels, embed(rows, EmbeddingMethod.TSNE)


def test_t_sne_keeps_neighbours_and_is_repeatable(neighbours):
    rows, labels, made = neighbours
    assert made.points.shape == (100, 2)
    assert (made.perplexity, made.kept) == (30.0, None)
    assert trustworthiness(rows, made.points, n_neighbors=10) > 0.85
    assert trustworthiness(rows, np.random.default_rng(0).normal(size=(100, 2)), n_neighbors=10) < 0.7  # the twin
    distance = np.linalg.norm(made.points[:, None] - made.points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (labels[distance.argmin(axis=1)] == labels).all()
    np.testing.assert_array_equal(embed(rows, EmbeddingMethod.TSNE).points, made.points)


def test_t_sne_starts_from_pca(monkeypatch):
    import sklearn.manifold

    seen: dict = {}

    class Watched:
        def __init__(self, **how) -> None:
            seen.update(how)

        def fit_transform(self, rows: np.ndarray) -> np.ndarray:
            return np.zeros((len(rows), 2), np.float32)

    monkeypatch.setattr(sklearn.manifold, "TSNE", Watched)
    embed(values(), EmbeddingMethod.TSNE)
    start = embed(values()).points
    np.testing.assert_allclose(seen["init"], start / start[:, 0].std() * 1e-4, rtol=1e-5)
    assert seen["perplexity"] == 13.0  # a third of the 39 others


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@given(st.floats(0, 6.28), st.booleans(), st.integers(0, 50))
@settings(deadline=None)
def test_points_that_were_turned_or_mirrored_come_back(angle: float, is_mirrored: bool, seed: int):
    before = np.random.default_rng(seed).normal(size=(20, 2)) * (3, 1)
    before -= before.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag(
        [1, 1 - 2 * is_mirrored]
    )
    np.testing.assert_allclose(align_embedding(before @ turn + 7, before), before, atol=1e-9)


def test_turning_changes_no_distance_and_no_other_turn_is_nearer():
    points, beside = embed(values(seed=1)).points, embed(values(seed=2)).points
    got = embed(values(seed=1), beside=beside).points
    np.testing.assert_allclose(
        np.linalg.norm(got[:, None] - got[None], axis=2), np.linalg.norm(points[:, None] - points[None], axis=2),
        atol=1e-9,
    )  # fmt: skip
    best = np.linalg.norm(got - beside)
    for angle in np.linspace(0, 2 * np.pi, 60):
        turn = rotation(angle)
        for mirror in (1, -1):
            assert np.linalg.norm(points @ turn @ np.diag([1, mirror]) - beside) >= best - 1e-9


@pytest.mark.parametrize("method", list(EmbeddingMethod))
def test_pictures_that_are_all_the_same_lie_in_one_place(method: EmbeddingMethod):
    made = embed(np.ones((5, 4)), method)
    assert not made.points.any()


def test_a_lone_feature_lies_on_a_line():
    made = embed(np.arange(5.0)[:, None])
    np.testing.assert_allclose(made.points, [[-2, 0], [-1, 0], [0, 0], [1, 0], [2, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(np.ones((2, 4)), "3 to 2000"), (np.ones((2001, 1)), "3 to 2000"), (np.ones(5), "3 to 2000"),
     (np.ones((5, 0)), "3 to 2000"), (np.array([[1.0], [np.nan], [2.0]]), "values are not finite"),
     (np.array([[1.0], [np.inf], [2.0]]), "values are not finite")],
)  # fmt: skip
def test_what_cannot_be_flattened_is_one_sentence(rows: np.ndarray, reason: str):
    with pytest.raises(EmbeddingError, match=reason):
        embed(rows)
    with pytest.raises(EmbeddingError, match="same images"):
        embed(values(), beside=np.zeros((3, 2)))
