"""What is trained, on what, how: the parts of the page "Train live" that are opened to be changed.

Refuses to know: how a change is used (`page`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from cnnviz.data.augment_images import Augmentation
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice, ImageSetError
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec, adapt_to_data, inspect_spec
from cnnviz.models.zoo import find_recipe
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.train.augmentation import choose_augmentation
from cnnviz.ui.train.image_sets import choose_data, odd_number
from cnnviz.ui.train.look_inside import TROUBLES, look_inside_shipped, look_inside_untrained, trained_ones
from cnnviz.ui.train.network_editor import edit_blueprint, put_blueprint, show_code, trouble_of
from cnnviz.ui.train.session import own_blueprint, plain_augmentation, setup, state, take
from cnnviz.ui.train.settings import choose_settings, plain
from cnnviz.ui.train.setup import OWN, TrainSetup, default_setup, setup_offers, with_l2_penalty, with_network
from cnnviz.web.trainer.images import validation_sample

EDITOR = "train_blueprint"


def choose_the_network() -> None:
    """A ready-made network, or one of one's own with its editor."""
    now, version = setup(), state()["version"]
    keys = [*setup_offers(), OWN]
    key = st.selectbox(
        _("Network"), keys, keys.index(now.network), format_func=_network_name, key=f"train_network_{version}",
        width=320, help=_("Each comes with images and settings that suit it; both can be changed."),
    )  # fmt: skip
    if key != now.network:
        take(with_network(now, key, own_blueprint()), afresh=True)
        st.rerun()

    if key != OWN:
        _describe(now.blueprint)
        _offer_variant(now)
    else:
        _edit(now)
    if inspect_spec(setup().blueprint).problem is None:
        press_button(
            _("Look inside, untrained"), lambda: look_inside_untrained(setup()), refusals=TROUBLES, key="train_look",
            icon=":material/search:", type="tertiary",
            help=_("This network as training begins with it: every feature map and every number"),
        )  # fmt: skip
    for shipped in trained_ones(setup().blueprint):
        press_button(
            _("Look inside a trained one: {title}", title=find_recipe(shipped).title),
            partial(look_inside_shipped, shipped), refusals=TROUBLES, key=f"train_look_{shipped}",
            icon=":material/search:", type="tertiary", help=_("Trained beforehand: try it on an image of your own"),
        )  # fmt: skip
    if st.toggle(_("This network as code, for PyTorch or Keras"), key="train_network_code"):
        show_code(setup().blueprint, "train_network_code")


def _edit(now: TrainSetup) -> None:
    """The editor; a setup that came from elsewhere (another network, a link, an experiment) is laid on its table."""
    start, kept = _for_its_pictures(now), state()
    if kept.get("laid") != kept["version"]:
        kept["laid"] = kept["version"]
        put_blueprint(EDITOR, start)
    own = replace(edit_blueprint(EDITOR, start), title=start.title)
    if own != now.blueprint:
        take(replace(now, blueprint=own))
        st.rerun()


def _for_its_pictures(now: TrainSetup) -> NetworkSpec:
    """The network as it will read the pictures that are set up; as it is where these are not there."""
    try:
        pictures = validation_sample(now.data, now.config.scaling).pictures
    except (DataMissing, DataBroken, ImageSetError):  # said where they are chosen
        return now.blueprint
    return adapt_to_data(now.blueprint, pictures.shape, pictures.classes)


def _describe(blueprint: NetworkSpec) -> None:
    found, own = inspect_spec(blueprint), own_blueprint()
    if own is not None:
        st.caption(
            _("Your own layers are kept: {layers}. Choose “My own” to have them back, or start from these here.",
              layers=" → ".join(own.names))
        )  # fmt: skip
        st.button(_("Edit a copy of these layers instead"), key="train_copy", on_click=_begin_own)
    st.caption(
        _("{n} parameters: {layers}. Choose “My own” to change the layers.",
          n=f"{found.parameters:,}", layers=" → ".join(blueprint.names))
    )  # fmt: skip


def _offer_variant(now: TrainSetup) -> None:
    """The variant that differs by a setting alone: no layer, no preset of its own."""
    changed = with_l2_penalty(now)
    if changed is not None:
        st.button(
            _("Add the variant’s L2 penalty, λ = {x}", x=plain(changed.config.l2)), key="train_l2", type="tertiary",
            icon=":material/add:", on_click=take, args=(changed,), kwargs={"afresh": True},
            help=_("λ · Σ p² is added to the loss: every step also makes each weight a little smaller"),
        )  # fmt: skip


def _begin_own() -> None:
    """A network of one's own from the one that is set up."""
    take(with_network(setup(), OWN), afresh=True)


def editor_trouble() -> dict[str, Any] | None:
    """What stands in the open editor and is not taken: {"is_pending", "sentence"}; None where all is."""
    is_open = setup().network == OWN and state()["open"] == "network"
    return trouble_of(EDITOR) if is_open else None


def _network_name(key: str) -> str:
    return _("My own: edit the layers") if key == OWN else default_setup(key).blueprint.title


def choose_the_data() -> None:
    """The pictures, and how they are changed at each look."""
    now = setup()
    key = f"train_{state()['version']}"
    choice = choose_data(key, now.data, state()["pictures"])
    state()["pictures"] = choice.upload or state()["pictures"]
    if (odd := odd_number(key)) != state()["odd_data"]:
        state()["odd_data"] = odd
        st.rerun()
    changes = _as_it_came(choose_augmentation(key, choice, now.augmentation), choice, now)
    if (choice, changes) != (now.data, now.augmentation):
        take(replace(now, data=choice, augmentation=changes))
        st.rerun()


def _as_it_came(shown: Augmentation | None, choice: DataChoice, now: TrainSetup) -> Augmentation | None:
    """What the widgets say, or what a link brought that they have no step for, as long as nobody moves them."""
    kept = state()
    came = kept.get("came")
    if came is None or came["version"] != kept["version"]:
        came = kept["came"] = {
            "version": kept["version"], "data": str(now.data.key), "was": plain_augmentation(now.augmentation),
            "shown": plain_augmentation(shown),
        }  # fmt: skip
    if (str(choice.key), plain_augmentation(shown)) != (came["data"], came["shown"]) or came["was"] == came["shown"]:
        return shown
    st.caption(_("The augmentation in the link lies between the steps here: it stays until you choose another one."))
    return came["was"] and Augmentation.from_record(came["was"])


def choose_the_settings() -> None:
    """Everything else that decides how it is trained."""
    now = setup()
    changed, odd = choose_settings(now.config, f"train_{state()['version']}")
    if odd != state()["odd_settings"]:
        state()["odd_settings"] = odd
        st.rerun()
    if changed != now.config:
        take(replace(now, config=changed))
        st.rerun()
