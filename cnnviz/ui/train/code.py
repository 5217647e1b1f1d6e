"""A training as PyTorch lines that run as they are, and end with the weights of this very run.

The pictures and the order in which they come are taken from this package; everything else is plain PyTorch.
Refuses to know: pages, runs.
"""

from __future__ import annotations

from dataclasses import replace

from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _
from cnnviz.models.builder.pytorch_code import CodeForm, spec_to_pytorch
from cnnviz.training import Job, LossKind, OptimiserKind, Scaling, ScheduleKind, TrainConfig
from cnnviz.training.config import MOST_CHANGES
from cnnviz.training.learning_rates import FALL, STAIRS, rate_at
from cnnviz.training.worker import History

_OPTIMISERS = {
    OptimiserKind.SGD: "SGD(network.parameters(), lr=rate_at(0){more}{fused})",
    OptimiserKind.MOMENTUM: "SGD(network.parameters(), lr=rate_at(0), momentum={momentum!r}{more}{fused})",
    OptimiserKind.ADAM: "Adam(network.parameters(), lr=rate_at(0){more}{fused})",
    OptimiserKind.ADAMW: "AdamW(network.parameters(), lr=rate_at(0), weight_decay={decay!r}{fused})",
}
_LOSSES = {
    LossKind.CROSS_ENTROPY: "functional.cross_entropy(scores, truth{more})",
    LossKind.LOG_SOFTMAX_NLL: "functional.nll_loss(functional.log_softmax(scores, dim=1), truth)",
    LossKind.SOFTMAX_NLL: "functional.nll_loss(functional.softmax(scores, dim=1), truth)  # the mistake",
    LossKind.SQUARED_ERROR: "functional.mse_loss(scores, functional.one_hot(truth, scores.shape[1]).float())",
}


def training_code(job: Job, sets: ImageSplits, first: str | None = None, threads: int | None = None) -> str:
    """Lines that train `job`'s network on `sets`, step for step as the run does.

    first: the name of the file with the weights that it begins with, as the page saves them; None for random ones.
    threads: that the run computes with. With as many, on the same machine, the weights are the same to the last bit.
    Executed with `steps = 3` in place of the last line of its settings, it takes three steps.
    """
    config = job.config
    parts = [
        _network(job, first, threads),
        _data(job, Scaling.of(config.scaling, sets)),
        _rates(config, len(sets.training)),
    ]
    return "\n".join([*parts, _loop(job), _check()])


def _network(job: Job, first: str | None, threads: int | None) -> str:
    """The network with the run's first weights."""
    lines = spec_to_pytorch(job.blueprint, CodeForm.SEQUENTIAL)
    before, made, after = lines.partition("\nnetwork = ")
    said = _("the same initial weights") if first is None else _("the same random numbers")
    begin = (
        ""
        if threads is None
        else f"torch.set_num_threads({threads})  # {_('as the run: sums in another order differ')}\n"
    )
    laid = _("channels last in memory, as the run computes")
    after += f"\nnetwork = network.to(memory_format=torch.channels_last)  # {laid}\n"
    return f"{before}\n{begin}torch.manual_seed({job.config.seed})  # {said}{made}{after}{_loading(first)}"


def _loading(first: str | None) -> str:
    """The lines that read the first weights from a file; none where they are random."""
    if first is None:
        return ""
    why = _("the initial weights: the file that this page gives you, in the folder where this runs")
    return f"\nfrom safetensors.torch import load_file\n\n# {why}\nnetwork.load_state_dict(load_file({first!r}))\n"


def _data(job: Job, scaling: Scaling) -> str:
    given = {name: value for name, value in job.data.to_record().items() if value is not None}
    choice = ", ".join(f"{name}={value!r}" for name, value in given.items())
    lines = [
        "import math",
        "",
        "from torch.nn import functional",
        "",
        "from cnnviz.data.image_sets import DataChoice, load_images",
        "from cnnviz.training.image_pool import mix_seeds",
        *(["from cnnviz.data.augment_images import Augmentation, augment_images"] if job.augmentation else []),
        "",
        "# " + _("the images: float32 (n, channels, rows, cols) in 0..1, and which class each shows"),
        f"sets = load_images(DataChoice({choice}))",
        "images, labels = (torch.tensor(part) for part in (sets.training.images, sets.training.labels))",
        f"mean = torch.tensor({list(scaling.mean)})[:, None, None]",
        f"std = torch.tensor({list(scaling.std)})[:, None, None]",
    ]
    return "\n".join([*lines, ""])


def _rates(config: TrainConfig, pictures: int) -> str:
    """How long it goes on, and the learning rate of a step as a formula."""
    length = config.length(pictures)
    base = f"{config.rate!r}"
    if config.changes:
        changes = f"changes = {list(config.changes)}  # {_('set by hand while it ran: from which step, to what')}"
        base = f"next((rate for at, rate in reversed(changes) if at <= step), {config.rate!r})"
    factors = [base, *_factor(config.schedule), *_ramps(config)]
    return "\n".join(
        [
            f"batch, steps = {config.batch}, {length}",
            *([changes] if config.changes else []),
            "", "", "def rate_at(step):", f"    length = {length}", f"    return {' * '.join(factors)}", "", "",
        ]
    )  # fmt: skip


def _factor(schedule: ScheduleKind) -> list[str]:
    if schedule is ScheduleKind.STEP:
        return [f"{FALL} ** (step // max(1, -(-length // {STAIRS})))"]
    if schedule is ScheduleKind.COSINE:
        return ["(1 + math.cos(math.pi * step / length)) / 2"]
    if schedule is ScheduleKind.ONE_CYCLE:
        return ["one_cycle(step, length)"]
    return []


def _ramps(config: TrainConfig) -> list[str]:
    rising = f"(step + 1) / {config.warm}" if config.warm else ""
    falling = f"(length - step) / {config.cool}" if config.cool else ""
    return [f"min(1.0, {', '.join(filter(None, (rising, falling)))})"] if rising or falling else []


_ONE_CYCLE = '''
def one_cycle(step, length):
    """Up from 1/25 along half a cosine, then down to almost nothing, as torch.optim.lr_scheduler.OneCycleLR."""
    if length == 1:
        return 1.0
    top, last = 0.3 * length - 1, length - 1
    start, end, share = 1 / 25, 1.0, step / top if top else 1.0
    if step > top:
        start, end, share = 1.0, 1 / 25e4, (step - top) / (last - top)
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2

'''


def _loop(job: Job) -> str:
    config = job.config
    more = f", weight_decay={config.decay!r}" if config.decay else ""
    smoothing = f", label_smoothing={config.smoothing!r}" if config.smoothing else ""
    optimiser = _OPTIMISERS[config.optimiser].format(
        more=more, momentum=config.momentum, decay=config.decay, fused=", fused=True"
    )
    squares = "torch.stack([weight.square().sum() for weight in network.parameters()]).sum()"
    penalty = [f"    loss = loss + {config.l2!r} * {squares}"]
    changed = [f"    x = augment_images(x, {job.augmentation!r}, chance)  # {_('each image varied a little')}"]
    changed = [line.replace("<BorderFill.PAPER: 'paper'>", "'paper'").replace("<BorderFill.MIRROR: 'mirror'>",
    "'mirror'")
               for line in changed]  # fmt: skip
    lines = [
        *([_ONE_CYCLE] if config.schedule is ScheduleKind.ONE_CYCLE else []),
        f"optimiser = torch.optim.{optimiser}",
        f"chance = torch.Generator().manual_seed({config.seed})",
        "an_epoch = -(-len(images) // batch)",
        *(
            ["average = {name: value.clone() for name, value in network.state_dict().items()}"]
            if config.averaging
            else []
        ),
        "network.train()",
        "for step in range(steps):",
        "    epoch, place = divmod(step, an_epoch)",
        "    if place == 0:  # " + _("a new order in each epoch"),
        f"        shuffled = torch.Generator().manual_seed(mix_seeds({config.seed}, epoch))",
        "        order = torch.randperm(len(images), generator=shuffled)",
        "    at = order[place * batch : (place + 1) * batch]",
        "    x, truth = images[at].float() / 255, labels[at]",
        *(changed if job.augmentation else []),
        "    for group in optimiser.param_groups:",
        '        group["lr"] = rate_at(step)',
        "    x = ((x - mean) / std).contiguous(memory_format=torch.channels_last)",
        "    scores = network(x)",
        f"    loss = {_LOSSES[config.loss].format(more=smoothing)}",
        *(penalty if config.l2 else []),
        "    optimiser.zero_grad()",
        "    loss.backward()",
        "    optimiser.step()",
        *(_averaging(config.averaging) if config.averaging else []),
        "    if step % 50 == 0:",
        '        print(f"step {step}: loss {loss.item():.4f}")',
        *(["network.load_state_dict(average)"] if config.averaging else []),
    ]
    return "\n".join([*lines, ""])


def _averaging(share: float) -> list[str]:
    """The lines of a step that keep an average of the weights, short at first."""
    return [
        f"    keep = min({share!r}, (step + 1) / (step + 11))  # " + _("a running average of the weights"),
        "    for name, value in network.state_dict().items():",
        "        if value.is_floating_point():",
        "            average[name].lerp_(value, 1 - keep)",
        "        else:",
        "            average[name].copy_(value)",
    ]


def _check() -> str:
    lines = [
        "network.eval()",
        "with torch.no_grad():",
        "    x = torch.tensor(sets.validation.images).float() / 255",
        "    read = network((x - mean) / std).argmax(dim=1)",
        "right = (read == torch.tensor(sets.validation.labels)).float().mean()",
        'print(f"{right.item():.1%} of the validation images classified correctly")',
        "",
        "# " + _("the parameters alone are saved, and loaded into a fresh network, on whatever device there is"),
        "import copy",
        "",
        'torch.save(network.state_dict(), "network.pt")',
        'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")',
        "fresh = copy.deepcopy(network).to(device)",
        "for layer in fresh.modules():",
        '    if hasattr(layer, "reset_parameters"):',
        "        layer.reset_parameters()",
        'fresh.load_state_dict(torch.load("network.pt", map_location=device, weights_only=True))',
        "with torch.no_grad():",
        "    x = ((x - mean) / std)[:100]",
        "    difference = (fresh(x.to(device)).cpu() - network(x)).abs().max().item()",
        'print(f"loaded on {device}: the outputs differ by at most {difference:.1g}")',
    ]
    return "\n".join([*lines, ""])


def as_it_went(job: Job, history: History) -> Job:
    """The job with the learning rates that were set by hand while it ran, read off its recording.

    A recording of more steps than fit has joined some of them: then a change is known to a few steps only.
    """
    curve, config, changes = history.curve(), job.config, []
    base = config.rate
    for step, rate in zip((curve.steps - 1).tolist(), curve.rates.tolist(), strict=True):
        usual = rate_at(step, replace(config, changes=()), history.status.length) / config.rate
        found = rate / usual if usual else base
        if abs(found - base) > 1e-9 * base:
            base = float(f"{found:.6g}")
            changes.append((step, base))
    return replace(job, config=replace(config, changes=tuple(changes[-MOST_CHANGES:])))
