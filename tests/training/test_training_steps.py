"""Every step of a run is PyTorch's: the weights of a plain loop written down here, for every optimiser and loss."""

import threading

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.models.builder import NetworkSpec, build_module
from cnnviz.models.builder.layer_config import BATCH_NORM, FLATTEN, activation, linear
from cnnviz.training import Scaling, start_session
from cnnviz.training.fuse_relu_maxpool import fuse_relu_maxpool
from cnnviz.training.losses import make_objective
from tests.training.small_jobs import CLASSES, PLAIN, RICH, job, sets

MADE = {
    "sgd": lambda parameters, decay: torch.optim.SGD(parameters, lr=0.01, weight_decay=decay),
    "momentum": lambda parameters, decay: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=decay),
    "adam": lambda parameters, decay: torch.optim.Adam(parameters, lr=0.01, weight_decay=decay),
    "adamw": lambda parameters, decay: torch.optim.AdamW(parameters, lr=0.01, weight_decay=decay),
}


@pytest.fixture(scope="module")
def data():
    return sets()


def plain_loop(data, config, *, l2=0.0, shift=0):
    """Ten steps as a text book writes them; the order of the pictures is the run's, which other tests look at."""
    source = start_session(job(**config), data).run._source
    torch.manual_seed(0)
    model = build_module(PLAIN)
    optimiser = MADE[config["optimiser"]](model.parameters(), config.get("decay", 0.0))
    for step in range(10):
        images, labels = source.batch(step + shift, 16, torch.Generator())
        loss = F.cross_entropy(model(images), labels)
        loss = loss + l2 * sum(p.pow(2).sum() for p in model.parameters())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.state_dict()


def finished(course):
    reports = []
    while not course.run.is_done:
        reports += course.run.advance(0)
    return reports


def is_close(one, other, tolerance=1e-6):
    return all(torch.allclose(weight, other[name], atol=tolerance) for name, weight in one.items())


def is_same(one, other):
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


def weights(course):
    return dict(course.run.snapshot().weights)


@pytest.mark.parametrize("optimiser", MADE)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_run_ends_with_the_weights_of_a_plain_loop(data, optimiser, decay):
    config = {"optimiser": optimiser, "decay": decay}
    course = start_session(job(**config), data)
    finished(course)
    assert is_close(weights(course), plain_loop(data, config))
    assert not is_close(weights(course), plain_loop(data, config, shift=1))  # other batches: noticed


def test_an_explicit_penalty_is_lambda_times_the_sum_of_squares(data):
    config = {"optimiser": "sgd", "l2": 0.05}
    course = start_session(job(**config), data)
    finished(course)
    assert is_close(weights(course), plain_loop(data, config, l2=0.05))
    assert not is_close(weights(course), plain_loop(data, config, l2=0.025))  # half of it, as some write: noticed


def test_the_loss_reported_is_without_the_penalty(data):
    with_, without = (start_session(job(optimiser="sgd", l2=l2), data).run.advance(0)[0] for l2 in (0.5, 0.0))
    assert with_.loss == pytest.approx(without.loss)


LOGITS, LABELS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]]), torch.tensor([0, 2])


def by_hand(kind):
    """The losses in float64, from their formulas."""
    logits = LOGITS.double()
    shares = logits.exp() / logits.exp().sum(1, keepdim=True)
    right = shares[torch.arange(2), LABELS]
    truth = torch.eye(3, dtype=torch.float64)[LABELS]
    return {
        "cross_entropy": -right.log().mean(),
        "log_softmax_nll": -right.log().mean(),
        "softmax_nll": -right.mean(),
        "squared_error": ((logits - truth) ** 2).mean(),
    }[kind]


@pytest.mark.parametrize("kind", ["cross_entropy", "log_softmax_nll", "softmax_nll", "squared_error"])
def test_a_loss_is_its_formula(kind):
    config = job(loss=kind).config
    assert float(make_objective(config.loss)(LOGITS, LABELS)) == pytest.approx(float(by_hand(kind)), abs=1e-6)


def test_the_famous_mistake_is_another_loss():
    assert float(by_hand("softmax_nll")) != pytest.approx(float(by_hand("log_softmax_nll")), abs=0.1)


@pytest.mark.parametrize("blueprint", [PLAIN, RICH])
@pytest.mark.parametrize("optimiser", MADE)
def test_a_run_that_is_kept_and_taken_up_again_is_the_run_that_went_on(data, blueprint, optimiser):
    settings = {"optimiser": optimiser, "averaging": 0.9, "schedule": "one_cycle"}
    whole, first, second = (start_session(job(blueprint, **settings), data) for _ in range(3))
    finished(whole)
    first.run.advance(60, most=3)
    first.run.set_rate(0.02)
    state = first.run.state()
    first.run.advance(60)
    second.run.resume(state)
    finished(second)
    assert is_same(weights(first), weights(second))
    assert second.run.config.changes == ((3, 0.02),)
    assert not is_same(weights(first), weights(whole))  # another rate: noticed


def test_a_state_without_its_random_numbers_or_of_another_network_is_refused_and_changes_nothing(data):
    run, other = start_session(job(RICH), data).run, start_session(job(PLAIN), data).run
    state = run.state()
    state.pop("chance.cpu")
    before = run.state()
    for wrong in (state, other.state()):
        with pytest.raises(ValueError, match="state must be that of a run like this one"):
            run.resume(wrong)
    assert is_same(before, run.state())


def test_a_rate_set_by_hand_is_recorded_so_that_the_run_can_be_had_again(data):
    course = start_session(job(), data)
    course.run.advance(60, most=4)
    course.run.set_rate(0.1)
    course.run.set_rate(0.05)  # the last word of a step counts
    finished(course)
    again = start_session(job(changes=course.run.config.changes), data)
    finished(again)
    assert course.run.config.changes == ((4, 0.05),)
    assert is_same(weights(course), weights(again))
    with pytest.raises(ValueError, match="rate of a change must be"):
        course.run.set_rate(float("nan"))


def test_looking_at_a_run_does_not_change_it(data):
    watched, left_alone = start_session(job(RICH), data), start_session(job(RICH), data)
    while not watched.run.is_done:
        watched.run.advance(0)
        watched.evaluated()
        watched.run.gradient_norms()
        watched.run.snapshot()
    finished(left_alone)
    assert is_same(weights(watched), weights(left_alone))
    assert watched.run.model.training


def test_the_callers_random_numbers_and_mode_of_gradients_stay(data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    finished(start_session(job(RICH), data))
    assert torch.equal(torch.rand(3), expected)


def test_one_thread_at_a_time_advances_a_run_and_the_other_is_told_nothing(data):
    run = start_session(job(steps=1000), data).run
    inside, go_on, second = threading.Event(), threading.Event(), []

    def wait_once(_run):
        inside.set()
        go_on.wait(10)

    thread = threading.Thread(target=lambda: run.advance(0, after_each=wait_once))
    thread.start()
    inside.wait(10)
    second = run.advance(10)
    go_on.set()
    thread.join()
    assert second == []
    assert run.step == 1


def test_the_quicker_order_is_the_same_to_the_last_bit(data):
    swapped, usual = start_session(job(PLAIN), data), start_session(job(PLAIN), data)
    assert swapped.run._forward is not swapped.run.model
    usual.run._forward = usual.run.model
    assert finished(swapped) == finished(usual)
    assert is_same(weights(swapped), weights(usual))


def test_only_a_relu_before_a_max_pooling_changes_places():
    """Average pooling, say, would give other numbers: the twin below is noticed."""
    average = nn.Sequential(nn.ReLU(), nn.AvgPool2d(2))
    assert fuse_relu_maxpool(average) is average
    assert fuse_relu_maxpool(nn.Sequential(nn.MaxPool2d(2), nn.ReLU())).__class__ is nn.Sequential
    values = torch.randn(1, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert not torch.equal(average(values), average[0](average[1](values)))
    largest = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    assert torch.equal(largest(values), fuse_relu_maxpool(largest)(values))
    assert fuse_relu_maxpool(largest) is not largest


def test_gradient_norms_are_those_of_autograd(data):
    course = start_session(job(optimiser="sgd"), data)
    assert course.run.gradient_norms() == {}
    images, labels = course.run._source.batch(0, 16, torch.Generator())
    names, held = zip(*course.run.model.named_parameters(), strict=True)
    found = torch.autograd.grad(F.cross_entropy(course.run.model(images), labels), held)
    gradients = {name: gradient.double() for name, gradient in zip(names, found, strict=True)}
    course.run.advance(0)
    for layer, norm in course.run.gradient_norms().items():
        own = torch.cat([value.flatten() for name, value in gradients.items() if name.startswith(f"{layer}.")])
        assert norm == pytest.approx(float(own.norm()), rel=1e-5)
    assert set(course.run.gradient_norms()) == {"conv1", "fc"}


def test_all_pictures_come_once_an_epoch_in_another_order_each_time(data):
    source = start_session(job(), data).run._source
    orders = []
    for epoch in range(2):
        batches = [source.batch(epoch * 4 + place, 16, torch.Generator()) for place in range(4)]
        assert [len(labels) for _images, labels in batches] == [16, 16, 16, 2]
        orders.append(torch.cat([images for images, _labels in batches]).flatten(1))
    wanted = torch.tensor(data.training.images).flatten(1).float() / 255
    for order in orders:
        assert sorted(map(tuple, order.tolist())) == sorted(map(tuple, wanted.tolist()))
    assert not torch.equal(*orders)


@pytest.mark.parametrize(("kind", "mean", "std"), [("none", 0, 1), ("half", 0.5, 0.5), ("data", 0.3, 0.2)])
def test_pictures_are_read_with_the_scaling_asked_for(data, kind, mean, std):
    course = start_session(job(scaling=kind), data)
    assert course.scaling == Scaling((float(mean),), (float(std),))
    images = course.run._source.batch(0, 50, torch.Generator())[0].double()
    plain = torch.tensor(data.training.images).double() / 255
    assert float(images.mean()) == pytest.approx(float((plain.mean() - mean) / std), abs=1e-5)
    assert float(images.std()) == pytest.approx(float(plain.std() / std), abs=1e-5)


def test_an_evaluation_is_what_a_naive_loop_finds(data):
    course = start_session(job(RICH), data)
    finished(course)
    found = course.evaluated()
    model = build_module(RICH).double().eval()
    model.load_state_dict(weights(course))
    read = torch.tensor(data.validation.images).double() / 255
    logits = torch.stack([model(image[None])[0] for image in read]).detach()
    truth = torch.tensor(data.validation.labels)
    assert found.predicted.tolist() == logits.argmax(1).tolist()
    assert found.validation.accuracy == pytest.approx(float((logits.argmax(1) == truth).double().mean()))
    assert found.validation.loss == pytest.approx(float(nn.CrossEntropyLoss()(logits, truth)), abs=1e-5)
    counts = [[int(((truth == t) & (logits.argmax(1) == p)).sum()) for p in range(2)] for t in range(2)]
    assert found.confusion.tolist() == counts
    assert found.first == tuple(zip(truth[:10].tolist(), logits.argmax(1)[:10].tolist(), strict=True))
    assert (found.step, found.epoch, found.is_whole) == (10, 10 / 4, True)
    in_training_mode = torch.stack([build_module(RICH).train()(torch.rand(8, 1, 8, 8)) for _ in range(2)])
    assert not torch.equal(*in_training_mode)  # so that evaluation mode matters here


def test_a_sample_is_always_the_same_and_has_the_first_ten(data):
    course = start_session(job(), data)
    one, two = course.evaluated(limit=12), course.evaluated(limit=12)
    assert one.at.tolist() == two.at.tolist()
    assert (len(one.at), one.training.n, one.is_whole) == (12, 12, False)
    assert one.at.tolist()[:10] == list(range(10))


NORMED = NetworkSpec("normed", (1, 8, 8), CLASSES, (FLATTEN, linear(4), BATCH_NORM, activation(), linear()))


@pytest.mark.parametrize(("batch", "is_refused"), [(49, True), (1, True), (48, False), (50, False), (60, False)])
def test_a_last_batch_of_one_picture_is_refused_where_a_lone_number_would_be_normalised(data, batch, is_refused):
    """50 pictures: 49 + 1. PyTorch itself is the oracle: it raises just there."""
    wish = job(NORMED, steps=None, epochs=1, batch=batch)
    if is_refused:
        with pytest.raises(ValueError, match=r"since norm1 normalises over the batch, got .* for 50 images: choose"):
            start_session(wish, data)
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            build_module(NORMED).train()(torch.zeros(1, 1, 8, 8))
    else:
        start_session(wish, data).run.advance(60)
    assert len(start_session(job(RICH, steps=None, batch=49), data).run.advance(60)) == 2  # maps: no number is alone


def test_a_run_that_never_comes_to_the_lone_picture_is_not_refused(data):
    assert len(start_session(job(NORMED, steps=1, batch=49), data).run.advance(60)) == 1


def test_a_network_for_other_pictures_is_one_sentence(data):
    record = job().to_record()
    record["blueprint"]["classes"] = ["a", "b", "c"]
    with pytest.raises(ValueError, match="network must take images 1×8×8 of 2 classes, got one for 1×8×8 of 3"):
        start_session(type(job()).from_record(record), data)
