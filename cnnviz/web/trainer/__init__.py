"""Training, watched: curves, kernels, maps, answers and mistakes of one run or two."""
