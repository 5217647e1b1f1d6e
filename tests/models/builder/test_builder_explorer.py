"""What the rest of the product makes of a built network: it is traced as it runs, and what cannot be walked is said."""

import numpy as np
import pytest
import torch

from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.models.builder import build_module, inspect_spec, preset


@pytest.mark.parametrize("key", ["birds_residual", "birds_batch_norm", "lenet5", "xor"])
def test_a_built_network_is_traced_layer_by_layer(key: str):
    torch.manual_seed(0)
    blueprint, network = preset(key), build_module(preset(key))
    image = np.random.default_rng(0).random(blueprint.input_shape, dtype=np.float32)
    made = trace(network, image)
    rows = inspect_spec(blueprint).rows
    shapes = {layer.spec.path: layer.output.shape for layer in made.layers}
    assert {row.name: row.output_shape for row in rows}.items() <= (shapes | blocks(shapes)).items()
    with torch.no_grad():
        scores = network.eval()(torch.tensor(image)[None])[0]
    np.testing.assert_allclose(made.logits, scores.numpy(), atol=1e-6)


def blocks(shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The shape that leaves each block: that of its last layer."""
    return {path.rpartition(".")[0]: shape for path, shape in shapes.items() if "." in path}


def test_the_layers_of_a_residual_block_are_there_and_its_shortcut_adds_what_went_in():
    made = trace(build_module(preset("birds_residual")), np.ones((3, 32, 32), np.float32))
    add = made.layers[made.position("block1.add")]
    assert add.spec.kind is Kind.ADD
    branch, shortcut = (made.layers[source - 1].spec.path for source in add.sources)
    assert {branch, shortcut} == {"block1.activation", "pool2"}
    np.testing.assert_array_equal(add.output, add.inputs[0] + add.inputs[1])
    assert made.layers[made.position("block1.conv")].spec.parameters == 16 * (9 * 16 + 1)
