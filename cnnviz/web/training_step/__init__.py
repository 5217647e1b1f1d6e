"""One training step as a walk: forward, loss, backwards layer by layer, update."""
