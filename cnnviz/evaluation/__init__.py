"""How good a network is: accuracy, calibration, robustness, embeddings."""
