"""The walk: one cell in numbers, and the steps from cell to cell. Part of the explorer, in files of its own."""
