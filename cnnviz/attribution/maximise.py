"""What does a unit look for? The image that maximises it, step by step along the gradient, from 0 to 1 in every pixel.

Erhan, Bengio, Courville, Vincent, "Visualizing higher-layer features of a deep network", 2009. What is asked of the
image beside: at most so much ink, smooth by so many pixels, the same when moved a little.
Refuses to know: pages, and where a start comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch.nn import functional

from cnnviz.attribution.records import AttributionError
from cnnviz.checks import check_number, check_whole
from cnnviz.core.graph import Graph
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

MOST_STEPS = 512
FIRST_STEP = 0.04  # how far the first step goes, in root mean square of all pixels; the last goes nowhere
MOST_BLUR, MOST_JITTER = 4.0, 8  # pixels
GREY, SPECKLE, NOISE = 0.5, 0.01, 0.2
HALVINGS = 30
SURE = 1e-6  # below 1
TRIES = 8  # shifts of the image under which a gradient must be 0 to be called so


class Start(StrEnum):
    """What the first image is: noise around grey, almost even grey, the reader's own, or the strongest real one.

    >>> from cnnviz.attribution.maximise import Start
    >>> Start("noise")
    <Start.NOISE: 'noise'>
    """

    NOISE = "noise"
    GREY = "grey"
    OWN = "own"
    STRONGEST = "strongest"


@dataclass(frozen=True)
class Climb:
    """How an image is maximised.

    steps: at most. ink: the mean value of its pixels is at most this (1: no limit). blur: standard deviation in
    pixels by which every image is smoothed. jitter: pixels by which it is moved at random before each step.
    raises_probability: of a class among scores, its probability is raised instead of its score.
    Raises: AttributionError, one sentence.

    >>> from cnnviz.attribution.maximise import Climb
    >>> Climb(ink=0.1).steps
    256
    """

    steps: int = 256
    ink: float = 1.0
    blur: float = 0.0
    jitter: int = 0
    seed: int = 0
    raises_probability: bool = False

    def __post_init__(self) -> None:
        way_out = _("leave it out, and it is chosen")
        check_whole("steps", self.steps, 1, MOST_STEPS, way_out, AttributionError)
        check_number("ink", self.ink, 0.001, 1.0, way_out, AttributionError)
        check_number("blur", self.blur, 0.0, MOST_BLUR, way_out, AttributionError)
        check_whole("jitter", self.jitter, 0, MOST_JITTER, way_out, AttributionError)
        check_whole("seed", self.seed, 0, 2**31 - 1, way_out, AttributionError)


@dataclass(frozen=True, eq=False)
class Frame:
    """One image on the way: after `step` steps, (channels, rows, cols) from 0 to 1, the unit's `value` for it.

    is_stuck: the gradient is 0 in every pixel, so there is no way on; is_top: it leads out of what is allowed only, or
    the probability is 1 as far as numbers go.
    """

    step: int
    image: np.ndarray
    value: float
    is_stuck: bool = False
    is_top: bool = False


def start_image(
    start: Start, shape: tuple[int, int, int], seed: int, given: np.ndarray | None = None,
    seen: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """The first image, (channels, rows, cols): for `OWN` and `STRONGEST` the one that is given.

    seen: the pixels (rows, cols) that the unit reads, None for all: noise and grey are 0 elsewhere.

    >>> from cnnviz.attribution.maximise import Start, start_image
    >>> float(start_image(Start.GREY, (1, 8, 8), 0).mean().round(1))
    0.5
    """
    if start in (Start.OWN, Start.STRONGEST):
        if given is None:
            raise AttributionError(_("There is no image to start from: choose noise."))
        return np.clip(given, 0, 1).astype(np.float32)
    spread = NOISE if start is Start.NOISE else SPECKLE
    made = np.clip(GREY + spread * np.random.default_rng(seed).standard_normal(shape), 0, 1)
    return (made if seen is None else made * seen).astype(np.float32)


def maximise(graph: Graph, unit: UnitRef, start: np.ndarray, climb: Climb) -> Iterator[Frame]:
    """The images on the way from `start` (channels, rows, cols), which is the first, as far as the rules allow.

    The same arguments give the same images. It ends after `climb.steps` steps, or where it is stuck or at the top.
    Raises: GraphError for a layer, IndexError for a unit that there is not.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.maximise import Climb, Start, maximise, start_image
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.units import UnitRef
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False))
    >>> model[1].weight.data = torch.tensor([[1.0, -1.0, 2.0, 0.0]])
    >>> graph, start = build_graph(model, (1, 2, 2)), start_image(Start.NOISE, (1, 2, 2), 0)
    >>> last = list(maximise(graph, UnitRef("1"), start, Climb()))[-1]
    >>> last.image.flatten()[:3].tolist(), last.value, last.is_top
    ([1.0, 0.0, 1.0], 3.0, True)
    """
    number = graph.position(unit.layer)
    index = graph.nodes[number].index(unit)
    dice, program, idle = np.random.default_rng(climb.seed), graph.program, 0
    canvas = _as_allowed(torch.tensor(start, dtype=program.dtype, device=program.device)[None], climb.ink)
    for step in range(climb.steps + 1):
        canvas = canvas.detach().requires_grad_()
        image = smoothed(canvas, climb.blur)
        output = program(number, image)
        seen = output if not climb.jitter else program(number, _moved(image, climb.jitter, dice))
        aim = torch.log_softmax(seen, dim=1)[index] if climb.raises_probability else seen[index]
        slope = _slope(aim, canvas)
        idle = 0 if slope.any() else idle + 1
        way = _way_up(canvas.detach(), slope)
        is_sure = climb.raises_probability and float(aim.detach()) > -SURE  # its gradient is 0 for having arrived
        is_top = is_sure if idle else not way.any()
        is_stuck = not is_top and idle > (TRIES if climb.jitter else 0)
        yield Frame(step, image.detach()[0].cpu().numpy(), float(output.detach()[index]), is_stuck, is_top)
        if is_stuck or is_top:
            return
        if idle == 0:
            length = FIRST_STEP * canvas.numel() ** 0.5 * (1 - step / climb.steps)
            canvas = _as_allowed(canvas.detach() + length * way / way.norm(), climb.ink)


def _slope(value: torch.Tensor, canvas: torch.Tensor) -> torch.Tensor:
    """The gradient of the value; 0 where it does not depend on the image at all."""
    if not value.requires_grad:
        return torch.zeros_like(canvas)
    (slope,) = torch.autograd.grad(value, canvas, allow_unused=True)
    return torch.zeros_like(canvas) if slope is None else slope


def _way_up(canvas: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
    """The gradient without what leads below 0 or above 1."""
    leads_out = ((canvas <= 0) & (slope < 0)) | ((canvas >= 1) & (slope > 0))
    return slope.masked_fill(leads_out, 0.0)


def _moved(image: torch.Tensor, jitter: int, dice: np.random.Generator) -> torch.Tensor:
    """The image moved by chance, at most `jitter` pixels each way; what leaves it comes in on the other side."""
    down, right = (int(pixels) for pixels in dice.integers(-jitter, jitter + 1, size=2))
    return torch.roll(image, (down, right), dims=(2, 3))


def smoothed(canvas: torch.Tensor, blur: float) -> torch.Tensor:
    """Images (n, channels, rows, cols) blurred by a Gaussian of `blur` pixels; outside of them it is 0.

    >>> import torch
    >>> from cnnviz.attribution.maximise import smoothed
    >>> dot = torch.zeros(1, 1, 9, 9)
    >>> dot[0, 0, 4, 4] = 1
    >>> spread = smoothed(dot, 1.0)
    >>> bool(spread.sum() <= 1), bool(spread[0, 0, 4, 4] == spread.max())
    (True, True)
    """
    if blur <= 0:
        return canvas
    reach = max(1, round(3 * blur))
    steps = torch.arange(-reach, reach + 1, dtype=canvas.dtype, device=canvas.device)
    weights = torch.exp(-(steps**2) / (2 * blur**2))
    weights = (weights / weights.sum()).reshape(1, 1, -1, 1).repeat(canvas.shape[1], 1, 1, 1)
    down = functional.conv2d(canvas, weights, padding=(reach, 0), groups=canvas.shape[1])
    return functional.conv2d(down, weights.transpose(2, 3), padding=(0, reach), groups=canvas.shape[1])


def _as_allowed(canvas: torch.Tensor, ink: float) -> torch.Tensor:
    """The nearest image with pixels from 0 to 1 whose mean is at most `ink`: the same is taken off every pixel."""
    low, high = canvas.new_zeros(()), canvas.max().clamp(min=0)
    if canvas.clamp(0, 1).mean() <= ink:
        return canvas.clamp(0, 1)
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        if (canvas - middle).clamp(0, 1).mean() > ink:
            low = middle
        else:
            high = middle
    return (canvas - high).clamp(0, 1)
