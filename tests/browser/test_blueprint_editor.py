"""The editor of a network in a real browser: what is shown is PyTorch's, mistakes are mended at one click."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from watching import APPS, eventually, open_watched, settled

from cnnviz.models.builder import NetworkSpec, build_module, layers_from_text, layers_to_text, preset
from cnnviz.models.builder.layer_config import LayerKind
from cnnviz.models.summary import summarise

B1 = preset("mnist_b1")
TEXT = layers_to_text(B1.parts)


@pytest.fixture(scope="module")
def troubles():
    return []


@pytest.fixture(scope="module")
def address(serve) -> str:
    return serve(APPS / "blueprint_app.py")


@pytest.fixture(scope="module")
def opened(browser, address, troubles):
    page = open_watched(browser, troubles, address, width=1440)
    yield page
    page.context.close()


@pytest.fixture
def page(opened, troubles) -> Page:
    """The editor with the network of B1, whatever was done to it before."""
    opened.bring_to_front()
    editor(opened).locator(".bp-top select").select_option("mnist_b1")
    at(opened, TEXT)
    yield opened
    refused = [trouble for trouble in troubles if "422" not in trouble]  # a number out of bounds is refused so
    assert refused == []


def editor(page: Page) -> Locator:
    return page.locator(".cnnviz-blueprint")


def row(page: Page, name: str) -> Locator:
    return page.locator(".bp-row", has=page.locator(f".bp-name:text-is('{name}')"))


def at(page: Page, text: str) -> None:
    """Wait until the network on screen is this one."""
    expect(editor(page)).to_have_attribute("data-text", text)


def field(page: Page, name: str, of: str) -> Locator:
    return row(page, name).locator(f"input[data-field={of}], select[data-field={of}]")


def shown(page: Page) -> list[list[str]]:
    """(name, shape, parameters, sees) of every row, as they stand on the page."""
    cells = "['name', 'shape', 'parameters', 'sees'].map(c => r.querySelector('.bp-' + c).textContent)"
    return page.locator(".bp-row").evaluate_all(f"rows => rows.map(r => {cells})")


def pytorchs(text: str) -> list[list[str]]:
    """The same from the built network, by the graph that PyTorch's tracer draws."""
    blueprint = NetworkSpec("x", B1.input_shape, B1.classes, layers_from_text(text))
    table = summarise(build_module(blueprint), blueprint.input_shape).rows
    found = []
    for name in blueprint.names:
        parts = [made for made in table if made.name.split(".")[0] == name]
        last, count = parts[-1], sum(part.parameters for part in parts)
        rows, cols = last.sight.size
        sees = {"whole image": "whole image", "bound": f"≤ {rows}×{cols}"}.get(
            last.sight.status.value, f"{rows}×{cols}"
        )
        found.append([name, "×".join(map(str, last.output_shape)), f"{count:,}" if count else "", sees])
    return found


def had(page: Page) -> str:
    """What Python has."""
    return page.locator(".st-key-had").inner_text()


def test_every_number_of_every_row_is_pytorchs_after_every_edit(page: Page):
    assert shown(page) == pytorchs(TEXT)
    field(page, "conv1", "outputs").fill("6")
    field(page, "conv2", "kernel").fill("3")
    field(page, "pool2", "pooling").select_option("average")
    field(page, "relu2", "function").select_option("gelu")
    text = "conv_6_k5_p2-relu-max_k2-conv_32_k3_p2-gelu-mean_k2-flatten-fc"
    at(page, text)
    assert shown(page) == pytorchs(text)
    assert shown(page) != pytorchs(TEXT)
    total = sum(
        p.numel()
        for p in build_module(NetworkSpec("x", B1.input_shape, B1.classes, layers_from_text(text))).parameters()
    )
    expect(page.locator(".bp-status")).to_contain_text(f"Everything fits. {total:,} parameters")
    settled(page)
    eventually(page, lambda: had(page), lambda told: told == f"{text} 9 True")
    expect(page.locator("code")).to_contain_text('("conv2", nn.Conv2d(6, 32, 3, padding=2))')
    assert f"layers={text}" in page.url


def test_a_flat_size_that_does_not_fit_is_explained_where_it_is_and_mended_at_one_click(page: Page):
    row(page, "fc").get_by_role("button", name="inputs: 1568, from the previous layer").click()
    typed = field(page, "fc", "inputs")
    expect(typed).to_be_focused()
    typed.fill("800")
    note = row(page, "fc").locator(".bp-problem")
    expect(note).to_contain_text(
        "Inputs of fc must be as many as the previous layer gives (1,568 = 32·7·7), got 800: count them again."
    )
    expect(page.locator(".bp-status")).to_have_text("Does not fit yet: see fc.")
    expect(page.locator(".bp-problem")).to_have_count(1)
    eventually(page, lambda: had(page), lambda told: told.endswith("fc_i800 9 False"))
    note.get_by_role("button", name="use 1568").click()
    at(page, f"{TEXT}_i1568")
    expect(page.locator(".bp-problem")).to_have_count(0)


def test_a_kernel_larger_than_its_map_leaves_what_follows_open_until_it_is_mended(page: Page):
    field(page, "conv2", "padding").fill("0")
    field(page, "conv2", "kernel").fill("15")
    expect(row(page, "conv2").locator(".bp-problem")).to_contain_text("its input (14×14, padding included), got 15")
    assert [one[1] for one in shown(page)] == ["16×28×28", "16×28×28", "16×14×14", "?", "?", "?", "?", "?"]
    expect(page.locator(".bp-unknown")).to_have_count(1)
    row(page, "conv2").get_by_role("button", name="use padding 1").click()
    at(page, TEXT.replace("conv_32_k5_p2", "conv_32_k15_p1"))
    expect(page.locator(".bp-problem")).to_have_count(0)
    assert [one[1] for one in shown(page)][3:6] == ["32×2×2", "32×2×2", "32×1×1"]


def test_layers_are_added_moved_changed_and_removed_and_all_of_it_undone(page: Page):
    page.locator(".bp-plus").nth(3).click()  # between pool1 and conv2
    page.locator(".bp-menu").get_by_role("button", name="Spatial dropout").click()
    at(page, TEXT.replace("max_k2-conv", "max_k2-mapdrop_d0.4-conv"))
    row(page, "dropout1").get_by_role("button", name="Move dropout1 up").click()
    at(page, TEXT.replace("max_k2-conv", "mapdrop_d0.4-max_k2-conv"))
    row(page, "dropout1").locator(".bp-kind").select_option("batch_norm")
    at(page, TEXT.replace("max_k2-conv", "norm-max_k2-conv"))
    row(page, "norm1").get_by_role("button", name="Remove norm1").click()
    at(page, TEXT)
    for _step in range(4):
        page.get_by_role("button", name="Undo").click()
    at(page, TEXT)
    page.get_by_role("button", name="Redo").click()
    at(page, TEXT.replace("max_k2-conv", "max_k2-mapdrop_d0.4-conv"))


def test_the_keyboard_does_all_of_it(page: Page):
    page.locator(".bp-row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(row(page, "relu1")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    at(page, TEXT.replace("relu-max_k2-conv", "max_k2-relu-conv"))
    expect(row(page, "relu1")).to_be_focused()
    page.keyboard.press("Insert")
    expect(page.locator(".bp-menu button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "conv2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page, "conv2", "outputs")).to_be_focused()
    page.keyboard.type("64")
    page.keyboard.press("Escape")
    expect(row(page, "conv2")).to_be_focused()
    at(page, TEXT.replace("relu-max_k2-conv", "max_k2-relu-conv_64_k3_p1-conv"))
    page.keyboard.press("Delete")
    at(page, TEXT.replace("relu-max_k2-conv", "max_k2-relu-conv"))
    page.keyboard.press("Control+z")
    at(page, TEXT.replace("relu-max_k2-conv", "max_k2-relu-conv_64_k3_p1-conv"))
    page.keyboard.press("Control+z")  # the two digits were one step
    at(page, TEXT.replace("relu-max_k2-conv", "max_k2-relu-conv_16_k3_p1-conv"))


def test_a_number_out_of_bounds_is_refused_in_one_sentence_and_the_network_stays(page: Page):
    kernel = field(page, "conv1", "kernel")
    kernel.fill("99")
    said = "kernel must be a whole number from 1 to 31, got 99: choose one in between"
    expect(row(page, "conv1").locator(".bp-problem")).to_have_text(said)
    expect(kernel).to_have_value("99")
    at(page, TEXT)
    kernel.press("Tab")
    expect(kernel).to_have_value("99")  # what is wrong stays to be seen
    expect(kernel).to_have_attribute("aria-invalid", "true")
    kernel.fill("3")
    expect(kernel).to_have_attribute("aria-invalid", "false")
    expect(page.locator(".bp-problem")).to_have_count(0)
    at(page, TEXT.replace("16_k5", "16_k3"))


def test_a_field_that_is_left_before_its_answer_keeps_what_was_typed(browser, address):
    page, held = open_watched(browser, [], address, width=1440), []
    page.route("**/cnnviz/blueprint", lambda route: held.append(route))
    for typed, is_refused in (("99", "true"), ("3", "false")):
        kernel = field(page, "conv1", "kernel")
        kernel.fill(typed)
        eventually(page, lambda: len(held), lambda count: count == 1)
        kernel.press("Tab")
        expect(kernel).to_have_value(typed)
        held.pop().continue_()
        expect(kernel).to_have_attribute("aria-invalid", is_refused)
        expect(page.locator(".bp-problem")).to_have_count(int(is_refused == "true"))
        expect(kernel).to_have_value(typed)
    page.context.close()


def test_an_end_without_scores_is_mended_by_a_head(page: Page):
    row(page, "fc").get_by_role("button", name="Remove fc").click()
    row(page, "flatten").get_by_role("button", name="Remove flatten").click()
    note = page.locator(".bp-problem")
    expect(note).to_contain_text("must end in one score for each of the 10 classes, got 32 maps of 7×7")
    expect(page.locator(".bp-status")).to_have_text("Does not fit yet: see the end.")
    note.get_by_role("button", name="add flatten and a fully connected layer").click()
    at(page, TEXT)


def test_a_click_on_a_shape_leads_to_its_layer(page: Page):
    expect(page.locator(".bp-size")).to_have_text(
        ["1×28×28", "16×28×28", "16×14×14", "32×14×14", "32×7×7", "1568", "10"]
    )
    page.locator('.bp-box[data-row="5"]').click()
    expect(row(page, "pool2")).to_be_focused()


def test_a_residual_block_is_a_step_with_a_way_past_it(page: Page):
    expect(page.locator(".bp-past")).to_have_count(0)
    editor(page).locator(".bp-top select").select_option("birds_residual")
    rows = [part.kind is LayerKind.RESIDUAL for part in preset("birds_residual").parts]
    expect(page.locator(".bp-past")).to_have_count(1)
    expect(page.locator(".bp-past")).to_have_attribute("data-row", str(rows.index(True)))
    past, box = (page.locator(f'.bp-{name}[data-row="{rows.index(True)}"]').bounding_box() for name in ("past", "box"))
    assert past
    assert box
    assert past["x"] < box["x"] < past["x"] + past["width"] < box["x"] + box["width"]
    assert past["y"] >= page.locator(".bp-box").first.bounding_box()["y"]


def test_python_can_put_another_network_and_other_pictures_keep_the_layers(page: Page):
    page.get_by_role("button", name="Put LeNet-5").click()
    lenet = layers_to_text(preset("lenet5").parts)
    at(page, lenet)
    expect(page.locator(".bp-top select option:checked")).to_have_text(re.compile("LeNet-5.*61,706 parameters"))
    page.get_by_text("Colour pictures").click()
    expect(page.locator(".bp-size").first).to_have_text("3×32×32")
    at(page, lenet)
    eventually(page, lambda: had(page), lambda told: told == f"{lenet} fish True")
    page.get_by_text("Colour pictures").click()
    expect(page.locator(".bp-size").first).to_have_text("1×28×28")


def test_a_link_opens_its_network_and_junk_opens_the_start(address, new_page):
    mine = "conv_3_k4_s2-tanh-skip_k3_frelu_n-average-flatten-fc"
    page = new_page(f"{address}/?layers={mine}", width=390, dark=True)
    at(page, mine)
    assert shown(page) == pytorchs(mine)
    expect(page.locator(".bp-top select option:checked")).to_have_text("your own")
    widths = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    boxes = [box for box in (one.bounding_box() for one in page.locator(".bp-row button, .bp-row select").all()) if box]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    page.goto(f"{address}/?layers=conv_99999_k5-<script>")
    at(page, TEXT)


PUBLISHED = {  # the shapes that change, and the parameters, as printed
    "mnist_b1": ("16×28×28 16×14×14 32×14×14 32×7×7 1568 10", 28_938),
    "small_b5": ("32×26×26 32×13×13 64×12×12 64×6×6 2304 10", 31_626),
    "keras_b6": ("32×26×26 32×13×13 64×11×11 64×5×5 1600 10", 34_826),
    "birds_c1": ("16×32×32 16×16×16 8×16×16 8×8×8 512 32 2", 18_090),
    "birds_wide": ("32×32×32 32×16×16 16×16×16 16×8×8 1024 32 2", 38_386),
    "birds_dropout": ("32×32×32 32×16×16 16×16×16 16×8×8 1024 32 2", 38_386),
    "birds_batch_norm": ("32×32×32 32×16×16 16×16×16 16×8×8 1024 32 2", 38_482),
    "birds_deeper": ("32×32×32 32×16×16 16×16×16 16×8×8 16×4×4 256 32 2", 16_130),
    "birds_residual": ("32×32×32 32×16×16 16×16×16 16×8×8 16×4×4 256 32 2", 16_130),
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_a_published_network_has_its_printed_shapes_and_parameters(address, new_page, key: str):
    shapes, parameters = PUBLISHED[key]
    page = new_page(f"{address}/?start={key}", width=1440)
    expect(page.locator(".bp-status")).to_contain_text(f"{parameters:,} parameters", timeout=30_000)
    found = [shape for _name, shape, _parameters, _sees in shown(page)]
    assert " ".join(shape for shape, before in zip(found, ["", *found], strict=False) if shape != before) == shapes
