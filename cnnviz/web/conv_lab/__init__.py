"""The bench of the laboratory: image, kernel, settings, result, the sum behind every cell."""
