"""What "Train live" says that it measured: tests, epochs, log lines, points of curves; PyTorch's, digit by digit."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page, expect
from torch.nn import functional
from watching import APPS, eventually, open_watched, settled

from cnnviz.data.datasets import has_mnist
from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.data.image_sets.records import ImageSet
from cnnviz.figures.theme import format_number
from cnnviz.training import unpack_network

PATIENCE = 90  # seconds for a worker to load PyTorch on a busy machine
QUERY = "?network=keras_b6&limit=400&epochs=2&batch=20&test_every=10"  # 40 steps, 20 an epoch
STEPS, AN_EPOCH, EVERY = 40, 20, 10
CHOICE = DataChoice("mnist", limit=400)


pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not has_mnist(), reason="MNIST is not in CNNVIZ_DATA"),
]


@pytest.fixture(scope="module")
def page(browser: Browser, serve) -> Iterator[Page]:
    """A short run of the Keras network on MNIST, finished."""
    troubles: list[str] = []
    made = open_watched(
        browser, troubles, f"{serve(APPS / 'training_app.py')}/{QUERY}", width=1440, height=1400, accept_downloads=True
    )
    made.get_by_role("button", name="Start", exact=True).click()
    eventually(made, lambda: state(made), lambda got: got.get("state") == "done", PATIENCE)
    expect(made.locator(".tr-tested")).to_be_visible()
    made.locator(".tr-numbers summary").click()
    yield made
    assert troubles == []
    made.context.close()


def state(page: Page) -> dict[str, str]:
    return page.locator(".cnnviz-trainer").evaluate("node => ({...node.dataset})")


def measured(model: torch.nn.Module, part: ImageSet, n: int | None = None) -> tuple[float, float]:
    """The oracle: loss and accuracy on the first `n` images of a part."""
    images, labels = torch.tensor(part.images[:n]).float() / 255, torch.tensor(part.labels[:n])
    with torch.no_grad():
        scores = torch.cat([model.eval()(piece) for piece in images.split(500)])
    right = (scores.argmax(dim=1) == labels).double().mean()
    return float(functional.cross_entropy(scores.double(), labels)), float(right)


def saved_at(page: Page, step: int) -> torch.nn.Module:
    """The network of a recorded moment, as the reader saves it."""
    slider = page.locator(".tr-time")
    slider.focus()
    page.keyboard.press("Home")
    eventually(page, lambda: state(page), lambda got: got["moment"] == "0")
    slider.evaluate(
        "(node, step) => { node.value = step; node.dispatchEvent(new Event('input', {bubbles: true})); }", step
    )
    eventually(page, lambda: state(page), lambda got: got["moment"] == str(step))
    with page.expect_download() as download:
        page.locator('.tr-controls [data-do="save"]').click()
    return unpack_network(Path(download.value.path()).read_bytes()).build()


def test_the_test_at_the_end_is_of_all_ten_thousand_beside_the_published_one(page: Page):
    loss, accuracy = measured(saved_at(page, STEPS), load_images(CHOICE).test)
    text = page.locator(".tr-tested").inner_text()
    found = re.search(r"all 10,000 images, after step 40: loss (\d+\.\d{4}), accuracy (\d\.\d{4})\.", text)
    assert found
    assert float(found[1]) == pytest.approx(loss, abs=6e-5)
    assert found[2] == format_number(accuracy, 4)
    assert "Published for this network: loss 0.0366, accuracy 0.9893, after 15 epochs." in text


def test_log_lines_say_epoch_step_loss_and_test_accuracy(page: Page):
    lines = page.locator(".tr-log li").all_inner_texts()
    found = [re.fullmatch(r"epoch (\d), step (\d+), training loss (\d\.\d{4}), test accuracy (\d\.\d{4})", line)
             for line in lines]  # fmt: skip
    assert [(int(one[1]), int(one[2])) for one in found] == [(1, 10), (1, 20), (2, 30), (2, 40)]
    _loss, accuracy = measured(saved_at(page, AN_EPOCH), load_images(CHOICE).test, 2000)
    assert found[1][4] == format_number(accuracy, 4)


def test_what_the_tests_cost_is_said(page: Page):
    said = page.locator(".tr-cost").inner_text()
    assert re.fullmatch(r"Tests while training: 4, \d+\.\d s beside \d+\.\d s of training\.", said), said


def test_epochs_stand_in_a_table_with_all_validation_images(page: Page):
    rows = page.locator(".tr-epochs tbody tr")
    expect(rows).to_have_count(2)
    loss, accuracy = measured(saved_at(page, AN_EPOCH), load_images(CHOICE).validation)
    cells = rows.first.locator("td").all_inner_texts()
    assert float(cells[2]) == pytest.approx(loss, abs=6e-5)
    assert cells[3] == format_number(accuracy, 4)
    with page.expect_download() as download:
        page.locator('[data-act="csv"]').click()
    table = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    steps = [float(row["value"]) for row in table if (row["what"], row["of"]) == ("loss", "step")]
    assert len(steps) == STEPS
    first, second = sum(steps[:AN_EPOCH]) / AN_EPOCH, sum(steps[AN_EPOCH:]) / AN_EPOCH  # all batches are alike
    shown = [float(row.locator("td").first.inner_text()) for row in rows.all()]
    assert shown == pytest.approx([first, second], abs=6e-5)


def test_every_point_of_a_curve_is_read_by_pointer_and_by_keys(page: Page):
    chart = page.locator('[data-chart="loss"]')
    canvas, reading = chart.locator("canvas"), chart.locator(".tr-reading")
    page.locator('[data-axis="per_step"]').click()
    canvas.focus()
    page.keyboard.press("End")
    with page.expect_download() as download:
        page.locator('[data-act="csv"]').evaluate("button => button.click()")
    table = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    losses = {row["step"]: float(row["value"]) for row in table if (row["what"], row["of"]) == ("loss", "step")}
    expect(reading).to_have_text(f"training: the images of each step, step 40: {format_number(losses['40'], 4)}")
    page.keyboard.press("ArrowLeft")
    expect(reading).to_have_text(f"training: the images of each step, step 39: {format_number(losses['39'], 4)}")
    page.keyboard.press("ArrowUp")
    expect(reading).to_contain_text("test: images kept for the end, step 40:")
    page.mouse.move(0, 0)
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 46 + (box["width"] - 56) / STEPS, box["y"] + 30)
    expect(reading).to_contain_text(re.compile(r"step \d+: \d"))
    norms = page.locator('[data-chart="norms"]')
    norms.locator("canvas").focus()
    page.keyboard.press("Home")
    expect(norms.locator(".tr-reading")).to_contain_text(re.compile(r"conv1, step \d+: \d"))


def test_curves_turn_to_epochs_and_back(page: Page):
    page.locator('[data-axis="per_epoch"]').click()
    chart = page.locator('[data-chart="accuracy"]')
    chart.locator("canvas").focus()
    page.keyboard.press("End")
    cells = page.locator(".tr-epochs tbody tr").last.locator("td").all_inner_texts()
    expect(chart.locator(".tr-reading")).to_have_text(
        f"training: the mean over each epoch’s batches, epoch 2: {cells[1]}"
    )
    page.keyboard.press("ArrowDown")
    expect(chart.locator(".tr-reading")).to_have_text(f"validation: all images after each epoch, epoch 2: {cells[3]}")
    page.locator('[data-axis="per_step"]').click()


def test_the_first_ten_are_test_images(page: Page):
    expect(page.locator(".tr-column h3", has_text="The first ten test images")).to_be_visible()
    truths = [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert load_images(CHOICE).test.labels[:10].tolist() == truths
    for step in (AN_EPOCH, STEPS):
        model = saved_at(page, step)
        images = torch.tensor(load_images(CHOICE).test.images[:10]).float() / 255
        with torch.no_grad():
            guesses = model(images).argmax(dim=1).tolist()
        words = page.locator('[data-thumbs="ten"] figcaption').all_inner_texts()
        assert [int(text.split()[0]) for text in words] == guesses
        wrong = [f"is {truth}" for truth, guess in zip(truths, guesses, strict=True) if truth != guess]
        assert [line for text in words for line in text.split("\n")[1:]] == wrong
    settled(page)


def test_a_point_of_the_embedding_names_image_class_and_prediction(page: Page):
    plane = page.locator(".tr-embedding").first
    model = saved_at(page, STEPS)
    validation = load_images(CHOICE).validation
    expect(plane.locator(".tr-small").last).to_contain_text("500 validation images by the input of fc")
    plane.locator("canvas").focus()
    page.keyboard.press("Home")
    for _press in range(4):
        page.keyboard.press("ArrowRight")
    with torch.no_grad():
        guess = int(model(torch.tensor(validation.images[4:5]).float() / 255).argmax())
    expect(plane.locator(".tr-reading")).to_have_text(
        f"Validation image 4: class {validation.labels[4]}, predicted {guess}"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_label("Number of the image")).to_have_value("4")
    box = plane.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    expect(plane.locator(".tr-reading")).to_contain_text("Validation image")


def test_images_and_perplexity_of_the_embedding_can_be_set(page: Page):
    plane = page.locator(".tr-embedding").first
    expect(plane.locator('[data-plane="points"]')).to_have_value("500")
    plane.locator('[data-plane="points"]').fill("60")
    page.keyboard.press("Enter")
    expect(plane.locator(".tr-small").last).to_contain_text("60 validation images by")
    plane.locator('[data-method="tsne"]').click()
    expect(plane.locator('[data-plane="perplexity"]')).to_have_value("30")
    plane.locator('[data-plane="perplexity"]').fill("5")
    page.keyboard.press("Enter")
    expect(plane.locator(".tr-small").last).to_contain_text("60 validation images by the input of fc, perplexity 5:",
                                                            timeout=60_000)  # fmt: skip
    plane.locator('[data-method="pca"]').click()


def test_cells_of_kernels_and_maps_are_read_by_keys(page: Page):
    kernel = next(saved_at(page, STEPS).children()).weight.detach()
    canvas = page.locator('[data-maps="kernels"]').first
    canvas.focus()
    for key in ("Home", "PageDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    value = format_number(float(kernel[1, 0, 1, 1]), 4)
    expect(page.locator(".tr-grid p").first).to_have_text(f"kernel 1, row 1, column 1: {value}")


def test_the_gradient_of_each_kernel_is_pytorchs_at_the_moment_that_is_shown(page: Page):
    part = load_images(CHOICE).training
    images, labels = torch.tensor(part.images[:32]).float() / 255, torch.tensor(part.labels[:32])
    found = set()
    for step in (AN_EPOCH, STEPS):
        model = saved_at(page, step).eval()
        weight = next(model.children()).weight.requires_grad_()
        (gradient,) = torch.autograd.grad(functional.cross_entropy(model(images), labels), weight)
        canvas = page.locator('[data-maps="gradients"]').first
        expect(canvas).to_have_attribute("aria-label", re.compile("loss of the first 32 training images"))
        canvas.focus()
        for key in ("Home", "PageDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        said = page.locator(".tr-grid", has=canvas).locator("p").first
        expect(said).to_contain_text("gradient of kernel 1, row 1, column 1: ")
        value = said.inner_text().split(": ")[1]
        assert float(value.replace("−", "-")) == pytest.approx(float(gradient[1, 0, 1, 1]), abs=6e-5)
        found.add(value)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?network=mnist_b1&limit=200&epochs=1&batch=50",
         ["Test, all 10,000 images", "accuracy 0.98 (first 2,000 test images), after 1 epoch."]),
        ("?network=birds_c1&limit=1000&epochs=1&batch=64",
         ["After epoch 1: training loss",
          "training loss 0.1614, training accuracy 0.93, validation accuracy 0.89, after 100 epochs."]),
    ],
)  # fmt: skip
def test_what_was_published_stands_beside_what_was_measured(new_page, serve, query: str, says: list[str]):
    made = new_page(f"{serve(APPS / 'training_app.py')}/{query}", width=1440, height=1400)
    made.get_by_role("button", name="Start", exact=True).click()
    eventually(made, lambda: state(made), lambda got: got.get("state") == "done", PATIENCE)
    tested = made.locator(".tr-tested")
    for text in says:
        expect(tested).to_contain_text(text)


def finished(new_page, serve, query: str) -> Page:
    """A run of its own, whose log is open."""
    made = new_page(f"{serve(APPS / 'training_app.py')}/{query}", width=1440, height=1400)
    start(made)
    return made


def start(made: Page) -> None:
    made.get_by_role("button", name="Start", exact=True).click()
    eventually(made, lambda: state(made), lambda got: got.get("state") == "done", PATIENCE)
    made.locator(".tr-numbers summary").click()


def test_c1_the_log_of_a_long_run_is_epoch_1_and_every_tenth(new_page, serve):
    made = finished(new_page, serve, "?network=birds_c1&limit=200&epochs=30&batch=10")
    expect(made.locator(".tr-numbers h3").first).to_have_text(
        "Log: epoch 1, every 10th and the last; all are in the table"
    )
    rows = [row.locator("td").all_inner_texts() for row in made.locator(".tr-epochs tbody tr").all()]
    assert len(rows) == 30
    wanted = [f"epoch {epoch}, training loss {rows[epoch - 1][0]}, validation accuracy {rows[epoch - 1][3]}"
              for epoch in (1, 10, 20, 30)]  # fmt: skip
    assert made.locator(".tr-log li").all_inner_texts() == wanted


def test_c5_the_l2_penalty_is_added_by_a_button_and_its_numbers_are_pytorchs(new_page, serve):
    """λ = 0.001 · Σ p²: the run ends where the page's own PyTorch code ends, and not where it ends without."""
    made = new_page(
        f"{serve(APPS / 'training_app.py')}/?network=birds_wide&limit=100&epochs=1&batch=10", width=1440, height=1400
    )
    made.get_by_role("button", name="Network:").click()
    made.get_by_role("button", name="Add the variant’s L2 penalty, λ = 0.001").click()
    expect(
        made.get_by_role("button", name="Settings: SGD 0.01 · batch 10 · 1 epoch · L2 penalty 0.001")
    ).to_be_visible()
    expect(made.get_by_role("button", name="Add the variant’s L2 penalty")).to_have_count(0)
    start(made)
    steps = int(state(made)["moment"])
    model = saved_at(made, steps)
    squares = sum(float(weight.double().square().sum()) for weight in model.parameters())
    said = made.locator(".tr-penalty").inner_text()
    found = re.match(rf"L2 penalty after step {steps}: λ · Σ p² = 0\.001 · (\d+\.\d{{4}}) = (\d\.\d{{4}})\.", said)
    assert found, said
    assert float(found[1]) == pytest.approx(squares, abs=1e-3)
    assert float(found[2]) == pytest.approx(0.001 * squares, abs=6e-5)
    made.get_by_text("This training as PyTorch code").click()
    code = made.locator("[data-testid=stCode] code").last
    expect(code).to_contain_text("loss = loss + 0.001 * torch.stack([weight.square().sum()")
    runs = [ran(code.inner_text().replace("loss + 0.001 *", f"loss + {factor} *")) for factor in (0.001, 0.0)]
    apart = [max(float((one[name] - weight).abs().max()) for name, weight in model.state_dict().items())
             for one in runs]  # fmt: skip
    assert apart[0] < 1e-6 < 1e-5 < apart[1]


def ran(code: str) -> dict[str, torch.Tensor]:
    """The weights with which a code ends that was copied from the page; nothing is written."""
    space: dict[str, object] = {}
    threads = torch.get_num_threads()
    try:
        exec(code.split("torch.save(")[0], space)
    finally:
        torch.set_num_threads(threads)
    network = space["network"]
    assert isinstance(network, torch.nn.Module)
    return network.state_dict()


def test_the_forms_of_the_code_agree_and_the_device_is_said(page: Page):
    page.get_by_role("button", name="Network:").click()
    page.get_by_text("This network as code, for PyTorch or Keras").click()
    expect(page.get_by_text("their outputs differ by at most 0.")).to_be_visible()
    page.get_by_role("button", name="Settings:").click()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    expect(page.locator("[class*=_device]").locator("input").first).to_have_value(re.compile(f"auto|{device}"))
