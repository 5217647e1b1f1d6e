"""The strongest patches against a search by hand, image by image and cell by cell."""

import numpy as np
import pytest
import torch
from networks import Shortcut, drawn_digits, image_of, seeded
from torch import nn

from cnnviz.attribution.strongest import (
    Peaks,
    find_peaks,
    looking_layers,
    middle_unit,
    strongest_patches,
    units_of,
)
from cnnviz.core.graph import build_graph
from cnnviz.core.trace import Tracer
from cnnviz.models.checkpoints import load


def strongest_by_hand(model: nn.Module, layer: str, channel: int, images: np.ndarray) -> list[tuple[int, int, int]]:
    """(image, row, col) of the largest value in each image, the strongest first, by looking at every cell."""
    tracer, found = Tracer(model), []
    for number, image in enumerate(images):
        trace = tracer(image)
        output = trace.layers[trace.position(layer)].output[channel]
        best = (-np.inf, 0, 0)
        for row in range(output.shape[0]):
            for col in range(output.shape[1]):
                if output[row, col] > best[0]:
                    best = (float(output[row, col]), row, col)
        found.append((best[0], number, *best[1:]))
    found.sort(key=lambda each: -each[0])
    return [each[1:] for each in found]


@pytest.mark.parametrize("layer", ["conv1", "relu2", "pool2"])
def test_the_strongest_places_are_those_of_a_search_by_hand(layer: str):
    model, images = load("mnist")[0], np.stack(drawn_digits(8))
    graph = build_graph(model, (1, 28, 28))
    peaks = find_peaks(graph, layer, images)
    for channel in (0, 5, 11):
        found = strongest_patches(graph, peaks, channel, 4)
        by_hand = strongest_by_hand(model, layer, channel, images)
        values = peaks.values[[number for number, _row, _col in by_hand], channel]
        if len(set(values[:4].tolist())) == 4:  # else the order among equals is anybody's
            assert [(each.image, each.unit.row, each.unit.col) for each in found] == by_hand[:4]
        assert [each.value for each in found] == sorted(peaks.values[:, channel].tolist(), reverse=True)[:4]


def test_of_a_network_with_branches_too():
    model, images = seeded(Shortcut()), np.stack([image_of(2, 6, 6, seed=seed) for seed in range(5)])
    graph = build_graph(model, (2, 6, 6))
    found = strongest_patches(graph, find_peaks(graph, "second", images), 3, 3)
    by_hand = strongest_by_hand(model, "second", 3, images)
    assert [(each.image, each.unit.row, each.unit.col) for each in found] == by_hand[:3]
    assert [(each.image, each.unit.row, each.unit.col) for each in found] != by_hand[::-1][:3]


def test_the_frame_holds_all_that_the_unit_reads_and_no_row_less_would():
    model, images = load("mnist")[0], np.stack(drawn_digits(10))
    graph = build_graph(model, (1, 28, 28))
    cut_off_too_far = 0
    for channel in range(4):
        patch = strongest_patches(graph, find_peaks(graph, "conv2", images), channel, 1)[0]
        assert patch.box is not None
        image, index = images[patch.image], graph.nodes[graph.position("conv2")].index(patch.unit)

        def value(rows: range, cols: range, image: np.ndarray = image, index: tuple[int, ...] = index) -> float:
            cut = np.zeros_like(image)
            inside = (slice(None), slice(rows.start, rows.stop), slice(cols.start, cols.stop))
            cut[inside] = image[inside]
            with torch.no_grad():
                return float(graph.program(graph.position("conv2"), torch.tensor(cut)[None])[index])

        assert value(patch.box.rows, patch.box.cols) == pytest.approx(patch.value, abs=1e-5)
        smaller = range(patch.box.rows.start + 4, patch.box.rows.stop - 4)
        cut_off_too_far += abs(value(smaller, patch.box.cols) - patch.value) > 1e-3
    assert cut_off_too_far > 0


def test_a_map_that_nothing_excites_is_noticed():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    model[0].weight.data[:] = torch.tensor([-1.0, 1.0]).reshape(2, 1, 1, 1)
    model[0].bias.data[:] = 0
    images = np.stack([image_of(1, 5, 5, seed=seed) for seed in range(3)])
    peaks = find_peaks(build_graph(model.eval(), (1, 5, 5)), "1", images)
    assert peaks.is_same_everywhere(0)
    assert not peaks.is_same_everywhere(1)


def test_entries_of_a_vector_are_maps_of_one_cell_and_what_only_hands_on_is_not_asked():
    graph = build_graph(load("mnist")[0], (1, 28, 28))
    assert units_of(graph, "fc") == (10, 1, 1)
    assert "flatten" not in looking_layers(graph)
    assert {"conv1", "relu2", "pool2", "fc"} <= set(looking_layers(graph))
    assert middle_unit(graph, "fc", 7).within((10,)) == (7,)


def test_the_best_of_no_difference_is_still_a_number():
    peaks = Peaks("conv1", np.zeros((2, 1)), np.zeros((2, 1), int), np.zeros((2, 1), int))
    assert peaks.best(0) == 0
