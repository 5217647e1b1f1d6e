"""The setup of a training as a link: it comes back as it was, trains the same weights, and junk does no harm."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.data.augment_images import DRAWINGS, MOST, NOTHING, PHOTOS, BorderFill
from cnnviz.data.image_sets import DataChoice, SetKey
from cnnviz.models.builder import adapt_to_data, layers_to_text, preset
from cnnviz.training import LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig, start_session
from cnnviz.ui.train.links import FRACTIONS, LINK_NAMES, WHOLE, left_out, read_setup, write_setup, written_setup
from cnnviz.ui.train.setup import OWN, START, TrainSetup, default_setup, fit_setup, setup_offers, with_network
from tests.models.builder.parts_at_random import nearly_sound

FRAMES = {
    SetKey.DIGITS: preset("digits_small"), SetKey.MNIST: preset("mnist_b1"), SetKey.BIRDS: preset("birds_c1"),
    SetKey.XO: preset("xo_small"), SetKey.XO_GENERATED: preset("xo_small"),
}  # fmt: skip


def fractions(name: str) -> st.SearchStrategy[float]:
    return st.floats(*FRACTIONS[name])


configs = st.builds(
    TrainConfig,
    steps=st.none() | st.integers(*WHOLE["steps"]),
    batch=st.integers(1, 512),
    optimiser=st.sampled_from(OptimiserKind), schedule=st.sampled_from(ScheduleKind),
    loss=st.sampled_from(LossKind), scaling=st.sampled_from(ScalingKind),
    **{name: st.integers(*WHOLE[name]) for name in ("epochs", "warm", "cool", "seed")},
    **{name: fractions(name) for name in FRACTIONS},
)  # fmt: skip
choices = st.builds(
    DataChoice,
    key=st.sampled_from([key for key in SetKey if key is not SetKey.OWN]),
    limit=st.none() | st.integers(1, 1_000_000), validation=st.floats(0.01, 0.5), seed=st.integers(0, 9_999_999),
    balanced=st.booleans(),
)  # fmt: skip
changes = st.sampled_from([None, DRAWINGS, PHOTOS.scaled(0.5)]) | st.builds(
    lambda border, **values: replace(NOTHING, border=border, **values),
    border=st.sampled_from(BorderFill), turn=st.floats(0.1, MOST["turn"]),
    **{name: st.floats(0, most) for name, most in MOST.items() if name != "turn"},
)  # fmt: skip


@st.composite
def setups(draw: st.DrawFn) -> TrainSetup:
    """A ready-made network, or one's own layers as they read the chosen pictures."""
    data, config, how = draw(choices), draw(configs), draw(changes)
    key = draw(st.sampled_from([*setup_offers(), OWN]))
    if key != OWN:
        return TrainSetup(key, preset(key), data, config, how)
    like = FRAMES[SetKey(data.key)]
    own = with_network(default_setup(START), OWN).blueprint
    parts = draw(nearly_sound()).parts
    return TrainSetup(
        OWN, replace(own, input_shape=like.input_shape, classes=like.classes, parts=parts), data, config, how
    )


def opened(setup: TrainSetup) -> TrainSetup:
    """Through an address and back, as a browser does."""
    linked = read_setup(dict(parse_qsl(urlencode(write_setup(setup)))))
    assert linked.odd == ()
    assert linked.sentence == ""
    return linked.setup


@settings(max_examples=60)
@given(setups())
def test_a_setup_comes_back_from_its_link_as_it_was(setup: TrainSetup):
    assert opened(setup) == setup


@given(setups())
def test_a_link_says_only_what_it_may_and_in_few_signs(setup: TrainSetup):
    words = write_setup(setup)
    assert set(words) <= set(LINK_NAMES)
    assert all(text.isascii() and text for text in words.values())
    assert left_out(setup) == ""


@pytest.mark.parametrize("key", setup_offers())
def test_a_ready_made_network_is_one_word(key: str):
    assert write_setup(default_setup(key)) == ({} if key == START else {"network": key})
    assert opened(default_setup(key)) == default_setup(key)


def test_a_link_can_be_read_by_a_person():
    made = default_setup("mnist_b1")
    made = replace(
        made, data=replace(made.data, limit=500), augmentation=replace(NOTHING, turn=12.0, flip=0.5, border="mirror"),
        config=replace(made.config, rate=3e-5, optimiser="sgd", steps=200, seed=7),
    )  # fmt: skip
    assert urlencode(write_setup(made)) == (
        "network=mnist_b1&limit=500&optimiser=sgd&steps=200&seed=7&rate=0.00003&augment=turn12_flip0.5_mirror"
    )


def test_what_belongs_to_a_preset_is_left_out_and_what_was_changed_back_is_not():
    birds = default_setup("birds_c1")
    assert write_setup(birds) == {"network": "birds_c1"}
    plain = replace(birds, config=replace(birds.config, scaling=ScalingKind.NONE))
    assert write_setup(plain) == {"network": "birds_c1", "scaling": "none"}
    assert opened(plain).config.scaling is ScalingKind.NONE


def weights(setup: TrainSetup) -> dict[str, torch.Tensor]:
    """What the run of a setup ends with."""
    like = FRAMES[SetKey(setup.data.key)]
    run = start_session(fit_setup(setup, like.input_shape, like.classes)).run
    run.advance(60)
    assert run.is_done
    return run.snapshot().weights


def is_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("network", ["digits_small", OWN])
def test_who_opens_the_link_trains_the_very_same_weights(network: str):
    own = with_network(default_setup("lenet5"), OWN)
    made = replace(
        own if network == OWN else default_setup(network), data=DataChoice("xo_generated", limit=48, seed=3),
        config=TrainConfig(steps=4, batch=16, rate=0.004, seed=11, schedule="cosine"), augmentation=DRAWINGS,
    )  # fmt: skip
    words, ends = write_setup(made), weights(made)
    assert is_same(weights(read_setup(words).setup), ends)
    for name in ("seed", "rate", "data_seed", "augment", "schedule"):  # a link that forgot a word would be found out
        assert not is_same(weights(read_setup({k: v for k, v in words.items() if k != name}).setup), ends)


@given(st.dictionaries(st.sampled_from([*LINK_NAMES, "x"]), st.text(max_size=60)))
def test_no_text_breaks_the_reading(query: dict[str, str]):
    linked = read_setup(query)
    assert opened(linked.setup) == linked.setup  # it is one that a link can stand for
    assert set(linked.odd) <= set(LINK_NAMES)


@given(st.dictionaries(
    st.sampled_from([*WHOLE, *FRACTIONS, "limit", "validation", "data_seed"]),
    st.floats().map(str) | st.integers(-(10**30), 10**30).map(str) | st.from_regex(r"[-+.e0-9]{1,12}", fullmatch=True),
))  # fmt: skip
def test_no_number_breaks_the_reading(query: dict[str, str]):
    linked = read_setup(query)
    assert opened(linked.setup) == linked.setup


@pytest.mark.parametrize(
    ("name", "text", "usual_one"),
    [("rate", "50", 3e-3), ("rate", "-1", 3e-3), ("rate", "1e999", 3e-3), ("rate", "nan", 3e-3), ("rate", "", 3e-3),
     ("rate", "0,5", 3e-3), ("epochs", "0", 100), ("epochs", "2.6", 100), ("batch", "many", 32), ("seed", "-4", 0),
     ("optimiser", "<b>adam</b>", "adam"), ("loss", "cross_entropy ", "cross_entropy"), ("steps", "1e9", None),
     ("scaling", "NONE", "none")],
)  # fmt: skip
def test_an_odd_value_is_as_usual_and_is_named(name: str, text: str, usual_one: Any):
    linked = read_setup({name: text})
    assert getattr(linked.setup.config, name) == usual_one
    assert linked.odd == (name,)
    assert name in linked.sentence
    assert "<" not in linked.sentence  # what came with the link is not repeated


@pytest.mark.parametrize(
    ("query", "odd"),
    [({"network": "../../etc"}, "network"), ({"network": "own"}, "network"), ({"layers": "conv_<script>"}, "layers"),
     ({"data": "own"}, "data"), ({"data": "own", "limit": "20"}, "data"), ({"limit": "0"}, "limit"),
     ({"balanced": "yes"}, "balanced"), ({"augment": "turn999"}, "augment"), ({"augment": "turnnan"}, "augment"),
     ({"augment": "burn1"}, "augment"), ({"layers": "conv_8-" * 200}, "layers")],
)  # fmt: skip
def test_what_a_link_cannot_ask_for_is_said_in_one_sentence(query: dict[str, str], odd: str):
    linked = read_setup(query)
    assert odd in linked.odd
    assert linked.sentence.count(".") == 1
    assert linked.setup.data.key == "digits"


def test_a_sound_link_says_nothing():
    assert read_setup({"lang": "de", "rate": "0.01", "layer": "conv1"}).sentence == ""


def test_a_batch_that_the_network_cannot_take_is_made_smaller():
    linked = read_setup({"layers": "conv_512_k3_p1-relu-flatten-fc", "batch": "65536"})
    assert linked.odd == ("batch",)
    assert fit_setup(linked.setup, (1, 28, 28), tuple("0123456789")).config.batch == linked.setup.config.batch < 65536


def test_layers_that_do_not_fit_are_left_for_the_editor_to_mend():
    linked = read_setup({"layers": "fc_3-conv_8"})
    assert linked.odd == ()
    assert layers_to_text(linked.setup.blueprint.parts) == "fc_3-conv_8"


def test_what_a_link_cannot_carry_is_said():
    uploaded = replace(default_setup(START), data=DataChoice("own", upload="a" * 64, limit=30))
    assert write_setup(uploaded) == {}
    assert "images" in left_out(uploaded)


def test_layers_set_on_other_pictures_are_linked_as_they_will_read_these():
    own = with_network(default_setup("birds_c1"), OWN)
    made = replace(own, data=DataChoice("digits"))
    back = opened(made)
    for shape, classes in [(like.input_shape, like.classes) for like in FRAMES.values()]:
        if shape == (1, 28, 28):
            assert fit_setup(back, shape, classes) == fit_setup(made, shape, classes)
    assert back.blueprint == adapt_to_data(own.blueprint, (1, 28, 28), tuple("0123456789"))


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (3e-05, "0.00003"), (100.0, "100"), (5, "5"), (None, "")])
def test_numbers_are_written_as_people_write_them(value: Any, text: str):
    assert written_setup(value) == text
