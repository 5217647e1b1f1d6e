"""From "Train live" to "Your network": the moment of a run that is shown, or the network that is set up, untrained,
with the drawing or the picture at hand."""

from __future__ import annotations

from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice, SetKey
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec
from cnnviz.models.zoo import find_recipe
from cnnviz.training import SavedNetwork, pack_network, start_session
from cnnviz.ui.app.turning_pages import turn_to
from cnnviz.ui.mount.sketchpad import drawn
from cnnviz.ui.train.files import saved_network
from cnnviz.ui.train.run_entry import RunError
from cnnviz.ui.train.run_registry import RUNS
from cnnviz.ui.train.session import PAD
from cnnviz.ui.train.setup import TrainSetup, fit_setup, network_title
from cnnviz.ui.your_network import your_network
from cnnviz.web.trainer.images import validation_sample

TROUBLES = (ValueError, DataMissing, DataBroken)  # one sentence each


def look_inside(token: str, at: int | None, picture: int) -> None:
    """Open the network of the recorded moment nearest to step `at` (None: the newest), and turn to its page.

    picture: which of the pictures that it never learned from lies there, unless the reader drew something for it.
    Raises: RunError, one sentence.
    """
    run = RUNS.find(token)
    if run is None:
        raise RunError(_("This run is not on the server any more: start another one."))
    data, step = saved_network(run, at), run.moment(at).step
    own = run.job.data if run.job.data.key == SetKey.OWN else None
    title = _("Step {step} of {title}", title=run.title, step=step)
    _turn_to(data, title, own, picture)


def look_inside_untrained(now: TrainSetup) -> None:
    """Open the network that is set up as training begins with it: the random weights of its seed, its own scaling.

    Raises: one of `TROUBLES`.
    """
    sample = validation_sample(now.data, now.config.scaling)
    job = fit_setup(now, sample.pictures.shape, sample.pictures.classes)
    run = start_session(job).run
    weights = {name: weight.numpy() for name, weight in run.snapshot().weights.items()}
    facts = {"job": job.to_record(), "step": 0}
    data = pack_network(SavedNetwork(job.blueprint, sample.scaling, weights, facts))
    own = job.data if job.data.key == SetKey.OWN else None
    _turn_to(data, _("{title}, untrained", title=network_title(now)), own, 0)


def look_inside_shipped(key: str) -> None:
    """Open the trained network `key` that ships with the app."""
    your_network.lay_shipped(key)
    turn_to(your_network.PAGE)


def trained_ones(blueprint: NetworkSpec) -> tuple[str, ...]:
    """The shipped networks that classify the same kind of images as `blueprint`, by their keys."""
    asked = blueprint.input_shape, len(blueprint.classes)
    recipes = map(find_recipe, your_network.SHIPPED)
    return tuple(one.key for one in recipes if (one.input_shape, len(one.classes)) == asked)


def _turn_to(data: bytes, title: str, own: DataChoice | None, picture: int) -> None:
    your_network.lay(data, title, own, drawn(PAD)["strokes"], picture)
    turn_to(your_network.PAGE)
