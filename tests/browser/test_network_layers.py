"""Layer by layer in a real browser: whatever network is chosen, the layer that is named is one of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from watching import APPS, choose_option

from cnnviz.ui.layers.tables import NETWORKS, layers_with_maps, network_graph


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "network_app.py")


def choose(page: Page, label: str, option: str) -> None:
    choose_option(page, page.get_by_role("combobox", name=label), option)


def expect_layer(page: Page, layer: str) -> None:
    expect(page.get_by_role("combobox", name="Pick a layer")).to_have_value(layer, timeout=30_000)


@pytest.fixture(scope="module")
def last_layers() -> dict[str, str]:
    return {name: layers_with_maps(network_graph(name).graph)[-1] for name in NETWORKS}


def test_every_network_shows_a_layer_of_its_own(
    new_page: Callable[..., Page], address: str, last_layers: dict[str, str]
):
    page = new_page(f"{address}/")
    for name in (*NETWORKS, NETWORKS[0]):
        choose(page, "Pick a network", name)
        expect_layer(page, last_layers[name])
        assert "at=" not in page.url


def test_a_layer_that_was_chosen_is_not_taken_to_another_network(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}/?net=torchvision:resnet18&at=layer1.0.conv1")
    expect_layer(page, "layer1.0.conv1")
    choose(page, "Pick a network", "torchvision:resnet50")
    expect_layer(page, layers_with_maps(network_graph("torchvision:resnet50").graph)[-1])
    choose(page, "Pick a network", "torchvision:resnet18")
    expect_layer(page, "layer1.0.conv1")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["mnist", "torchvision:vit_b_16"])
def test_no_legend_hides_what_the_chart_shows(new_page: Callable[..., Page], address: str, width: int, name: str):
    """The side of the image and the layers that see all of it stand at the very top of the chart."""
    page = new_page(f"{address}/?net={name}", width=width)
    chart = page.get_by_test_id("stPlotlyChart").first
    line, legend = chart.locator(".scatterlayer .trace.scatter").last, chart.locator(".legend .bg")
    chart.scroll_into_view_if_needed()
    expect(legend).to_be_attached(timeout=30_000)
    side, over = line.bounding_box(), legend.bounding_box()
    assert side
    assert over
    assert over["y"] + over["height"] <= side["y"]
    assert over["x"] + over["width"] <= width
