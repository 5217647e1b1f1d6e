"""One network, one image, every number: layers, geometry, traces, receptive fields, edits, one training step."""
