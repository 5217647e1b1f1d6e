"""The glossary's words for a network and its layers, in the order in which a reader meets them."""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.web.glossary_term import Term


def network_terms() -> tuple[Term, ...]:
    """What a network is, what its layers do, and what their units see."""
    return (*_numbers(), *_layers(), *_afterwards(), *_fields(), *_other_layers())


def _numbers() -> tuple[Term, ...]:
    """What a network is, and what flows through it."""
    return (
        Term(
            _("network, neural network"),
            _("Layers in a row: each takes the numbers of the one before and makes new ones of them."),
        ),
        Term(
            _("convolutional network, CNN"),
            _(
                "A network whose first layers are convolutions: the same small kernels look at every place of a "
                "picture."
            ),
        ),
        Term(
            _("layer"),
            _("One step of a network. Its name here is its kind and a number: conv2 is the second convolution."),
        ),
        Term(_("MNIST"), _("70,000 scanned handwritten digits, 28×28 pixels; 10,000 of them are kept for testing.")),
        Term(_("input"), _("The picture that goes in: 28×28 pixels, 0 where it is empty, 1 where the ink is full.")),
        Term(
            _("channel"),
            _("One of several pictures of the same size at one place of the network; a colour photo has three."),
            "in_channels, out_channels",
        ),
        Term(_("feature map"), _("What a layer makes of its input: one picture of numbers for each channel.")),
        Term(_("unit, neuron"), _("One cell of one feature map, or one entry of a vector: a single number.")),
    )


def _layers() -> tuple[Term, ...]:
    """What layers do, and what they reach."""
    return (
        Term(
            _("kernel, filter"),
            _("A small square of weights. It is laid over every place of the input; the products are added up."),
            "Conv2d.weight",
        ),
        Term(_("feature"), _("A piece of what is looked for, as a tiny picture; a kernel whose numbers one can read.")),
        Term(_("match score"), _("The mean of the products of a window and a feature: 1 matches, −1 is the opposite.")),
        Term(_("weight"), _("A number that training has found; an input is multiplied by it.")),
        Term(_("share"), _("What one input channel adds to a feature map: that channel, slid over by its own kernel.")),
        Term(_("bias"), _("One number for each feature map, added to every sum."), "Conv2d.bias"),
        Term(
            _("convolution"),
            _(
                "A kernel slid over its input. As in all such libraries it is not flipped, so strictly "
                "it is a cross-correlation."
            ),
            "nn.Conv2d",
        ),
        Term(
            _("cross-correlation"),
            _("At each place: window times kernel, cell by cell, added up. A convolution flips the kernel first."),
        ),
        Term(_("stride"), _("By how many cells the kernel moves on from one unit to the next."), "stride"),
        Term(
            _("padding"),
            _("Rows and columns, of zeros here, laid around the input, so that the kernel fits at the border."),
            "padding",
        ),
        Term(
            _("groups"),
            _("The channels are parted, and each output map reads one part only."),
            "groups",
        ),
        Term(_("depthwise"), _("A convolution with as many groups as channels: each kernel reads one channel only.")),
        Term(
            _("transposed convolution"),
            _("The way back: each cell of the smaller map is spread over the larger one by the kernel."),
            "nn.ConvTranspose2d",
        ),
        Term(
            _("dilation"), _("The distance between neighbouring weights of a kernel; above 1 it has holes."), "dilation"
        ),
    )


def _afterwards() -> tuple[Term, ...]:
    """What follows a convolution."""
    return (
        Term(
            _("activation, non-linearity"),
            _(
                "A function of one number, applied to each unit by itself; also what it gives. Without one between "
                "them, two layers would do no more than one."
            ),
        ),
        Term(_("ReLU"), _("The usual activation: negative numbers become 0, all others stay as they are."), "nn.ReLU"),
        Term(
            _("sigmoid, tanh"),
            _("Activations with an S for a curve: sigmoid ends at 0 and 1, tanh at −1 and 1."),
            "nn.Sigmoid, nn.Tanh",
        ),
        Term(
            _("pooling"),
            _("A window that makes one number of those that it covers, in each channel by itself: smaller maps."),
        ),
        Term(_("max pooling"), _("Pooling that keeps the largest number of each window."), "nn.MaxPool2d"),
        Term(
            _("average pooling"),
            _("Pooling that takes the mean of each window; global average pooling takes the mean of a whole map."),
            "nn.AvgPool2d",
        ),
        Term(
            _("ceil mode"),
            _("A window that hangs over the edge counts too, with what it covers; without it the edge is left out."),
            "ceil_mode=True",
        ),
    )


def _fields() -> tuple[Term, ...]:
    """What a unit sees, in the layer before and through all layers."""
    return (
        Term(_("window"), _("The cells of the layer before that one unit reads.")),
        Term(_("receptive field"), _("The pixels of the drawing that one unit can see, through all layers before it.")),
        Term(_("jump"), _("By how many pixels of the drawing the receptive fields of two neighbouring units differ.")),
        Term(
            _("reach"),
            _("The receptive field as a formula gives it: size, jump and start, before the border cuts anything off."),
        ),
        Term(
            _("exact field"),
            _("The pixels that a unit really reads: the reach without padding, leftovers and holes."),
        ),
        Term(_("effective field"), _("How strongly each pixel moves a unit: the size of its gradient.")),
    )


def _other_layers() -> tuple[Term, ...]:
    """The layers that neither convolve nor pool."""
    return (
        Term(
            _("batch normalisation"),
            _(
                "Shifts and scales each map: minus its mean, divided by its deviation, times γ, plus β. "
                "Training measures mean and variance on the batch; afterwards running estimates are used."
            ),
            "nn.BatchNorm2d",
        ),
        Term(
            _("dropout"),
            _("In training, random cells become 0 and the rest is scaled up; afterwards it does nothing."),
            "nn.Dropout",
        ),
        Term(
            _("flatten"), _("All feature maps laid out in one long column, map after map, row after row."), "nn.Flatten"
        ),
        Term(
            _("fully connected layer, fc"),
            _("Every output adds up every input, each with a weight of its own."),
            "nn.Linear",
        ),
    )
