"""Each activation in all its forms: what is built, what is written in PyTorch and in Keras, what the editor calls it.

One record for each, so that a new activation is one entry here. Refuses to know: its values (`core/explain`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnviz.i18n import _
from cnnviz.models.builder.layer_config import Activation


@dataclass(frozen=True)
class ActivationForms:
    """One activation: the module with PyTorch's own settings, and the same in the other forms.

    >>> from cnnviz.models.builder.activations import FORMS
    >>> from cnnviz.models.builder.layer_config import Activation
    >>> FORMS[Activation.GELU].constructed
    'nn.GELU()'
    """

    module: type[nn.Module]
    called: str  # as an expression of x
    keras: str  # the layer, still open for its name
    describe: Callable[[], str]  # called when shown, so that it speaks the reader's language

    @property
    def constructed(self) -> str:
        """The module as code."""
        return f"nn.{self.module.__name__}()"


FORMS: dict[Activation, ActivationForms] = {
    Activation.RELU: ActivationForms(nn.ReLU, "functional.relu(x)", 'Activation("relu"', lambda: "ReLU"),
    Activation.TANH: ActivationForms(nn.Tanh, "torch.tanh(x)", 'Activation("tanh"', lambda: "tanh"),
    Activation.SIGMOID: ActivationForms(nn.Sigmoid, "torch.sigmoid(x)", 'Activation("sigmoid"', lambda: "sigmoid"),
    Activation.LEAKY_RELU: ActivationForms(
        nn.LeakyReLU, "functional.leaky_relu(x)", "LeakyReLU(negative_slope=0.01", lambda: "leaky ReLU"
    ),
    Activation.GELU: ActivationForms(nn.GELU, "functional.gelu(x)", 'Activation("gelu"', lambda: "GELU"),
    Activation.NONE: ActivationForms(nn.Identity, "x", 'Activation("linear"', lambda: _("none")),
}
