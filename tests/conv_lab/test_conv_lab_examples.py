"""Every example of the lessons gives the numbers that are printed, to the digit; another setting does not."""

from dataclasses import replace

import numpy as np
import pytest
from naive import naive, pooled

from cnnviz.conv_lab.examples import EXAMPLES, LabChapter, LabPart, chapter_title, find_example
from cnnviz.conv_lab.output_sizes import (
    axis_sizes,
    count_parameters,
    describe_shapes,
    describe_unread,
    receptive_field_with_second,
)
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import GLOBAL

BENCH = [example for example in EXAMPLES if example.make is not None]
KNOWN = [example for example in BENCH if example.maps]


def by_key(examples):
    return pytest.mark.parametrize("example", examples, ids=lambda example: example.key)


@by_key(KNOWN)
def test_the_maps_are_the_printed_ones(example):
    np.testing.assert_array_equal(lab_result(example.make()).output, np.array(example.maps, np.float32))


@by_key([example for example in KNOWN if example.make().operation not in GLOBAL])
def test_the_printed_maps_are_those_of_a_loop(example):
    setup = example.make()
    np.testing.assert_array_equal(naive(setup) if setup.has_weights else pooled(setup), np.array(example.maps))


@by_key([example for example in KNOWN if example.make().has_weights])
def test_a_kernel_a_tenth_off_would_be_noticed(example):
    setup = example.make()
    wrong = lab_result(replace(setup, kernel=setup.kernel + 0.1)).output
    is_empty_picture = not setup.picture.values.any()
    assert is_empty_picture or not np.array_equal(wrong, np.array(example.maps, np.float32))


@by_key(BENCH)
def test_shape_and_parameters_are_the_printed_ones(example):
    setup = example.make()
    layer = lab_result(setup)
    assert describe_shapes(setup) == example.shape
    assert example.shape.endswith("×".join(map(str, layer.output.shape)))
    if example.parameters is not None:
        assert count_parameters(setup) == example.parameters == layer.spec.parameters


@by_key([example for example in BENCH if example.says])
def test_the_formula_says_what_is_printed(example):
    setup = example.make()
    layer = lab_result(setup)
    sizes = axis_sizes(setup, layer.spec.axes(layer.input.shape[1:], layer.output.shape[1:]))
    on_top = receptive_field_with_second(setup)
    said = " ".join([*(size.formula for size in sizes), describe_unread(sizes), "×".join(map(str, on_top or ()))])
    for text in example.says:
        assert text in said


def test_keys_are_unique_and_every_chapter_and_part_has_an_example():
    assert len({example.key for example in EXAMPLES}) == len(EXAMPLES)
    assert {example.chapter for example in EXAMPLES} == set(LabChapter)
    assert {example.part for example in EXAMPLES} == set(LabPart)
    for example in EXAMPLES:
        assert (example.make is None) == (example.part is not LabPart.BENCH)
        assert example.title
        assert example.look.endswith(".")
    assert all(chapter_title(chapter) for chapter in LabChapter)


def test_an_unknown_example_is_one_sentence():
    with pytest.raises(KeyError, match="example must be one of cross-correlation"):
        find_example("nothing")


def test_the_corner_of_the_three_channels_is_109_channel_by_channel():
    setup = find_example("three-channels").make()
    shares = [float(setup.picture.values[channel, :3, :3].sum()) for channel in range(3)]
    assert shares == [72, 18, 18]
    assert sum(shares) + 1 == 109 == lab_result(setup).output[0, 0, 0]


def test_an_edge_finder_finds_nothing_in_the_turned_picture_but_its_transpose_does():
    setup = find_example("edge-turned").make()
    assert not lab_result(setup).output.any()
    assert lab_result(replace(setup, kernel=setup.kernel.swapaxes(2, 3))).output.any()


def test_a_true_convolution_is_a_cross_correlation_with_the_kernel_turned():
    setup = find_example("true-convolution").make()
    turned = replace(setup, kernel=setup.kernel[:, :, ::-1, ::-1], is_flipped=False)
    np.testing.assert_array_equal(lab_result(setup).output, lab_result(turned).output)
    assert not np.array_equal(lab_result(setup).output, lab_result(find_example("cross-correlation").make()).output)


def test_random_weights_are_the_same_each_time():
    one, other = (find_example("random-start").make() for _ in range(2))
    np.testing.assert_array_equal(one.kernel, other.kernel)
