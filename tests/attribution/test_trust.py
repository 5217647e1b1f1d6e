"""The lie detector: maps that are known to be wrong are flagged, and a right one is not."""

import numpy as np
import pytest
import torch
from networks import Shortcut, drawn_digits, image_of, pooled_first, seeded
from torch import nn

import cnnviz
from cnnviz.attribution import Doubt, Question, attribute_graph, check_attribution, describe_trust
from cnnviz.attribution.scores import Scores
from cnnviz.attribution.trust import Candidate, check_maps, curves_of, shuffle_weights
from cnnviz.core.graph import build_graph
from cnnviz.models.checkpoints import load

MANY = 10


@pytest.fixture(scope="module")
def digits() -> nn.Module:
    return load("mnist")[0]


def answer(model: nn.Module, image: np.ndarray) -> Question:
    return Question(int(model(torch.tensor(image)[None]).argmax()))


def test_integrated_gradients_pass_on_most_digits(digits: nn.Module):
    graph = build_graph(digits, (1, 28, 28))
    made = [attribute_graph(digits, graph, one, "ig", answer(digits, one), checks=True) for one in drawn_digits(MANY)]
    doubts = [set(one.trust.doubts) for one in made]
    assert sum(not found for found in doubts) >= 0.5 * MANY
    assert not any(found - {Doubt.NO_BETTER_THAN_CHANCE} for found in doubts)


@pytest.mark.parametrize("control", ["random", "edges"])
def test_a_map_that_knows_nothing_of_the_network_is_flagged(digits: nn.Module, control: str):
    graph = build_graph(digits, (1, 28, 28))
    for image in drawn_digits(3):
        made = attribute_graph(digits, graph, image, "gradient", answer(digits, image), checks=True)
        trust = made.controls[control]
        assert Doubt.IGNORES_WEIGHTS in trust.doubts
        assert trust.shuffled[-1].similarity == pytest.approx(1)
        assert "This map does not depend on the weights of the network: do not believe it." in describe_trust(trust)


def test_deep_lift_after_pooling_is_flagged_and_the_same_function_the_other_way_round_is_not(digits: nn.Module):
    wrong, off = pooled_first(digits), []
    for image in drawn_digits(MANY):
        question = answer(digits, image)
        right = cnnviz.attribute(digits, image, "deep_lift", question.target)
        assert Doubt.DOES_NOT_ADD_UP not in right.trust.doubts
        made = cnnviz.attribute(wrong, image, "deep_lift", question.target)
        assert made.output == pytest.approx(right.output, abs=1e-4)  # the same function
        off.append(Doubt.DOES_NOT_ADD_UP in made.trust.doubts)
    assert all(off)


def test_a_sum_that_is_right_raises_no_doubt(digits: nn.Module):
    made = cnnviz.attribute(digits, drawn_digits(1)[0], "ig")
    assert made.trust.error is not None
    assert made.trust.error < 0.01
    assert cnnviz.attribute(digits, drawn_digits(1)[0], "gradient").trust.error is None  # promises nothing


def test_curves_are_the_scores_of_images_with_pixels_taken_out(digits: nn.Module):
    graph, image = build_graph(digits, (1, 28, 28)), drawn_digits(2)[1]
    by_pixel = image_of(28, 28, seed=3)
    made = curves_of({"own": by_pixel}, Scores(graph, Question(1)), image, 0 * image, image[0] > 0)["own"]
    places = [tuple(at) for at in np.argwhere(image[0] > 0)]
    places.sort(key=lambda at: -by_pixel[at])
    for fraction, score in list(zip(made.fractions, made.deletion, strict=True))[::4]:
        changed = image.copy()
        for row, col in places[: round(fraction * len(places))]:
            changed[:, row, col] = 0
        assert score == pytest.approx(float(digits(torch.tensor(changed)[None])[0, 1]), abs=1e-4)
    assert made.deletion[0] == pytest.approx(made.insertion[-1], abs=1e-4)
    assert made.deletion[-1] == pytest.approx(made.insertion[0], abs=1e-4)
    assert not np.allclose(made.deletion, made.random_deletion[0], atol=1e-2)


def test_weights_are_shuffled_from_the_last_layer_to_the_first_in_a_copy():
    model, image = seeded(Shortcut()), image_of(2, 6, 6)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    seen = []

    def explain(twin: nn.Module, _graph: object) -> np.ndarray:
        seen.append({name for name, value in twin.state_dict().items() if not torch.equal(value, before[name])})
        return image

    graph = build_graph(model, (2, 6, 6))
    stages = shuffle_weights({"own": image}, model, graph, {"own": explain}, np.ones((6, 6), bool))["own"]
    assert [one.last for one in stages] == ["head", "second", "first"]
    assert {name.split(".")[0] for name in seen[0]} == {"head"}
    assert {name.split(".")[0] for name in seen[-1]} == {"head", "second", "first"}
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(torch.equal(seen_one.sort().values, old.sort().values) for seen_one, old in
               ((model.head.bias, before["head.bias"]),))  # fmt: skip


def test_a_map_is_judged_the_same_beside_others_as_by_itself(digits: nn.Module):
    graph, image = build_graph(digits, (1, 28, 28)), drawn_digits(1)[0]
    scores, values = Scores(graph, Question(3)), image_of(1, 28, 28)
    own = Candidate(values, lambda _model, _graph: values)
    alone = check_maps({"own": own}, scores, digits, image, 0 * image)["own"]
    other = Candidate(-values, lambda _model, _graph: image_of(1, 28, 28, seed=5))
    beside = check_maps({"other": other, "own": own}, scores, digits, image, 0 * image)
    assert beside["own"].shuffled == alone.shuffled
    for name in ("deletion", "insertion", "random_deletion", "random_insertion"):
        np.testing.assert_allclose(getattr(beside["own"].curves, name), getattr(alone.curves, name), atol=1e-4)
    assert not np.allclose(beside["other"].curves.deletion, alone.curves.deletion, atol=1e-2)


def test_the_checks_say_how_far_they_are(digits: nn.Module):
    said: list[float] = []
    graph, image = build_graph(digits, (1, 28, 28)), drawn_digits(1)[0]
    made = attribute_graph(digits, graph, image, "gradient", Question(3))
    check_attribution(digits, graph, image, made, said.append)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)
