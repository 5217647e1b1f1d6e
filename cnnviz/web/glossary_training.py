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
        Term(_("label"), _("The class that a picture really shows, as a person has written it down: the true class.")),
        Term(
            _("score, logit"),
            _("What the last layer says for a class, any number; softmax makes probabilities of all of them."),
        ),
        Term(
            _("softmax"),
            _("Turns scores into probabilities: e to the power of each, divided by their sum."),
            "nn.functional.softmax",
        ),
        Term(_("prediction"), _("The class with the highest score: what the network takes the picture for.")),
        Term(
            _("confidence"),
            _(
                "The probability of the top class. It is calibrated: of the answers that are 90 % sure, about 90 % "
                "are right, as long as a digit was drawn."
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
            _("multiply-add, MAC"),
            _("One product, added to a sum: what nearly all of the work of a network consists of."),
        ),
        Term(_("parameter"), _("A number that training changes: a weight or a bias."), "nn.Parameter"),
        Term(_("checkpoint"), _("The parameters as they were at one moment, saved in a file.")),
    )


def _learning() -> tuple[Term, ...]:
    """How a network learns."""
    return (
        Term(
            _("training"),
            _(
                "Showing a network pictures with their labels, again and again, and changing its parameters a little "
                "each time so that the loss falls."
            ),
        ),
        Term(_("loss"), _("How wrong an answer is, as one number; training makes it small.")),
        Term(
            _("cross-entropy"),
            _("The usual loss for classes: minus the logarithm of the probability of the true class."),
            "nn.functional.cross_entropy",
        ),
        Term(
            _("negative log-likelihood, NLL"),
            _(
                "The same loss for one who has logarithms of probabilities already: it takes the one of the true "
                "class, and turns its sign."
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
                "Computing the gradients of all parameters in one walk from the loss back to the input, layer by "
                "layer, by the chain rule."
            ),
            "Tensor.backward",
        ),
        Term(
            _("autograd"),
            _("The part of PyTorch that notes every operation and so can do backpropagation by itself."),
            "torch.autograd",
        ),
        Term(
            _("batch, mini-batch"),
            _("The pictures that are shown together for one step; the gradient is their mean."),
            "batch_size",
        ),
        Term(_("step, update"), _("One batch shown and the parameters changed once. Also called an iteration.")),
        Term(_("epoch"), _("One pass over all pictures of the training set, in batches.")),
        Term(_("learning rate"), _("How large a step against the gradient is."), "lr"),
        Term(
            _("initialisation"),
            _(
                "The random numbers with which weights begin. Were all the same, all kernels of a layer would learn "
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
        Term(_("optimiser"), _("The rule that makes a step of the gradients."), "torch.optim"),
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
                " by the root of the running mean of their squares."
            ),
            "torch.optim.Adam",
        ),
        Term(
            _("weight decay"),
            _("A pull of every weight towards 0 in each step, the stronger the larger it is: none grows without need."),
            "weight_decay",
        ),
        Term(
            _("learning rate schedule"),
            _("How the learning rate changes during a run; most become smaller towards the end."),
            "torch.optim.lr_scheduler",
        ),
    )


def _generalising() -> tuple[Term, ...]:
    """What is learned for pictures that were never seen."""
    return (
        Term(_("training set"), _("The pictures that a network learns from.")),
        Term(
            _("validation"),
            _("Judging the network, during training, on pictures that it does not learn from: the validation set."),
        ),
        Term(_("test set"), _("Pictures that are kept aside until the end and decide nothing during training.")),
        Term(
            _("overfitting"),
            _(
                "Learning the training pictures by heart: the training loss still falls while the loss on other "
                "pictures rises."
            ),
        ),
        Term(
            _("regularisation, regulariser"),
            _("Whatever keeps a network from overfitting: weight decay, dropout, augmentation, more pictures."),
        ),
        Term(
            _("augmentation"),
            _(
                "Showing each training picture a little changed (turned, shifted, scaled …), so that a few do the "
                "work of many."
            ),
        ),
        Term(
            _("equivariance"),
            _(
                "What moves in the input moves in the output likewise: a convolution of a shifted picture is the "
                "shifted feature map, apart from the borders."
            ),
        ),
        Term(
            _("invariance"),
            _("What moves in the input changes nothing in the output. Pooling gives some of it, for small shifts."),
        ),
    )


def _judging() -> tuple[Term, ...]:
    """How good it is, and how to see it."""
    return (
        Term(_("accuracy"), _("The part of the pictures whose class is predicted right.")),
        Term(
            _("confusion matrix"),
            _(
                "A table with a row for each true class and a column for each prediction; all that is right stands on"
                " the diagonal."
            ),
        ),
        Term(
            _("calibration"),
            _("How well probabilities fit what happens: of all answers given with 80 %, four in five should be right."),
        ),
        Term(
            _("embedding"),
            _(
                "The numbers that a layer makes of a picture, taken as its place among other pictures: what the "
                "network finds alike lies close together."
            ),
        ),
        Term(
            _("PCA"),
            _(
                "Principal component analysis: the flat shadow of many-dimensional points in which they are spread "
                "most. It only turns and projects."
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
