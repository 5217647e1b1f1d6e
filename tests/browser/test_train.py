"""Training in the page, in a real browser with a real worker: what is shown is PyTorch's, at every moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Browser, Download, Locator, Page, Route, expect
from watching import APPS, eventually, open_watched, settled

from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.models.builder import build_module
from cnnviz.training import SavedNetwork, unpack_network
from cnnviz.ui.train.setup import default_setup, fit_setup

ENOUGH = 40  # steps
GUESSING = 20.0  # percent: a guess is right once in ten
PATIENCE = 90  # seconds for a worker to load PyTorch on a busy machine
SETUP = default_setup("digits_small")
SETS = load_images(DataChoice("digits"))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "training_app.py")


@pytest.fixture(scope="module")
def trained(browser: Browser, address: str) -> Iterator[Page]:
    """A page whose run was started, watched, and stopped in the middle; tests look at it and leave it so."""
    troubles: list[str] = []
    page = open_watched(browser, troubles, address, width=1440, height=1400, accept_downloads=True)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) >= ENOUGH)
    eventually(page, lambda: shown_accuracy(page), lambda percent: percent > GUESSING, PATIENCE)
    press(page, "stop")
    until(page, lambda state: state["state"] == "stopped")
    yield page
    assert troubles == []
    page.context.close()


def trainer(page: Page) -> Locator:
    return page.locator(".cnnviz-trainer")


def column(page: Page, at: int = 0) -> Locator:
    """What is shown of one run."""
    return page.locator(".tr-column").nth(at)


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()


def press(page: Page, name: str) -> None:
    page.locator(f'.tr-controls [data-do="{name}"]').click()


def state_of(page: Page) -> dict[str, str]:
    return trainer(page).evaluate("node => ({...node.dataset})")


def until(page: Page, accepts: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    return eventually(page, lambda: state_of(page), lambda state: "state" in state and accepts(state), PATIENCE)


def go_to(page: Page, step: str) -> None:
    """To the first moment or the last one, with the keyboard."""
    page.locator(".tr-time").focus()
    page.keyboard.press({"first": "Home", "last": "End"}[step])
    wanted = {"first": lambda state: state["moment"] == "0", "last": lambda state: state["moment"] == state["step"]}
    until(page, wanted[step])


def shown_shares(page: Page) -> list[float]:
    """What the bars say, in percent; a value below the last digit counts as 0."""
    texts = column(page).locator(".tr-bar em").all_inner_texts()
    return [0.0 if "<" in text else float(re.sub(r"[^\d.]", "", text)) for text in texts]


def shown_accuracy(page: Page) -> float:
    """Of the last evaluation that is shown, in percent; 0 before the first."""
    return (shown_heading(page) or (0.0, 0))[0]


def shown_heading(page: Page) -> tuple[float, int] | None:
    """What the accuracy's heading says: percent, and of which step; None before the first evaluation."""
    text = page.locator('[data-chart="accuracy"] .tr-value').first.inner_text()
    found = re.search(r"validation ([\d.]+) % at step (\d+)$", text)
    return found and (float(found[1]), int(found[2]))


def shown_guesses(page: Page) -> list[str]:
    return [text.split()[0] for text in column(page).locator('[data-thumbs="ten"] figcaption').all_inner_texts()]


def reads(model: torch.nn.Module) -> tuple[np.ndarray, list[str]]:
    """The oracle: shares of the first picture, in percent, and guesses of the first ten."""
    images = torch.tensor(SETS.validation.images[:10]).float() / 255
    with torch.no_grad():
        shares = model.eval()(images).softmax(dim=1).numpy()
    return 100 * shares[0], [str(guess) for guess in shares.argmax(axis=1)]


def untrained() -> torch.nn.Module:
    """The network that the run began with: its seed, and nothing learned."""
    with torch.random.fork_rng():
        torch.manual_seed(SETUP.config.seed)
        return build_module(fit_setup(SETUP, SETS.shape, SETS.classes).blueprint)


@dataclass(frozen=True)
class Saved:
    """What the reader gets: the file, and what is in it."""

    file: Download
    network: SavedNetwork


def saved(page: Page) -> Saved:
    """The network of the moment that is shown."""
    with page.expect_download() as download:
        press(page, "save")
    return Saved(download.value, unpack_network(Path(download.value.path()).read_bytes()))


def test_a_newcomer_presses_start_and_watches_it_learn(trained: Page):
    go_to(trained, "last")
    expect(trained.locator(".tr-status")).to_have_text(
        re.compile(r"^Stopped · epoch\s\d+\sof\s100 · step\s\d+\sof\s5100")
    )
    assert shown_accuracy(trained) > GUESSING
    first = trained.locator('[data-chart="loss"] canvas').evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert first > 50  # lines, not an empty sheet


def test_answer_and_guesses_are_pytorchs_at_the_end_and_at_the_beginning(trained: Page):
    for step, model in (("last", None), ("first", untrained())):
        go_to(trained, step)
        shares, guesses = reads(model or saved(trained).network.build())
        np.testing.assert_allclose(shown_shares(trained), shares, atol=0.051)
        assert shown_guesses(trained) == guesses
    go_to(trained, "last")
    assert np.abs(np.array(shown_shares(trained)) - reads(untrained())[0]).max() > 1  # the other moment's would differ


def test_the_pictures_behind_a_count_are_as_many(trained: Page):
    go_to(trained, "last")
    seen = column(trained)
    cell = seen.locator(".tr-matrix td[tabindex='0']").filter(has_text=re.compile(r"^[1-9]$|^1\d$")).first
    count = int(cell.inner_text())
    cell.click()
    expect(column(trained).locator(".tr-confusion .tr-small")).to_contain_text(f"{count} of {count} images")
    expect(column(trained).locator('[data-thumbs="cell"] figure')).to_have_count(count)
    cell.click()
    expect(column(trained).locator('[data-thumbs="cell"]')).to_be_hidden()


def test_a_hand_on_a_curve_goes_back_in_time_and_the_recording_plays(trained: Page):
    go_to(trained, "last")
    box = trained.locator('[data-chart="loss"] canvas').bounding_box()
    assert box
    trained.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60)
    trained.mouse.down()
    trained.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + 60, steps=4)
    trained.mouse.up()
    half = until(trained, lambda state: state["live"] == "false" and state["moment"] != state["step"])
    expect(trained.locator(".tr-when")).to_have_text(re.compile(r"^step \d+$"))
    trained.locator('[data-act="play"]').click()
    until(trained, lambda state: int(state["moment"]) > int(half["moment"]))
    until(trained, lambda state: state["live"] == "true")


def test_layers_and_pictures_can_be_chosen(trained: Page):
    go_to(trained, "last")
    trained.get_by_role("combobox", name="Feature maps of").select_option("conv2")
    expect(trained.get_by_role("heading", name="Kernels of conv2, for input channel 0")).to_be_visible()
    trained.get_by_label("Next image").click()
    label = SETS.classes[SETS.validation.labels[1]]
    expect(column(trained).locator(".tr-bar span:first-child", has_text="✓")).to_have_text(f"{label} ✓")
    column(trained).locator('[data-maps="maps"]').hover(position={"x": 8, "y": 8})
    expect(column(trained).locator(".tr-grid", has=trained.locator('[data-maps="maps"]')).locator("p")).to_have_text(
        re.compile(r"^map 0, row \d+, column \d+: ")
    )
    trained.get_by_label("Previous image").click()
    trained.get_by_role("combobox", name="Feature maps of").select_option("conv1")


def test_a_drawing_made_here_is_read(trained: Page):
    go_to(trained, "last")
    trained.get_by_text("Draw for it").click()
    box = trained.get_by_test_id("stPopoverBody").locator("canvas").first.bounding_box()
    assert box
    trained.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2)
    trained.mouse.down()
    trained.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8, steps=6)
    trained.mouse.up()
    answer = column(trained).locator(".tr-answer h3")
    eventually(trained, answer.inner_text, lambda text: text.startswith("Your drawing: "), 20)
    trained.keyboard.press("Escape")
    settled(trained)
    trained.get_by_label("Watch it classify").select_option("set")
    eventually(trained, answer.inner_text, lambda text: text.startswith("This image: "))


def test_t_sne_comes_when_it_is_there(trained: Page):
    column(trained).locator('[data-method="tsne"]').click()
    title = column(trained).locator(".tr-embedding h3")
    eventually(trained, title.inner_text, lambda text: "step" in text, PATIENCE)
    column(trained).locator('[data-method="pca"]').click()


def test_plane_and_axis_of_the_loss_are_there_after_a_reload_and_in_a_link(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}?plane=cubes&axis=round&rate=0.01", width=1440)  # what cannot be is as usual
    tsne, pca, log = aspects(page)
    expect(pca).to_have_attribute("aria-pressed", "true", timeout=30_000)
    expect(log).to_have_attribute("aria-pressed", "false")
    tsne.click()
    log.click()
    for again in (page, new_page(page.url, width=1440)):
        again.reload()
        settled(again)
        tsne, pca, log = aspects(again)
        expect(tsne).to_have_attribute("aria-pressed", "true", timeout=30_000)
        expect(pca).to_have_attribute("aria-pressed", "false")
        expect(log).to_have_attribute("aria-pressed", "true")
        assert all(part in again.url for part in ("plane=tsne", "axis=log", "rate=0.01"))
    pca.click()
    log.click()
    assert "plane" not in again.url
    assert "axis" not in again.url


def aspects(page: Page) -> tuple[Locator, Locator, Locator]:
    """The buttons of t-SNE and PCA, and that of the logarithmic axis."""
    planes = (column(page).locator(f'[data-method="{name}"]') for name in ("tsne", "pca"))
    return *planes, page.get_by_role("button", name="log", exact=True)


def test_the_layer_of_the_embedding_is_chosen_and_said_and_in_the_link(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}?features=nowhere", width=1440)  # a layer that there is not: as usual
    embedding = column(page).locator(".tr-embedding")
    note = embedding.locator(".tr-small").last
    expect(note).to_contain_text("by the input of fc")
    layer = embedding.locator("select[data-plane=features]")
    expect(layer).to_have_value("")
    layer.select_option("conv2")
    expect(note).to_contain_text("by the input of conv2")
    eventually(page, lambda: page.url, lambda url: "features=conv2" in url)
    again = new_page(page.url, width=1440)
    embedding = column(again).locator(".tr-embedding")
    expect(embedding.locator(".tr-small").last).to_contain_text("by the input of conv2")
    expect(embedding.locator("select[data-plane=features]")).to_have_value("conv2")
    embedding.locator("select[data-plane=features]").select_option(label="fc")
    expect(embedding.locator(".tr-small").last).to_contain_text("by the input of fc")
    eventually(again, lambda: again.url, lambda url: "features" not in url)


def test_pause_one_step_and_another_rate_then_a_reload_finds_the_run(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) > 0)
    large(page, "Pause")
    before = until(page, lambda state: state["state"] == "paused")
    press(page, "step")
    now = until(page, lambda state: int(state["step"]) == int(before["step"]) + 1 and state["moment"] == state["step"])
    assert saved(page).file.suggested_filename == f"digits-{now['step']}.safetensors"  # while it is paused
    page.locator(".tr-rate input").fill("-1")
    expect(page.locator(".tr-rate")).to_contain_text("Learning rate 0.1")
    page.reload()
    settled(page)
    again = until(page, lambda state: state["state"] == "paused")
    assert int(again["step"]) >= int(before["step"]) + 1
    other = new_page(address)
    expect(other.get_by_text("Press Start")).to_be_visible()
    assert until(other, lambda state: True)["state"] == "example"
    press(page, "reset")  # its place is free for the next test
    expect(page.get_by_text("Press Start")).to_be_visible()


def large(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()  # there is one of this name


def test_while_a_run_is_paused_the_large_button_lets_it_go_on(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) > 0)
    large(page, "Pause")
    paused = until(page, lambda state: state["state"] == "paused")
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    large(page, "Resume")
    until(page, lambda state: state["state"] in ("running", "done") and int(state["step"]) > int(paused["step"]))
    press(page, "reset")


def test_no_press_loses_a_run_and_a_reload_brings_all_of_them_back(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) >= ENOUGH)
    press(page, "stop")
    first = until(page, lambda state: state["state"] == "stopped")
    press(page, "reset")
    expect(page.get_by_text("Put aside: ")).to_contain_text(f"step {first['step']}")
    page.reload()
    settled(page)
    large(page, "Bring it back")
    assert until(page, lambda state: state["state"] == "stopped")["step"] == first["step"]
    go_to(page, "first")
    page.reload()  # finished, and looked at in another moment
    settled(page)
    assert until(page, lambda state: state["state"] == "stopped")["step"] == first["step"]
    press(page, "keep")
    expect(page.get_by_text("Kept as A.")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_text("Kept as A.")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Drop A").click()
    expect(page.get_by_text("Put aside: ")).to_be_visible()
    large(page, "Bring it back")
    assert until(page, lambda state: state["state"] == "stopped")["step"] == first["step"]


def test_a_network_that_was_broken_on_purpose_is_shown_as_broken(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440, accept_downloads=True)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) >= ENOUGH)
    eventually(page, lambda: shown_accuracy(page), lambda percent: percent > GUESSING, PATIENCE)
    page.locator(".tr-rate input").fill("0")  # a rate of 1
    begun = int(state_of(page)["step"])
    until(page, lambda state: int(state["step"]) > begun + 20)
    press(page, "stop")
    state = until(page, lambda state: state["state"] in ("stopped", "failed"))
    percent, step = eventually(page, lambda: shown_heading(page) or (0.0, 0), lambda found: found[1] > begun)
    assert step == int(state["moment"])
    model = saved(page).network.build()
    with torch.no_grad():
        guesses = model.eval()(torch.tensor(SETS.validation.images).float() / 255).argmax(dim=1).numpy()
    assert abs(percent - 100 * (guesses == SETS.validation.labels).mean()) <= 0.051


def test_each_of_two_runs_says_of_which_step_it_is_shown(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}?steps=60", width=1440)
    start(page)
    until(page, lambda state: state["state"] == "done")
    press(page, "keep")
    settled(page)
    page.get_by_role("button", name=re.compile("^Settings")).click()
    steps = page.get_by_role("spinbutton", name="Steps")
    steps.fill("16")
    steps.press("Enter")
    settled(page)
    start(page)
    until(page, lambda state: state["state"] == "done" and state["step"] == "16")
    expect(page.locator(".tr-when")).to_have_text("A step 60 · B step 16")
    headings = page.locator('[data-chart="accuracy"] .tr-value').inner_text()
    assert [int(step) for step in re.findall(r"at step (\d+)", headings)] == [60, 16]
    page.locator(".tr-time").fill("48")  # where only A has been: B is shown at its end, and said to be
    expect(page.locator(".tr-when")).to_have_text(re.compile(r"^A step \d+ · B step 16$"))
    expect(page.locator(".tr-time")).to_have_attribute("aria-valuetext", page.locator(".tr-when").inner_text())


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (None, "A step 60 · B step 16"),
        (48, "A step 48 · B step 16"),
        (612, "A step 60 · B step 16"),
        (3, "A step 0 · B step 4"),
    ],
)
def test_no_run_is_said_to_be_at_a_step_that_it_never_reached(run_module, at: int | None, says: str):
    runs = [
        {"letter": "A", "moments": [0, 12, 24, 36, 48, 60], "look": {"step": 60}, "step": 60},
        {"letter": "B", "moments": [0, 4, 8, 12, 16], "look": {"step": 16}, "step": 16},
    ]
    shown = "m.momentsText(data.runs, () => data.at, {at_step: 'step {step}'})"
    assert run_module("trainer/words.js", shown, {"runs": runs, "at": at}) == says


def test_a_number_out_of_bounds_in_the_editor_is_never_trained_without(browser: Browser, address: str):
    troubles: list[str] = []
    page = open_watched(browser, troubles, f"{address}?layers=conv_4-relu-flatten-fc", width=1440)
    kernel = page.locator(".bp-row").first.locator('[data-field="kernel"]')
    expect(kernel).to_be_visible(timeout=30_000)
    kernel.fill("99")
    start(page)
    expect(page.get_by_text("Not started. ")).to_be_visible()
    expect(kernel).to_have_value("99")  # what is wrong is still there to be seen
    assert state_of(page)["state"] == "example"
    kernel.fill("5")
    start(page)  # at once: what was typed last is what is trained
    until(page, lambda state: state["moment"] != "")
    expect(page.locator(".tr-controls")).to_contain_text("My own")
    expect(page.get_by_text("Not started. ")).to_have_count(0)
    assert saved(page).network.blueprint.parts[0].kernel == 5
    press(page, "reset")
    expect(page.get_by_text("Press Start")).to_be_visible()
    page.context.close()
    assert [trouble for trouble in troubles if "422" not in trouble] == []  # a number out of bounds is refused so


def test_two_runs_side_by_side_follow_the_same_step(trained: Page):
    go_to(trained, "last")
    press(trained, "keep")
    settled(trained)
    start(trained)
    until(trained, lambda state: state["state"] == "running" and int(state["step"]) >= ENOUGH)
    press(trained, "stop")
    until(trained, lambda state: state["state"] == "stopped")
    columns = trained.locator(".tr-column:visible")
    expect(columns).to_have_count(2)
    go_to(trained, "first")
    shares = [columns.nth(at).locator(".tr-bar em").all_inner_texts() for at in (0, 1)]
    assert shares[0] == shares[1]  # the same seed: both began alike
    expect(trained.locator(".tr-run").first).to_have_text(re.compile("^A: Small, for digits"))
    press(trained, "reset")
    expect(columns).to_have_count(1)
    expect(trained.locator(".tr-controls")).to_contain_text("Kept as A.")


def test_another_theme_repaints_charts_and_maps_at_once(trained: Page):
    go_to(trained, "last")
    title = column(trained).locator(".tr-embedding h3")
    expect(title).to_contain_text(f"step {state_of(trained)['moment']}")  # the plane comes after the rest
    painted = """root => [...root.querySelectorAll('canvas:not(.tr-thumb)')].filter((one) => one.offsetParent)
        .map((one) => one.toDataURL())"""
    in_light = trainer(trained).evaluate(painted)
    trained.emulate_media(color_scheme="dark")
    expect(trainer(trained)).to_have_attribute("data-theme", "dark")
    in_dark = trainer(trained).evaluate(painted)
    assert all(one != other for one, other in zip(in_light, in_dark, strict=True))
    trained.emulate_media(color_scheme="light")
    expect(trainer(trained)).to_have_attribute("data-theme", "light")
    assert trainer(trained).evaluate(painted) == in_light


def test_the_editor_of_layers_follows_the_theme(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}?layers=conv_4-relu-flatten-fc", width=1440)
    sheet = page.locator(".bp-sheet").first
    expect(sheet).to_have_css("fill", "rgb(255, 255, 255)", timeout=30_000)
    page.emulate_media(color_scheme="dark")
    expect(sheet).to_have_css("fill", "rgb(20, 23, 28)")


def test_a_copied_link_opens_the_same_setup(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}?lang=en&network=lenet5&rate=99", width=1440, own_window=True)
    expect(page.get_by_text("The link asks for something that cannot be (rate)")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=re.compile("^Settings")).click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("3")
    epochs.press("Enter")
    eventually(page, lambda: page.url, lambda url: "epochs=3" in url)
    assert page.url == f"{address}/?lang=en&network=lenet5&epochs=3"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".cnnviz-sharing button").click()
    expect(page.locator(".cnnviz-sharing button")).to_have_text("✓ Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    other = new_page(copied, width=1440)
    expect(other.get_by_role("button", name="Settings: Adam 0.001 · batch 64 · 3 epochs")).to_be_visible(timeout=30_000)
    expect(other.get_by_role("button", name="Network: LeNet-5")).to_be_visible()
    other.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    other.locator(".cnnviz-sharing button").click()
    expect(other.locator(".cnnviz-sharing input")).to_have_value(copied)  # by hand, where there is no clipboard


def test_the_page_opens_on_a_recorded_run_that_plays_and_is_called_one(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440)
    expect(page.locator(".tr-recorded")).to_contain_text("A recorded run: Small, for digits", timeout=30_000)
    seen = {until(page, lambda state: state["moment"] != "")["moment"]}
    until(page, lambda state: seen.add(state["moment"]) or len(seen) > 5)  # it moves, by itself
    until(page, lambda state: (state["moment"], state["live"]) == ("306", "true"))  # and ends
    assert shown_heading(page) == (96.7, 306)
    expect(page.locator(".tr-controls")).to_be_hidden()
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) > 0)
    expect(page.locator(".tr-recorded")).to_be_hidden()
    page.get_by_label("Speed").select_option("2")
    large(page, "Pause")
    until(page, lambda state: state["state"] == "paused")
    large(page, "Restart")  # what was set for one run is so for the next
    until(page, lambda state: state["state"] == "running" and 0 < int(state["step"]) < 20)
    expect(page.get_by_label("Speed")).to_have_value("2")
    press(page, "reset")
    expect(page.locator(".tr-recorded")).to_be_visible()


def test_who_wants_no_motion_sees_the_end_of_the_recorded_run_at_once(new_page: Callable[..., Page], address: str):
    page = new_page(address, width=1440, reduced_motion="reduce")
    state = until(page, lambda state: state["moment"] != "")
    assert (state["moment"], state["live"]) == ("306", "true")
    expect(page.locator(".tr-when")).to_have_text("step 306")


def test_look_inside_opens_the_moment_that_is_shown_and_the_run_is_there_afterwards(
    new_page: Callable[..., Page], serve: Callable[..., str]
):
    page = new_page(f"{serve(ROOT / 'app.py')}", width=1440)
    turn_to(page, "Train live")
    start(page)
    until(page, lambda state: int(state["step"]) >= ENOUGH)
    page.get_by_role("button", name="Pause", exact=True).click()
    until(page, lambda state: state["state"] == "paused")
    go_to(page, "first")
    press(page, "inside")
    expect(page.get_by_text("Step 0 of ")).to_be_visible(timeout=30_000)
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
    turn_to(page, "Train live")
    until(page, lambda state: state["state"] == "paused")


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone(new_page: Callable[..., Page], address: str, dark: bool):
    page = new_page(address, width=390, dark=dark, touch=True)
    expect(page.get_by_text("Press Start")).to_be_visible(timeout=30_000)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_an_order_that_did_not_arrive_is_sent_again_and_done_once(browser: Browser, address: str):
    """Only the answer is lost; nobody answers; the server has no room."""
    page = open_watched(browser, [], address, width=1440)
    start(page)
    until(page, lambda state: state["state"] == "running" and int(state["step"]) >= 5)
    page.get_by_role("button", name="Pause", exact=True).click()
    paused = int(until(page, lambda state: state["state"] == "paused")["step"])
    losses = [
        ("step", lambda route: (route.fetch(), route.abort())),
        ("stop", lambda route: route.abort()),
        ("stop", lambda route: route.fulfill(status=503, body="Too many questions wait: ask again later.")),
    ]

    def meet(route: Route) -> None:
        is_next = losses and f'"do":"{losses[0][0]}"' in (route.request.post_data or "")
        lose = losses.pop(0)[1] if is_next else lambda route: route.continue_()
        lose(route)

    page.route("**/cnnviz/training", meet)
    press(page, "step")
    eventually(page, lambda: len(losses), lambda left: left == 2)
    until(page, lambda state: int(state["step"]) > paused)
    press(page, "stop")
    assert int(until(page, lambda state: state["state"] == "stopped")["step"]) == paused + 1
    assert losses == []
    page.context.close()
