"""What is to be trained, on what, and how: a value that the page edits, and ready-made ones to start from.

Refuses to know: sessions, widgets, runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cnnviz.data.augment_images import Augmentation
from cnnviz.data.image_sets import DataChoice, SetKey, set_title
from cnnviz.i18n import _, ngettext
from cnnviz.models.builder import NetworkSpec, adapt_to_data, preset, preset_keys
from cnnviz.training import Job, OptimiserKind, ScalingKind, TrainConfig

START = "digits_small"  # what a newcomer can start at once
OWN = "own"  # a network of one's own, in the place of a preset's key
_TRAINED_SHORT = {"xor"}  # presets that are for other pages


@dataclass(frozen=True)
class TrainSetup:
    """A training before it starts. `network` is the key of a preset, or "own"; `blueprint` is what it stands for."""

    network: str
    blueprint: NetworkSpec
    data: DataChoice
    config: TrainConfig
    augmentation: Augmentation | None = None


def setup_offers() -> tuple[str, ...]:
    """The presets that can be trained on pictures, in the order in which they are offered."""
    return tuple(key for key in preset_keys() if key not in _TRAINED_SHORT)


def default_setup(network: str) -> TrainSetup:
    """A preset with the data and the settings that belong to it.

    Raises: KeyError, one sentence, for a key that is none.

    >>> from cnnviz.ui.train.setup import default_setup
    >>> default_setup("digits_small").data.key.value
    'digits'
    """
    data, config = _USUAL.get(network, _birds)()
    return TrainSetup(network, preset(network), data, config)


def _digits() -> tuple[DataChoice, TrainConfig]:
    """Long enough to interfere, pause, and break it: a minute or so, and most people stop it before."""
    return DataChoice(SetKey.DIGITS), TrainConfig(epochs=100, batch=32, rate=3e-3)


def _mnist(**settings: object) -> tuple[DataChoice, TrainConfig]:
    return DataChoice(SetKey.MNIST), TrainConfig(**settings)  # type: ignore[arg-type]


def _birds() -> tuple[DataChoice, TrainConfig]:
    """As the text book trains it, but for fewer epochs: one watches, and may go on."""
    config = TrainConfig(epochs=30, batch=64, rate=1e-2, optimiser=OptimiserKind.SGD, scaling=ScalingKind.DATA)
    return DataChoice(SetKey.BIRDS), config


def _xo() -> tuple[DataChoice, TrainConfig]:
    return DataChoice(SetKey.XO_GENERATED), TrainConfig(epochs=6, batch=32, rate=3e-3)


_USUAL: dict[str, Callable[[], tuple[DataChoice, TrainConfig]]] = {
    "digits_small": _digits,
    "mnist_b1": lambda: _mnist(epochs=1, batch=50),
    "small_b5": lambda: _mnist(epochs=20, batch=64, scaling=ScalingKind.HALF),
    "keras_b6": lambda: _mnist(epochs=15, batch=128),
    "lenet5": lambda: _mnist(epochs=5, batch=64),
    "xo_small": _xo,
}


@dataclass(frozen=True)
class PublishedResult:
    """What the author of a preset published: the figures after so many epochs, None where there is none."""

    epochs: int
    test_loss: float | None = None
    test_accuracy: float | None = None
    tested: int | None = None  # the first test images that it is of, where not of all
    training_loss: float | None = None
    training_accuracy: float | None = None
    validation_accuracy: float | None = None

    @property
    def sentence(self) -> str:
        """All of it, in the decimals in which it was published."""
        of = "" if self.tested is None else " " + _("(first {n} test images)", n=f"{self.tested:,}")
        named = (
            (self.training_loss, lambda x: _("training loss {x}", x=x)),
            (self.training_accuracy, lambda x: _("training accuracy {x}", x=x)),
            (self.validation_accuracy, lambda x: _("validation accuracy {x}", x=x)),
            (self.test_loss, lambda x: _("loss {x}", x=x)),
            (self.test_accuracy, lambda x: _("accuracy {x}", x=x)),
        )
        figures = ", ".join(say(f"{value:g}") for value, say in named if value is not None)
        after = ngettext("after {count} epoch", "after {count} epochs", self.epochs)
        return _("Published for this network: {figures}{of}, {after}.", figures=figures, of=of, after=after)


PUBLISHED = {
    "mnist_b1": PublishedResult(1, test_accuracy=0.98, tested=2_000),
    "keras_b6": PublishedResult(15, test_loss=0.0366, test_accuracy=0.9893),
    "birds_c1": PublishedResult(100, training_loss=0.1614, training_accuracy=0.93, validation_accuracy=0.89),
}


PENALISED = {"birds_c1": 1e-3, "birds_wide": 1e-3}  # λ of the text book's variant with an L2 penalty


def with_l2_penalty(setup: TrainSetup) -> TrainSetup | None:
    """The same with the L2 penalty of the published variant; None where there is no such variant, or it is set up."""
    penalty = PENALISED.get(setup.network, setup.config.l2)
    return None if penalty == setup.config.l2 else replace(setup, config=replace(setup.config, l2=penalty))


def published_result(job: Job) -> PublishedResult | None:
    """What was published for the network of `job` on these images; None where nothing was."""
    setup = setup_of(job)
    like = setup.network in PUBLISHED and setup.data.key == default_setup(setup.network).data.key
    return PUBLISHED[setup.network] if like else None


def fit_setup(setup: TrainSetup, shape: tuple[int, int, int], classes: tuple[str, ...]) -> Job:
    """The setup as a job: the network made to fit pictures of `shape` and `classes`.

    Raises: ValueError, one sentence, where the network cannot be built for them.
    """
    blueprint = adapt_to_data(setup.blueprint, shape, classes)
    return Job(blueprint, setup.data, setup.config, setup.augmentation)


def with_network(setup: TrainSetup, network: str, own: NetworkSpec | None = None) -> TrainSetup:
    """Another preset with what belongs to it; pictures of one's own stay.

    A network of one's own keeps the rest, too: it is `own`, where there is one from before, or starts from the
    present one.
    """
    if network == OWN:
        return replace(setup, network=OWN, blueprint=replace(own or setup.blueprint, title=own_title()))
    changed = default_setup(network)
    return replace(changed, data=setup.data) if setup.data.key == SetKey.OWN else changed


def setup_of(job: Job) -> TrainSetup:
    """What was set up for a job."""
    like = (key for key in setup_offers() if preset(key).parts == job.blueprint.parts)
    return TrainSetup(next(like, OWN), job.blueprint, job.data, replace(job.config, changes=()), job.augmentation)


def same_setup(one: TrainSetup, other: TrainSetup) -> bool:
    """Whether both stand for the same training: the same layers, pictures, settings and changes."""

    def known(setup: TrainSetup) -> tuple[object, ...]:
        how = setup.augmentation
        config = replace(setup.config, changes=())
        return setup.blueprint.parts, setup.data, config, None if how is None or how.is_nothing else how

    return known(one) == known(other)


def network_title(setup: TrainSetup) -> str:
    """The network's name as it stands on the page."""
    return own_title() if setup.network == OWN else setup.blueprint.title


def own_title() -> str:
    """What a network of one's own is called."""
    return _("My own")


def data_title(data: DataChoice) -> str:
    """The set's name, with what was taken of it."""
    title = set_title(SetKey(data.key))
    return title if data.limit is None else _("{title}, at most {n}", title=title, n=data.limit)


def settings_title(config: TrainConfig) -> str:
    """The settings that matter most, in one line; what shrinks the weights only where something does."""
    parts = [f"{optimiser_name(config.optimiser)} {config.rate:g}", _("batch {n}", n=config.batch), _length(config)]
    parts += [_("weight decay {x}", x=f"{config.decay:g}")] if config.decay else []
    parts += [_("L2 penalty {x}", x=f"{config.l2:g}")] if config.l2 else []
    return " · ".join(parts)


def _length(config: TrainConfig) -> str:
    if config.steps is not None:
        return _("1 step") if config.steps == 1 else _("{n} steps", n=config.steps)
    return _("1 epoch") if config.epochs == 1 else _("{n} epochs", n=config.epochs)


def optimiser_name(kind: OptimiserKind) -> str:
    """As PyTorch's books call it."""
    return {
        OptimiserKind.SGD: _("SGD"),
        OptimiserKind.MOMENTUM: _("SGD with momentum"),
        OptimiserKind.ADAM: _("Adam"),
        OptimiserKind.ADAMW: _("AdamW"),
    }[kind]


def run_title(job: Job, network: str) -> str:
    """What a run is called when two stand side by side."""
    return f"{network} · {data_title(job.data)} · {settings_title(job.config)}"
