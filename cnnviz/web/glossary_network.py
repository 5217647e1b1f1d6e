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
            _("Layers, mostly in a row: each computes new numbers from those of the layer before."),
        ),
        Term(
            _("convolutional network, CNN"),
            _(
                "A network whose first layers are convolutions: the same small kernels are used at every place of an "
                "image."
            ),
        ),
        Term(
            _("layer"),
            _("One step of a network. Its name here is its kind and a number: conv2 is the second convolution."),
        ),
        Term(_("MNIST"), _("70,000 scanned handwritten digits, 28×28 pixels; 10,000 of them are kept for testing.")),
        Term(
            _("input"),
            _("The image (picture) that goes in: here 28×28 pixels, 0 where it is empty, 1 where the ink is full."),
        ),
        Term(
            _("channel"),
            _("One of several grids of numbers of the same size at one place in a network; a colour photo has three."),
            "in_channels, out_channels",
        ),
        Term(_("feature map"), _("The output of a layer: one grid of numbers for each channel.")),
        Term(_("unit, neuron"), _("One cell of one feature map, or one entry of a vector: a single number.")),
    )


def _layers() -> tuple[Term, ...]:
    """What layers do, and what they reach."""
    return (
        Term(
            _("kernel, filter"),
            _("A small grid of weights. It is laid over every place of the input; the products are added up."),
            "Conv2d.weight",
        ),
        Term(_("feature"), _("A piece of what is looked for, as a tiny image; a kernel whose numbers one can read.")),
        Term(_("match score"), _("The mean of the products of a window and a feature: 1 matches, −1 is the opposite.")),
        Term(_("weight"), _("A number that training has found; an input is multiplied by it.")),
        Term(_("term"), _("One part of a sum; of a feature map: one input channel, convolved with its own kernel.")),
        Term(_("bias"), _("One number for each feature map, added to every sum."), "Conv2d.bias"),
        Term(
            _("convolution"),
            _(
                "A kernel slides over the input; at each place the products are added up. As in all such libraries the "
                "kernel is not flipped, so strictly it is a cross-correlation."
            ),
            "nn.Conv2d",
        ),
        Term(
            _("cross-correlation"),
            _("At each place: window times kernel, cell by cell, added up. A convolution flips the kernel first."),
        ),
        Term(_("stride"), _("By how many cells the kernel moves from one unit to the next."), "stride"),
        Term(
            _("padding"),
            _("Rows and columns, here of zeros, added around the input, so that the kernel fits at the border."),
            "padding",
        ),
        Term(
            _("groups"),
            _("The channels are split into parts, and each output map reads one part only."),
            "groups",
        ),
        Term(_("depthwise"), _("A convolution with as many groups as channels: each kernel reads one channel only.")),
        Term(
            _("transposed convolution"),
            _("A convolution in reverse: the kernel spreads each cell of the smaller map over the larger one."),
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
                "A function of one number, applied to each unit by itself; also its result. Without one between "
                "them, two layers would do no more than one."
            ),
        ),
        Term(_("ReLU"), _("The usual activation: negative numbers become 0, all others stay as they are."), "nn.ReLU"),
        Term(
            _("sigmoid, tanh"),
            _("Activations with an S-shaped curve: sigmoid from 0 to 1, tanh from −1 to 1."),
            "nn.Sigmoid, nn.Tanh",
        ),
        Term(
            _("pooling"),
            _("Each window of numbers becomes one number, in each channel by itself: the maps get smaller."),
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
    """What a unit reads, in the layer before and through all layers."""
    return (
        Term(_("window"), _("The cells of the layer before that one unit reads.")),
        Term(_("receptive field"), _("The pixels of the image that one unit reads, through all layers before it.")),
        Term(
            _("jump"),
            _("The distance, in pixels of the image, between the receptive fields of two neighbouring units."),
        ),
        Term(
            _("receptive field by the formula"),
            _("Its size, jump and start, computed from kernels and strides, before the border cuts anything off."),
        ),
        Term(
            _("exact receptive field"),
            _("The pixels that a unit really reads: without padding, skipped pixels and holes."),
        ),
        Term(_("effective receptive field"), _("How strongly each pixel changes a unit: the size of its gradient.")),
    )


def _other_layers() -> tuple[Term, ...]:
    """The layers that neither convolve nor pool."""
    return (
        Term(
            _("batch normalisation"),
            _(
                "Normalises each map: minus its mean, divided by its standard deviation; then times γ, plus β. "
                "Training takes mean and variance of the batch; inference uses running estimates."
            ),
            "nn.BatchNorm2d",
        ),
        Term(
            _("dropout"),
            _("In training, random cells become 0 and the rest is scaled up; inactive at inference."),
            "nn.Dropout",
        ),
        Term(_("flatten"), _("All feature maps put into one long column, map after map, row after row."), "nn.Flatten"),
        Term(
            _("fully connected layer, fc"),
            _("Every output is a weighted sum of all inputs, each with its own weight."),
            "nn.Linear",
        ),
    )
