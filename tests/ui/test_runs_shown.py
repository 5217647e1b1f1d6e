"""What is answered about a run, at any moment of it: PyTorch's numbers; and the files that it is saved in."""

import base64
from typing import Any

import numpy as np
import pytest
import torch
from office import DATA, JOB, Office, opened

from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets import load_images
from cnnviz.evaluation.embedding import embed
from cnnviz.evaluation.features import last_layer_inputs
from cnnviz.models.builder import build_module
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import Job, TrainConfig, unpack_network
from cnnviz.training.worker import History, Progress
from cnnviz.ui.train.answers import MOST_PICTURES, answer_training
from cnnviz.ui.train.files import loaded_network, saved_network
from cnnviz.ui.your_network.opened import find_opened, put_opened
from cnnviz.web.trainer.packet import MOST_POINTS

SETS = load_images(DATA)


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def token(office: Office) -> str:
    return office.finished(JOB)


def network(office: Office, token: str, step: int) -> torch.nn.Sequential:
    """The oracle: the network built anew, with the weights of a step that was trained anew."""
    model = build_module(JOB.blueprint)
    weights = office.runs.find(token).history.weights_at(step)
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return model.eval()


def validation(first: int, last: int) -> torch.Tensor:
    return torch.tensor(SETS.validation.images[first:last]).float() / 255


def test_each_run_may_be_looked_at_at_another_moment(office: Office, token: str):
    question = {"runs": [{"token": token, "at": 2}, {"token": token}], "at": 6}
    first, second = opened(answer_training(question, office.runs))["runs"]
    assert (first["look"]["step"], second["look"]["step"]) == (2, 6)


def test_pictures_that_have_gone_are_said_and_the_curves_stay(office: Office, monkeypatch: pytest.MonkeyPatch):
    def gone(*_what: object) -> None:
        raise DataMissing("the pictures have gone")

    token = office.finished()
    monkeypatch.setattr("cnnviz.ui.train.run_entry.validation_sample", gone)
    told = office.asked(token)["runs"][0]
    assert told["sentence"] == "the pictures have gone"
    assert "curves" in told
    assert "look" not in told


def test_a_command_to_a_run_that_is_over_is_answered(office: Office, token: str):
    assert "is over" in office.asked(token, commands=[{"token": token, "do": "resume"}])["problem"]


@pytest.mark.parametrize(
    "question",
    [{"runs": 3}, {"runs": [3]}, {"runs": [{}] * 3}, {"commands": "stop"}, {"commands": [{}] * 9}, {"image": 3},
     {"image": "%"}, {"image": "AAA"}],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_one_sentence(office: Office, question: dict[str, Any]):
    with pytest.raises(ValueError, match="must be"):
        answer_training(question, office.runs)


@pytest.mark.parametrize("step", [0, 4, 8])
def test_kernels_maps_and_answer_are_pytorchs_at_every_moment(office: Office, token: str, step: int):
    look = office.asked(token, at=step, layer="relu2", channel=3, subject={"kind": "set", "index": 5})["runs"][0][
        "look"
    ]
    model, image = network(office, token, step), validation(5, 6)
    assert look["step"] == step
    np.testing.assert_array_equal(look["kernels"], model.conv2.weight[:, 3].detach().numpy())
    maps = model.relu2(model.conv2(model.pool1(model.relu1(model.conv1(image)))))[0].detach()
    np.testing.assert_allclose(look["maps"], maps.numpy(), atol=1e-5)
    shares = model(image).softmax(dim=1)[0].detach()
    np.testing.assert_allclose(look["probabilities"], shares.numpy(), atol=1e-5)
    np.testing.assert_array_equal(look["subject"], SETS.validation.images[5:6])
    assert look["truth"] == SETS.validation.labels[5]


def test_another_moment_has_other_numbers(office: Office, token: str):
    first, last = (office.asked(token, at=step)["runs"][0]["look"] for step in (0, 8))
    assert np.abs(first["kernels"] - last["kernels"]).max() > 1e-3
    assert np.abs(first["maps"] - last["maps"]).max() > 1e-3


def test_between_two_moments_the_nearest_is_shown_and_the_head_without_a_wish(office: Office, token: str):
    steps = [office.asked(token, at=at)["runs"][0]["look"]["step"] for at in (0, 5, 7, 999)]
    assert steps == [0, 4, 6, 8]
    assert office.asked(token)["runs"][0]["look"]["step"] == 8


def test_the_first_ten_guesses_are_the_networks(office: Office, token: str):
    for step in (0, 8):
        told = office.asked(token, at=step)["runs"][0]
        with torch.no_grad():
            wanted = network(office, token, step)(validation(0, 10)).argmax(dim=1)
        assert told["look"]["ten"]["guesses"] == wanted.tolist()
        assert told["statics"]["ten"]["truths"] == SETS.validation.labels[:10].tolist()


def test_a_drawing_is_read_as_it_is(office: Office, token: str):
    drawing = np.random.default_rng(0).random((1, 28, 28), dtype=np.float32)
    image = base64.b64encode(drawing.tobytes()).decode()
    look = office.asked(token, at=8, subject={"kind": "drawing"}, image=image)["runs"][0]["look"]
    shares = network(office, token, 8)(torch.tensor(drawing)[None]).softmax(dim=1)[0].detach()
    np.testing.assert_allclose(look["probabilities"], shares.numpy(), atol=1e-5)
    assert look["subject_kind"] == "drawing"


def test_a_drawing_of_another_size_is_left_for_the_set(office: Office, token: str):
    image = base64.b64encode(np.zeros((3, 32, 32), np.float32).tobytes()).decode()
    look = office.asked(token, subject={"kind": "drawing", "index": 2}, image=image)["runs"][0]["look"]
    assert look["subject_kind"] == "set"


def test_the_pictures_behind_a_cell_are_those_that_were_read_so(office: Office, token: str):
    with torch.no_grad():
        shares = network(office, token, 8)(validation(0, len(SETS.validation))).softmax(dim=1).numpy()
    guesses, labels = shares.argmax(axis=1), SETS.validation.labels
    for cell in ([0, 0], [1, 0], [1, 1], [0, 1]):
        look = office.asked(token, at=8, of_each={"cell": cell})["runs"][0]["look"]
        places = np.flatnonzero((labels == cell[0]) & (guesses == cell[1]))
        assert look["confusion"]["counts"][cell[0]][cell[1]] == len(places) == look["pictures"]["total"]
        np.testing.assert_array_equal(look["pictures"]["images"], SETS.validation.images[places[:MOST_PICTURES]])
        np.testing.assert_allclose(look["pictures"]["shares"], shares[places[:MOST_PICTURES], cell[1]], atol=1e-5)


@pytest.mark.parametrize("cell", [3, [1], [0, 9], [-1, 0], ["a", "b"], [True, 0]])
def test_an_odd_cell_has_no_pictures(office: Office, token: str, cell: Any):
    assert office.asked(token, of_each={"cell": cell})["runs"][0]["look"]["pictures"] is None


def test_what_is_known_does_not_travel_again(office: Office, token: str):
    told = office.asked(token)["runs"][0]
    again = office.asked(token, of_each={"version": told["version"], "statics": True})["runs"][0]
    assert {"curves", "moments", "statics"} <= set(told)
    assert not {"curves", "moments", "statics"} & set(again)


def test_the_curves_are_the_runs(office: Office, token: str):
    curves = office.asked(token)["runs"][0]["curves"]
    history = office.runs.find(token).history
    assert curves["steps"].tolist() == list(range(1, 9))
    np.testing.assert_allclose(curves["loss"], history.curve().losses, rtol=1e-6)
    assert curves["checks"]["steps"].tolist() == [2, 4, 6, 8]
    assert curves["layers"] == ["conv1", "conv2", "fc"]
    assert curves["norms"].shape == (4, 3)


def test_a_long_curve_travels_thinned_with_its_highest_point():
    office = Office()
    token = office.finished()
    losses = np.full(3_999, 0.3)
    losses[1_234] = 1_100.0
    steps = np.arange(2, 4_001)
    office.runs.find(token).history.add([Progress(steps, losses, losses * 0, losses * 0 + 0.1, {}, 1.0, 1.0)])
    curves = office.asked(token)["runs"][0]["curves"]
    assert len(curves["loss"]) <= MOST_POINTS
    assert (curves["loss"].max(), curves["steps"][curves["loss"].argmax()]) == (1_100.0, 1_236)


def test_the_network_of_the_moment_that_is_shown_can_be_looked_into(office: Office, token: str):
    data = saved_network(office.runs.find(token), 4)
    images = torch.tensor(SETS.validation.images[:5]).float() / 255
    opened_one = find_opened(put_opened(data))
    with torch.no_grad():
        shown = opened_one.model(images)
        np.testing.assert_allclose(shown, network(office, token, 4).eval()(images), atol=1e-6)
    assert unpack_network(data).facts["step"] == 4
    assert opened_one.recipe.classes == SETS.classes


def test_a_plane_shows_what_arrives_at_the_last_layer(office: Office, token: str):
    plane = office.asked(token, at=8, plane="pca")["runs"][0]["plane"]
    wanted = embed(last_layer_inputs(network(office, token, 8), validation(0, 300))[1]).points
    gaps = [np.linalg.norm(points[:, None] - points[None], axis=2) for points in (plane["points"], wanted)]
    np.testing.assert_allclose(gaps[0], gaps[1], atol=1e-3)  # it may be turned, never stretched
    assert plane["labels"] == SETS.validation.labels[:300].tolist()


def test_a_network_that_blew_up_is_told_without_a_number_that_json_has_not():
    office = Office()
    token = office.finished(Job(JOB.blueprint, DATA, TrainConfig(steps=6, batch=20, rate=9.9, optimiser="sgd", l2=1.0)))
    answered = office.asked(token, plane="pca", of_each={"cell": [0, 0]})["runs"][0]
    assert not np.isfinite(answered["look"]["probabilities"]).all()
    assert "finite" in answered["plane"]["sentence"]


def test_an_l2_penalty_is_told_as_the_sum_of_the_squares_at_each_moment():
    office = Office()
    token = office.finished(Job(JOB.blueprint, DATA, TrainConfig(steps=4, batch=20, l2=0.01)))
    told = [office.asked(token, at=at)["runs"][0]["look"]["penalty"] for at in (0, 4)]
    for at, penalty in zip((0, 4), told, strict=True):
        weights = office.runs.find(token).history.weights_at(at).values()
        squares = sum(float((weight.astype(np.float64) ** 2).sum()) for weight in weights)
        assert (penalty["step"], penalty["factor"]) == (at, 0.01)
        assert (penalty["squares"], penalty["value"]) == pytest.approx((squares, 0.01 * squares), rel=1e-5)
    assert told[0] != told[1]


def test_without_an_l2_penalty_none_is_told(office: Office, token: str):
    assert office.asked(token)["runs"][0]["look"]["penalty"] is None


def test_a_saved_network_comes_back_as_it_was(office: Office, token: str):
    run = office.runs.find(token)
    found = loaded_network(saved_network(run, 4))
    history = found.history
    assert not found.began_with_weights
    again = office.runs.put(found.job, found.title, history)
    one, other = (office.asked(each, at=4, plane="pca")["runs"][0] for each in (token, again))
    np.testing.assert_array_equal(one["look"]["kernels"], other["look"]["kernels"])
    np.testing.assert_array_equal(one["look"]["probabilities"], other["look"]["probabilities"])
    assert one["look"]["confusion"]["counts"] == other["look"]["confusion"]["counts"]
    assert (other["state"], other["step"]) == ("done", 4)
    later = loaded_network(saved_network(run, 8)).history
    assert not np.array_equal(later.weights_at(8)["conv1.weight"], history.weights_at(4)["conv1.weight"])


def test_a_file_is_saved_by_a_command(office: Office, token: str):
    file = office.asked(token, commands=[{"token": token, "do": "save", "at": 8}])["file"]
    assert file["name"] == "xo_generated-8.safetensors"
    assert file["bytes"].tobytes() == saved_network(office.runs.find(token), 8)


@pytest.mark.parametrize("order", [None, "pause"])
def test_a_file_is_saved_in_the_middle_of_a_run_and_the_run_goes_on(order: str | None):
    office = Office()
    token = office.started()
    shown = [office.asked(token)["runs"][0]["look"]["step"] for _ in range(2)][-1]
    commands = [{"token": token, "do": order}] if order else []
    answered = office.asked(token, commands=[*commands, {"token": token, "do": "save", "at": shown}])
    assert answered["file"]["name"] == f"xo_generated-{shown}.safetensors" == "xo_generated-4.safetensors"
    found = unpack_network(answered["file"]["bytes"].tobytes())
    assert found.facts["step"] == shown
    wanted, newest = (office.runs.find(token).history.weights_at(step) for step in (shown, 8))
    assert all(np.array_equal(found.weights[name], wanted[name]) for name in wanted)
    assert answered["runs"][0]["state"] == ("paused" if order else "running")
    assert order or not np.array_equal(newest["conv1.weight"], wanted["conv1.weight"])  # it did not stand still


def test_nothing_is_saved_of_a_run_without_a_recorded_moment_and_that_is_said(office: Office):
    token = office.runs.put(JOB, "empty", History())
    assert "wait a moment" in office.asked(token, commands=[{"token": token, "do": "save"}])["problem"]


def test_a_file_says_what_was_set_by_hand_and_that_a_run_did_not_begin_at_random():
    office = Office()
    first = office.finished(JOB)
    weights = office.runs.find(first).history.weights_at(8)
    run = office.runs.find(office.runs.start(JOB, "on", weights=weights))
    run.refresh()
    run.do("rate", 0.05)
    run.refresh()
    found = loaded_network(saved_network(run, None))
    assert found.began_with_weights
    assert found.job.config.changes == ((2, 0.05),)
    assert not loaded_network(saved_network(office.runs.find(first), None)).began_with_weights


def test_a_foreign_or_damaged_file_is_refused_in_one_sentence(office: Office, token: str):
    whole = saved_network(office.runs.find(token), 8)
    for broken in (b"", b"hello", whole[:-1], whole[:200], bytes([*whole[:-1], whole[-1] ^ 1])):
        with pytest.raises(CheckpointError, match="file"):
            loaded_network(broken)
    loaded_network(whole)
