"""Multiply-adds: counted by a formula, or said to be not counted; never a silent 0. Networks run in their own dtype."""

import pytest
import torch
from torch import nn

from cnnviz.cli.summary import format_summary
from cnnviz.models.summary import summarise


class Calls(nn.Module):
    """A network of one function of its input."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function, self.scale = function, nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The function, once."""
        return self.function(x * self.scale)


class Pairs(nn.Module):
    """A bilinear layer of the rows of a picture with themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs = nn.Bilinear(4, 4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(1, 1, 3, 4) → (1, 1, 3, 5)."""
        return self.pairs(x, x)


def test_a_bilinear_layer_counts_both_of_its_products_at_each_position():
    assert summarise(Pairs(), (1, 3, 4)).macs == 3 * (5 * 4 * 4 + 5 * 4)


@pytest.mark.parametrize(
    ("function", "macs"),
    [
        (lambda x: torch.mv(x[0, 0], x[0, 0, 0]), 4 * 4), (lambda x: torch.dot(x[0, 0, 0], x[0, 0, 1]), 4),
        (lambda x: torch.addbmm(x[0, 0], x[0], x[0]), 2 * 4 * 4 * 4), (lambda x: x[0, 0] @ x[0, 1], 4 * 4 * 4),
        (lambda x: torch.addmv(x[0, 0, 0], x[0, 0], x[0, 0, 0]), 4 * 4), (torch.relu, 0),
    ],
)  # fmt: skip
def test_products_that_pytorch_does_not_count_are_counted(function, macs: int):
    summary = summarise(Calls(function), (2, 4, 4))
    assert (summary.macs, summary.is_counted) == (macs, True)


@pytest.mark.parametrize(
    "function",
    [lambda x: torch.cdist(x, x), torch.fft.fft2, lambda x: nn.functional.grid_sample(x, x.permute(0, 2, 3, 1))],
)
@pytest.mark.filterwarnings("ignore:Default grid_sample")
def test_what_cannot_be_counted_is_said_not_to_be(function):
    summary = summarise(Calls(function), (2, 4, 4))
    assert not summary.is_counted
    assert summary.to_record()["total"]["macs"] is None
    assert any(layer["macs"] is None for layer in summary.to_record()["layers"])
    assert "not counted" in format_summary(summary)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_network_is_summarised_in_its_own_dtype(dtype: torch.dtype):
    def made() -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 3))

    assert summarise(made().to(dtype), (1, 5, 5)).to_record() == summarise(made(), (1, 5, 5)).to_record()
