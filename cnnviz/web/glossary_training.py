"""The glossary's words for answers, training and how both are judged, in the order in which a reader meets them."""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.web.glossary_term import Term


def training_terms() -> tuple[Term, ...]:
    """What comes out of a network, how it learns, what keeps it honest, and how good it is."""
    return (*_answers(), *_learning(), *_optimisers(), *_generalising(), *_judging())


def _answers() -> tuple[Term, ...]:
    """What comes out."""
    return (
        Term(_("class"), _("One of the possible answers: here one of ten digits.")),
        Term(_("label"), _("The true class of an image, as a person has written it down.")),
        Term(
            _("score, logit"),
            _("The last layer's number for a class, of any size; softmax turns all scores into probabilities."),
        ),
        Term(
            _("softmax"),
            _("Turns scores into probabilities: e to the power of each, divided by their sum."),
            "nn.functional.softmax",
        ),
        Term(
            _("prediction"),
            _("The class with the highest score: the network's answer. To classify is to predict a class."),
        ),
        Term(
            _("confidence"),
            _(
                "The probability of the top class. It is calibrated: of the predictions with 90 %, about 90 % "
                "are correct, as long as a digit was drawn."
            ),
        ),
        Term(_("log-sum-exp"), _("The logarithm of the sum of e to the power of each score."), "torch.logsumexp"),
        Term(
            _("log-softmax"),
            _(
                "The logarithms of the probabilities, computed straight from the scores: each score minus the log-"
                "sum-exp. That is exact where softmax itself would round to 0."
            ),
            "nn.functional.log_softmax",
        ),
        Term(
            _("divergence from uniform"),
            _(
                "How far n probabilities are from all being 1/n: the mean of ln((1/n) / p), a Kullback-Leibler "
                "divergence. 0 where all are equal, large where most classes are ruled out."
            ),
            "nn.functional.kl_div",
        ),
        Term(
            _("multiply-add, MAC"),
            _("One product, added to a sum: nearly all of the work of a network."),
        ),
        Term(_("parameter"), _("A number that training changes: a weight or a bias."), "nn.Parameter"),
        Term(_("checkpoint"), _("The parameters at one moment of training, saved in a file.")),
    )


def _learning() -> tuple[Term, ...]:
    """How a network learns."""
    return (
        Term(
            _("training"),
            _(
                "Showing a network images with their labels, again and again, and changing its parameters a little "
                "each time so that the loss falls."
            ),
        ),
        Term(_("loss"), _("How wrong a prediction is, as one number; training makes it small.")),
        Term(
            _("cross-entropy"),
            _("The usual loss for classes: minus the logarithm of the probability of the true class."),
            "nn.functional.cross_entropy",
        ),
        Term(
            _("negative log-likelihood, NLL"),
            _(
                "The same loss where the logarithms of the probabilities are there already: minus the one of the true "
                "class."
            ),
            "nn.functional.nll_loss",
        ),
        Term(
            _("gradient"),
            _("How much the loss changes when one number changes a little; training steps against it."),
            "Tensor.grad",
        ),
        Term(
            _("backpropagation"),
            _(
                "Computing the gradients of all parameters in one pass from the loss back to the input, layer by "
                "layer, by the chain rule."
            ),
            "Tensor.backward",
        ),
        Term(
            _("autograd"),
            _("The part of PyTorch that records every operation, so that it can do backpropagation by itself."),
            "torch.autograd",
        ),
        Term(
            _("batch, mini-batch"),
            _("The images that are used together for one step; the gradient is their mean."),
            "batch_size",
        ),
        Term(_("step, update"), _("The parameters changed once, after one batch. Also called an iteration.")),
        Term(_("epoch"), _("One pass over all images of the training set, in batches.")),
        Term(_("learning rate"), _("How large a step against the gradient is."), "lr"),
        Term(
            _("initialisation"),
            _(
                "The random numbers with which weights begin. If all were equal, all kernels of a layer would learn "
                "the same."
            ),
        ),
        Term(
            _("seed"),
            _(
                "The number from which a random generator starts: the same seed gives the same random numbers, so a "
                "run can be repeated."
            ),
            "torch.manual_seed",
        ),
    )


def _optimisers() -> tuple[Term, ...]:
    """What makes a step of a gradient."""
    return (
        Term(_("optimiser"), _("The rule that turns gradients into a step."), "torch.optim"),
        Term(
            _("SGD"),
            _("Stochastic gradient descent: each parameter moves by learning rate × gradient of a batch, downhill."),
            "torch.optim.SGD",
        ),
        Term(
            _("momentum"),
            _(
                "A part of the last step is added to the next one, as a ball keeps rolling: quicker along a valley, "
                "calmer across it."
            ),
            "momentum",
        ),
        Term(
            _("Adam"),
            _(
                "An optimiser that gives each parameter a step of its own: the running mean of its gradients, divided"
                " by the square root of the running mean of their squares."
            ),
            "torch.optim.Adam",
        ),
        Term(
            _("weight decay"),
            _("Each step moves every weight a little towards 0, a large weight more: none grows without need."),
            "weight_decay",
        ),
        Term(
            _("learning rate schedule"),
            _("How the learning rate changes during a run; usually it becomes smaller towards the end."),
            "torch.optim.lr_scheduler",
        ),
    )


def _generalising() -> tuple[Term, ...]:
    """What is learned for pictures that were never seen."""
    return (
        Term(_("training set"), _("The images that a network learns from.")),
        Term(
            _("validation"),
            _("Measuring the network, during training, on images that it does not learn from: the validation set."),
        ),
        Term(_("test set"), _("Images that are kept aside until the end and decide nothing during training.")),
        Term(
            _("overfitting"),
            _(
                "Learning the training images by heart: the training loss still falls while the loss on other "
                "images rises."
            ),
        ),
        Term(
            _("regularisation, regulariser"),
            _("Whatever keeps a network from overfitting: weight decay, dropout, augmentation, more images."),
        ),
        Term(
            _("augmentation"),
            _(
                "Changing each training image a little at random (rotated, shifted, scaled …), so that a few do the "
                "work of many."
            ),
        ),
        Term(
            _("equivariance"),
            _(
                "When the input moves, the output moves likewise: the convolution of a shifted image is the "
                "shifted feature map, apart from the borders."
            ),
        ),
        Term(
            _("invariance"),
            _("When the input moves, the output stays the same. Pooling gives some of it, for small shifts."),
        ),
    )


def _judging() -> tuple[Term, ...]:
    """How good it is, and how to see it."""
    return (
        Term(_("accuracy"), _("The fraction of the images whose class is predicted correctly.")),
        Term(
            _("confusion matrix"),
            _(
                "A table with a row for each true class and a column for each predicted class; correct ones are on the "
                "diagonal."
            ),
        ),
        Term(
            _("calibration"),
            _("How well probabilities fit what happens: of all predictions with 80 %, four in five should be correct."),
        ),
        Term(
            _("embedding"),
            _(
                "The numbers that a layer computes from an image, taken as its place among other images: what the "
                "network finds alike lies close together."
            ),
        ),
        Term(
            _("PCA"),
            _(
                "Principal component analysis: the flat shadow of many-dimensional points in which they are spread "
                "most. It only rotates and projects."
            ),
        ),
        Term(
            _("t-SNE"),
            _(
                "A map of many-dimensional points on which neighbours stay neighbours; distances between far groups "
                "and sizes of groups say little."
            ),
        ),
        Term(
            _("GPU, CUDA"),
            _(
                "A processor that computes thousands of products at once, and the way in which PyTorch uses the ones "
                "by NVIDIA. This app works without."
            ),
        ),
    )
