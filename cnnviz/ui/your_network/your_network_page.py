"""What stands above the table of one's own network: what it is, and how to open another one."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from cnnviz.checks import sides
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.builder import preset
from cnnviz.models.checkpoints import Manifest
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.models.zoo import is_own_key
from cnnviz.ui.app.caches import recipe_of, trained_network
from cnnviz.ui.app.plain_text import escape_markdown, show_warning
from cnnviz.ui.comparison.choose_comparison import choose_comparison
from cnnviz.ui.comparison.comparison_state import ComparisonState
from cnnviz.ui.teach import own_network
from cnnviz.ui.your_network import opened, your_network
from cnnviz.ui.your_network.open_network import open_architecture, open_file
from cnnviz.ui.your_network.opened import untrained_network
from cnnviz.ui.your_network.reading import change_reading

MOST_NAMED = 10  # classes by their names, above the table
UNTRAINED = ("mnist_b1", "lenet5", "small_b5", "birds_c1", "birds_batch_norm")
TEACH, TRAIN = "pages/train_xo.py", "pages/train.py"


def choose(key: str | None) -> None:
    """The name of the network that lies open, a file to open, the network that was taught in this session."""
    if problem := your_network.state()["problem"]:
        show_warning(problem, icon=":material/link_off:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="your_network_bar"):
        if key is not None:
            st.text(_in_words(key))
        with _popover(_("Open a network"), "upload"):
            open_file()
            if key is not None:  # else it stands below
                offer_shipped()
        with _popover(_("Random weights"), "casino"):
            open_architecture()
        runs = key is not None and not trained_network(key).stopped
        if runs and (source := _opened_source(key)) is not None:
            with _popover(_("Classes and scaling"), "tune"):
                change_reading(source)
        if key is not None and runs:
            choose_comparison(ComparisonState(your_network.bench(key)))
        taught = own_network.state()["network"]
        if taught is not None and taught != your_network.state()["data"]:
            st.button(
                _("The one you taught"), icon=":material/front_hand:", on_click=_take_taught, key="your_network_taught"
            )


def facts_of(key: str) -> str:
    """What is to be said of the file of a network, as Markdown."""
    if is_own_key(key):
        return "  \n".join(map(escape_markdown, opened.find_opened(key).facts))
    return _facts_of_shipped(trained_network(key).manifest)


def _facts_of_shipped(manifest: Manifest) -> str:
    """How it was trained and how accurate it is, as its manifest says."""
    measured = manifest.figures["validation"]
    words = _(
        "Trained on {trained} photos of birds and airplanes of 32×32 pixels; {accuracy} of {n} others are classified "
        "correctly. It knows nothing else: every image is one of the two to it.",
        trained=f"{manifest.data['images']['training']:,}", accuracy=format_percent(measured["accuracy"]),
        n=f"{measured['n']:,}",
    )  # fmt: skip
    return escape_markdown(words)


def _popover(label: str, icon: str) -> PopoverContainer:
    """It closes when a network has been opened: it is another one then."""
    key = f"your_network_{icon}_{your_network.state()['opened']}"
    return st.popover(label, icon=f":material/{icon}:", key=key, on_change="rerun")


def _opened_source(key: str | None) -> NetworkSource | None:
    return opened.find_opened(key).source if key is not None and is_own_key(key) else None


def _in_words(key: str) -> str:
    """Title, classes, size of the network: as plain text, for it may come from a file."""
    chosen = trained_network(key)
    recipe, title = chosen.recipe, your_network.title_of(key)
    if chosen.stopped:
        return _("{title}: {shape}, stops half-way", title=title, shape=sides(recipe.input_shape))
    return _(
        "{title}: {shape} → {classes}, {parameters} parameters",
        title=title, shape=sides(recipe.input_shape), classes=_classes_in_words(recipe.classes),
        parameters=f"{chosen.manifest.parameters:,}",
    )  # fmt: skip


def _classes_in_words(classes: tuple[str, ...]) -> str:
    """Their names, or how many there are."""
    return ", ".join(classes) if len(classes) <= MOST_NAMED else _("{count} classes", count=f"{len(classes):,}")


def _take_taught() -> None:
    data = own_network.state()["network"]
    if data is not None:
        your_network.lay(data, _("The network that you taught"))


def say_how() -> None:
    """Where a network comes from."""
    st.markdown(_("No network of yours is open yet. Make one, it takes seconds; then come back by “Look inside”:"))
    with st.container(horizontal=True):
        st.page_link(TEACH, label=_("Teach one to tell your X from your O"), icon=":material/front_hand:")
        st.page_link(TRAIN, label=_("Train one on any images"), icon=":material/model_training:")
    st.caption(
        _("Or open a file above: a network of torch.export or ONNX, or weights. It is sent nowhere else, and no code "
          "in it is run.")
    )  # fmt: skip
    offer_shipped()
    st.markdown(_("Or look into an untrained one: its weights are random, and so is its prediction."))
    with st.container(horizontal=True):
        for key in UNTRAINED:
            title = preset(key).title
            st.button(escape_markdown(title), key=f"your_network_{key}", on_click=_take_untrained, args=(key,))


def offer_shipped() -> None:
    """The trained networks that ship with the app, a button each."""
    st.markdown(_("Or look into a trained one, with a photo of yours:"))
    for key in your_network.SHIPPED:
        st.button(
            escape_markdown(recipe_of(key).title), key=f"your_network_{key}", icon=":material/flight:",
            on_click=your_network.lay_shipped, args=(key,),
        )  # fmt: skip


def _take_untrained(key: str) -> None:
    made = untrained_network(preset(key))
    your_network.lay(made, _("{title}, untrained", title=preset(key).title))
