"""The functions behind the examples of training. Their source is shown, so they need nothing but PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def forget_zero_grad(
    inputs: list[float], targets: list[float], weight: float, rate: float, steps: int
) -> dict[str, object]:
    """The same steps of gradient descent on y = w·x, with the gradient set to 0 before each, and without."""
    x, y = torch.tensor(inputs, dtype=torch.float64), torch.tensor(targets, dtype=torch.float64)
    tables = {}
    for name in ("with", "without"):
        w = torch.tensor(float(weight), dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([w], lr=rate)
        rows = []
        for step in range(1, steps + 1):
            if name == "with":
                optimiser.zero_grad()
            loss = ((w * x - y) ** 2).mean()
            (own,) = torch.autograd.grad(loss, w, retain_graph=True)  # of this loss alone
            loss.backward()  # adds it to what is in w.grad
            gradient = float(w.grad or 0)
            optimiser.step()
            rows.append({
                "step": step, "loss": loss.item(), "own": own.item(), "gradient": gradient, "weight": w.item()
            })  # fmt: skip
        tables[name] = rows
    return {"with": tables["with"], "without": tables["without"]}


def compare_with_labels(predicted: list[float], labels: list[float]) -> dict[str, object]:
    """Which entries of two rows are equal, how many, and the fraction."""
    equal = torch.eq(torch.tensor(predicted), torch.tensor(labels))
    return {"equal": equal, "sum": equal.sum(), "accuracy": equal.float().mean()}


def accuracy_of_scores(scores: list[list[float]], labels: list[int]) -> dict[str, object]:
    """From scores to accuracy: one row an image, one column a class."""
    table = torch.tensor(scores)
    predicted = table.argmax(dim=1)
    equal = predicted == torch.tensor(labels)
    return {
        "scores": table,
        "predicted": predicted,
        "equal": equal,
        "sum": equal.sum(),
        "accuracy": equal.sum() / len(labels),
    }


def mini_batch_as_product(
    weight: list[list[float]], inputs: list[list[float]], images: int, batches: list[int]
) -> dict[str, object]:
    """Input vectors side by side in one matrix: one product gives all outputs."""
    w = torch.tensor(weight, dtype=torch.float32)  # (outputs, inputs)
    x = torch.tensor(inputs, dtype=torch.float32)  # (inputs, vectors): each column is one
    one_by_one = [w @ column for column in x.T]
    together = w @ x
    return {
        "together": together,
        "one_by_one": torch.stack(one_by_one, dim=1),
        "equal": torch.equal(torch.stack(one_by_one, dim=1), together),
        "updates": [{"batch": batch, "updates": -(-images // batch)} for batch in batches],
    }


def print_network_and_optimiser(optimiser: str, rate: float, beta1: float, beta2: float) -> dict[str, object]:
    """What `print` shows of a network and of its optimiser."""
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 10),
    )  # fmt: skip
    if optimiser == "Adam":
        made: torch.optim.Optimizer = torch.optim.Adam(network.parameters(), lr=rate, betas=(beta1, beta2))
    else:
        made = torch.optim.SGD(network.parameters(), lr=rate)
    return {
        "network": str(network),
        "parameters": sum(one.numel() for one in network.parameters()),
        "sizes": [{"name": name, "shape": f"{tuple(one.shape)}", "numbers": one.numel()}
                  for name, one in network.named_parameters()],
        "optimiser": str(made),
    }  # fmt: skip


def learn_a_number(
    features: list[list[float]], targets: list[float], rate: float, steps: int, seed: int
) -> dict[str, object]:
    """A last layer for a number: one output, and the mean squared error as its loss."""
    torch.manual_seed(seed)
    x = torch.tensor(features, dtype=torch.float32)
    y = torch.tensor(targets, dtype=torch.float32)[:, None]
    head = nn.Linear(x.shape[1], 1)
    optimiser = torch.optim.SGD(head.parameters(), lr=rate)
    losses = []
    for step in range(steps + 1):
        loss = functional.mse_loss(head(x), y)
        if step in (0, 1, steps // 10, steps):
            losses.append({"step": step, "loss": loss.item()})
        optimiser.zero_grad()
        loss.backward()
        if step < steps:
            optimiser.step()
    with torch.no_grad():
        outputs = head(x)
    return {
        "weight": f"{tuple(head.weight.shape)}",
        "losses": losses,
        "table": [{"target": target.item(), "output": output.item(), "squared": ((output - target) ** 2).item()}
                  for target, output in zip(y, outputs, strict=True)],
        "learned": torch.cat([head.weight.detach()[0], head.bias.detach()]),
    }  # fmt: skip


def penalise_squares(
    weights: list[float], inputs: list[float], target: float, penalty: float, rate: float, optimiser: str, steps: int
) -> dict[str, object]:
    """The same steps on (w·x − y)²: alone, with λ · Σ w² added to the loss, and with weight_decay = 2λ."""
    x = torch.tensor(inputs, dtype=torch.float64)
    makes = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}
    ways, first, ends = {}, [], {}
    for name, factor, decay in (("alone", 0.0, 0.0), ("penalty", penalty, 0.0), ("decay", 0.0, 2 * penalty)):
        w = torch.tensor(weights, dtype=torch.float64, requires_grad=True)
        step = makes[optimiser]([w], lr=rate, weight_decay=decay)
        for number in range(steps):
            loss = (w @ x - target) ** 2
            whole = loss + factor * w.pow(2).sum()
            step.zero_grad()
            whole.backward()
            if number == 0 and name == "penalty":
                (own,) = torch.autograd.grad((w @ x - target) ** 2, w)
                columns = (w.tolist(), own.tolist(), w.grad.tolist())  # type: ignore[union-attr]
                for each, alone, both in zip(*columns, strict=True):
                    first.append({"weight": each, "own": alone, "pull": 2 * penalty * each, "gradient": both})
                ways["loss"], ways["squares"] = loss.item(), w.pow(2).sum().item()
                ways["penalty"], ways["whole"] = factor * ways["squares"], whole.item()
            step.step()
        ends[name] = w.detach()
    return {
        **ways,
        "first": first,
        "after": [{"name": name, "squares": w.pow(2).sum().item(), "loss": ((w @ x - target) ** 2).item()}
                  for name, w in ends.items()],
        "learned": torch.stack(list(ends.values())),
        "apart": (ends["penalty"] - ends["decay"]).abs().max().item(),
    }  # fmt: skip
