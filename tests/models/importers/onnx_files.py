"""ONNX files for the tests, put together step by step with `onnx.helper`, and what they give by another hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


class Step:
    """One step: what it takes (names, and arrays that become constants), what it gives, its settings."""

    def __init__(self, operator: str, *inputs: Any, outputs: Sequence[str] = (), name: str = "", **settings: Any):
        self.operator, self.inputs, self.outputs = operator, inputs, tuple(outputs)
        self.name, self.settings = name, settings


def onnx_model(
    *steps: Step, shape: Sequence[Any] = (1, 4, 6, 6), opset: int = 18, outputs: Sequence[str] = (), **kept: Any
) -> onnx.ModelProto:
    """A graph of steps, each reading the one before where its first input is None; the last one gives the output."""
    constants, nodes, last = [], [], "image"
    for number, step in enumerate(steps):
        names = []
        for place, given in enumerate(step.inputs or (() if step.operator == "Constant" else (None,))):
            if isinstance(given, np.ndarray):
                constants.append(numpy_helper.from_array(given, f"c{number}.{place}"))
            names.append(constants[-1].name if isinstance(given, np.ndarray) else last if given is None else given)
        given_names = list(step.outputs) or [f"v{number}"]
        name = step.name or f"/part/step{number}/{step.operator}"
        nodes.append(helper.make_node(step.operator, names, given_names, name=name, **step.settings))
        last = given_names[0]
    image = helper.make_tensor_value_info("image", kept.get("kind", TensorProto.FLOAT), list(shape))
    results = [onnx.ValueInfoProto(name=name) for name in outputs or [last]]
    graph = helper.make_graph(nodes, "graph", [image], results, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="tests")


def expected(model: onnx.ModelProto, image: np.ndarray) -> np.ndarray:
    """By onnx's own evaluator, which is written with NumPy alone."""
    return ReferenceEvaluator(model).run(None, {"image": image})[0]
