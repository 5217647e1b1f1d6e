"""What the rest of the product makes of a built network: it is traced as it runs, and what cannot be walked is said."""

import numpy as np
import pytest
import torch

from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.models.builder import build_module, inspect_spec, preset


@pytest.mark.parametrize("key", ["birds_residual", "birds_batch_norm", "lenet5", "xor"])
def test_a_built_network_is_traced_layer_by_layer(key: str):
    torch.manual_seed(0)
    blueprint, network = preset(key), build_module(preset(key))
    image = np.random.default_rng(0).random(blueprint.input_shape, dtype=np.float32)
    made = trace(network, image)
    rows = inspect_spec(blueprint).rows
    assert [(layer.spec.path, layer.output.shape) for layer in made.layers] == [(r.name, r.output_shape) for r in rows]
    with torch.no_grad():
        scores = network.eval()(torch.tensor(image)[None])[0]
    np.testing.assert_allclose(made.logits, scores.numpy(), atol=1e-6)


def test_a_residual_block_is_shown_whole_and_called_unsupported_where_layers_are_walked():
    network = build_module(preset("birds_residual"))
    made = trace(network, np.ones((3, 32, 32), np.float32))
    block = made.layers[made.position("block1")]
    assert (block.spec.kind, block.spec.type_name) == (Kind.UNSUPPORTED, "ResidualBlock")
    assert block.spec.parameters == 16 * (9 * 16 + 1)
    assert UnitRef("block1", 0, 0, 0).within(block.output.shape) == (0, 0, 0)
