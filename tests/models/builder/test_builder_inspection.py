"""What does not fit is said where it is, mended at one click, and what fits is what PyTorch makes of it."""

import pytest
from hypothesis import given, settings
from parts_at_random import blueprints, nearly_sound
from put_together import Refused, run

from cnnviz.models.builder import (
    LayerConfig,
    LayerKind,
    NetworkSpec,
    NetworkSpecError,
    Pooling,
    build_module,
    inspect_spec,
    preset,
)
from cnnviz.models.builder.inspection import MOST_MACS, MOST_PARAMETERS
from cnnviz.models.builder.layer_config import (
    BATCH_NORM,
    FLATTEN,
    GLOBAL_AVERAGE,
    activation,
    conv,
    dropout2d,
    linear,
    pool,
    residual,
)
from cnnviz.models.builder.problems import with_changed
from cnnviz.models.summary import summarise

RELU = activation()


def of(*parts: LayerConfig, shape: tuple[int, int, int] = (1, 28, 28), classes: str = "0123456789") -> NetworkSpec:
    return NetworkSpec("tried", shape, tuple(classes), parts)


def verdict(blueprint: NetworkSpec) -> tuple[list[tuple[int, ...]], int] | None:
    """What PyTorch makes of it; None where it refuses."""
    try:
        return run(blueprint)
    except Refused:
        return None


@settings(max_examples=70, deadline=None)
@given(blueprints())
def test_any_blueprint_has_a_problem_where_pytorch_refuses_and_its_shapes_where_it_does_not(blueprint: NetworkSpec):
    found, theirs = inspect_spec(blueprint), verdict(blueprint)
    assert (found.problem is None) == (theirs is not None)
    if theirs is None:
        with pytest.raises(NetworkSpecError):
            build_module(blueprint)


@settings(max_examples=50, deadline=None)
@given(nearly_sound())
def test_a_network_that_fits_has_pytorchs_shapes_and_parameters(blueprint: NetworkSpec):
    found, theirs = inspect_spec(blueprint), verdict(blueprint)
    assert (found.problem is None) == (theirs is not None)
    if theirs is not None:
        assert [row.output_shape for row in found.rows] == theirs[0]
        assert found.parameters == theirs[1] == sum(p.numel() for p in build_module(blueprint).parameters())


@settings(max_examples=25, deadline=None)
@given(nearly_sound())
def test_what_a_unit_sees_is_what_the_graph_says(blueprint: NetworkSpec):
    found = inspect_spec(blueprint)
    if found.problem is not None:
        return
    table = {row.name: row for row in summarise(build_module(blueprint), blueprint.input_shape).rows}
    for row in found.rows:
        last = next(made for name, made in reversed(table.items()) if name.split(".")[0] == row.name)
        assert row.view is not None
        assert (row.view.size, row.view.certainty.value) == (last.sight.size, last.sight.status.value), row.name


@settings(max_examples=70, deadline=None)
@given(blueprints())
def test_every_mend_takes_its_problem_away(blueprint: NetworkSpec):
    found = inspect_spec(blueprint)
    for at, row in enumerate(found.rows):
        for mend in row.problem.mends if row.problem else ():
            after = inspect_spec(mend.blueprint)
            same = [other for other in after.rows if other.part == row.part and other.name == row.name]
            assert all(other.problem != row.problem for other in same), (mend.label, at)
    for mend in found.ending.mends if found.ending else ():
        assert inspect_spec(mend.blueprint).problem is None or inspect_spec(mend.blueprint).ending is None


def the(blueprint: NetworkSpec, name: str) -> str:
    """The sentence at the part called `name`, which is the only one."""
    found = inspect_spec(blueprint)
    wrong = {row.name: row.problem.sentence for row in found.rows if row.problem}
    assert list(wrong) == [name]
    assert found.problem is not None
    assert found.problem.sentence == wrong[name]
    return wrong[name]


def labels(blueprint: NetworkSpec) -> list[str]:
    problem = inspect_spec(blueprint).problem
    assert problem is not None
    return [mend.label for mend in problem.mends]


def test_a_flat_size_that_does_not_fit_is_mended_to_1568():
    typed = with_changed(preset("mnist_b1"), 7, inputs=800)
    said = the(typed, "fc")
    assert (
        said == "inputs of fc must be as many as the previous layer gives (1,568 = 32·7·7), got 800: count them again"
    )
    assert labels(typed) == ["use 1568", "always from the previous layer"]
    first, second = inspect_spec(typed).problem.mends
    assert first.blueprint == with_changed(preset("mnist_b1"), 7, inputs=1568)
    assert second.blueprint == preset("mnist_b1")


def test_after_a_wrong_number_of_inputs_the_shapes_are_still_known():
    found = inspect_spec(with_changed(preset("mnist_b1"), 3, inputs=3))
    assert [row.name for row in found.rows if row.problem] == ["conv2"]
    assert found.rows[-1].output_shape == (10,)
    assert (
        "input channels of conv2 must be as many as the previous layer gives (16), got 3"
        in found.rows[3].problem.sentence
    )


def test_a_kernel_larger_than_its_map_says_which_map_and_nothing_is_claimed_after_it():
    blueprint = of(conv(8, 5), RELU, pool(4), conv(8, 7), RELU, FLATTEN, linear())
    said = the(blueprint, "conv2")
    assert said.startswith("kernel of conv2 must be at most as large as its input (6×6, padding included), got 7")
    assert labels(blueprint) == ["use 6", "use padding 1", "remove conv2"]
    found = inspect_spec(blueprint)
    assert [row.output_shape for row in found.rows[3:]] == [None] * 4
    assert found.parameters is None
    assert found.macs is None


def test_a_fully_connected_layer_on_maps_asks_for_a_flatten():
    blueprint = of(conv(4), linear())
    assert the(blueprint, "fc") == "fc must get one column of numbers, got 4 maps of 26×26: put a flatten before it"
    assert inspect_spec(blueprint).problem.mends[0].blueprint == of(conv(4), FLATTEN, linear())


def test_a_convolution_after_the_flatten_moves_before_it():
    blueprint = of(conv(4), FLATTEN, conv(8), linear())
    assert "conv2 must get maps, got one column of 2704 numbers" in inspect_spec(blueprint).problem.sentence
    assert inspect_spec(blueprint).problem.mends[0].blueprint == of(conv(4), conv(8), FLATTEN, linear())


def test_an_even_residual_kernel_and_other_channels_are_explained():
    assert "kernel of block1 must be odd, got 4" in the(of(conv(8), residual(4), FLATTEN, linear()), "block1")
    typed = of(conv(8), with_changed(of(residual()), 0, inputs=16).parts[0], FLATTEN, linear())
    assert "channels of block1 must be as many as the previous layer gives (8), since both are added, got 16" in the(
        typed, "block1"
    )


def test_too_much_padding_of_a_pooling_is_explained():
    blueprint = of(pool(2, padding=2), FLATTEN, linear())
    assert "padding of pool1 must be at most half its window (1), got 2" in the(blueprint, "pool1")


def test_the_number_of_scores_is_mended_at_the_layer_that_gives_them():
    blueprint = of(FLATTEN, linear(32), RELU, linear(12))
    assert the(blueprint, "fc2").startswith("the last layer must give one score for each of the 10 classes, got 12")
    assert inspect_spec(blueprint).problem.mends[0].blueprint == of(FLATTEN, linear(32), RELU, linear(10))


@pytest.mark.parametrize("parts", [(), (conv(4),), (conv(4), GLOBAL_AVERAGE), (FLATTEN,)])
def test_an_end_without_scores_is_mended_by_a_head(parts: tuple[LayerConfig, ...]):
    found = inspect_spec(of(*parts))
    assert found.problem is found.ending
    assert "the network must end in one score for each of the 10 classes" in found.problem.sentence
    assert inspect_spec(found.problem.mends[0].blueprint).problem is None


def test_normalisation_goes_with_maps_and_with_columns():
    blueprint = of(conv(4), BATCH_NORM, FLATTEN, linear(16), BATCH_NORM, RELU, linear())
    assert inspect_spec(blueprint).problem is None
    assert [type(build_module(blueprint).get_submodule(name)).__name__ for name in ("norm1", "norm2")] == [
        "BatchNorm2d", "BatchNorm1d",
    ]  # fmt: skip


def test_dropout_of_maps_needs_maps():
    assert "dropout1 must get maps" in the(of(FLATTEN, dropout2d(), linear()), "dropout1")


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((FLATTEN, linear(10_000), linear()), f"parameters must be at most {MOST_PARAMETERS:,}, got 7,950,010"),
        (
            (conv(64, padding=1), conv(512, padding=1), pool(), GLOBAL_AVERAGE, FLATTEN, linear()),
            "numbers|multiply-adds",
        ),
    ],
)
def test_a_network_that_costs_too_much_for_a_shared_machine_is_refused(parts: tuple[LayerConfig, ...], says: str):
    blueprint = of(*parts, shape=(1, 28, 28) if len(parts) == 3 else (1, 224, 224))
    with pytest.raises(NetworkSpecError, match=says):
        build_module(blueprint)
    assert inspect_spec(preset("birds_residual")).macs * 100 < MOST_MACS


def test_average_pooling_counts_its_padding_as_pytorch_does():
    blueprint = of(pool(3, Pooling.AVERAGE, stride=2, padding=1), FLATTEN, linear())
    assert inspect_spec(blueprint).rows[0].output_shape == (1, 14, 14)
    assert build_module(blueprint).pool1.count_include_pad
    assert blueprint.parts[0].kind is LayerKind.POOL
