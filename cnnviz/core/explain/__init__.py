"""One cell in numbers: every value that goes into a unit's number, and how they make it.

`explain(layer, unit)` gives the record of one cell of any kind of layer (`ConvCell`, `PoolCell`, `NormCell` …), whose
arithmetic has been checked against the number that PyTorch gave. What a trace cannot know (a batch, a dropout mask,
the maps before a flatten, a temperature) has a function of its own.
Refuses to know: how many digits are shown (`cnnviz.figures.rounding`), and how a cell is drawn.
"""

from cnnviz.core.explain.activation import ActivationCell
from cnnviz.core.explain.arithmetic import AddCell, ProductCell
from cnnviz.core.explain.cell import Cell, ExplainError, explain
from cnnviz.core.explain.convolution import ConvCell
from cnnviz.core.explain.dense import DenseCell, explain_dense
from cnnviz.core.explain.dropout import DropoutCell, dropout_mask, explain_dropout
from cnnviz.core.explain.flatten import FlattenCell, cell_of_entry
from cnnviz.core.explain.moved import MovedCell
from cnnviz.core.explain.normalisation import NormCell, RunningStatisticsStep, Statistics, explain_batch_statistics
from cnnviz.core.explain.pooling import PoolCell, divisors, winning_taps
from cnnviz.core.explain.softmax import SoftmaxCell, SoftmaxUnitCell, explain_softmax
from cnnviz.core.explain.terms import CellTerms, Term, terms_of
from cnnviz.core.explain.weighted import ExtremeCell, WeightedCell
from cnnviz.core.explain.windows_nd import ConvNdCell, PoolNdCell

__all__ = [
    "ActivationCell",
    "AddCell",
    "Cell",
    "CellTerms",
    "ConvCell",
    "ConvNdCell",
    "DenseCell",
    "DropoutCell",
    "ExplainError",
    "ExtremeCell",
    "FlattenCell",
    "MovedCell",
    "NormCell",
    "PoolCell",
    "PoolNdCell",
    "ProductCell",
    "RunningStatisticsStep",
    "SoftmaxCell",
    "SoftmaxUnitCell",
    "Statistics",
    "Term",
    "WeightedCell",
    "cell_of_entry",
    "divisors",
    "dropout_mask",
    "explain",
    "explain_batch_statistics",
    "explain_dense",
    "explain_dropout",
    "explain_softmax",
    "terms_of",
    "winning_taps",
]
