"""What is fast, measured: `python3 start.py bench` prints every row as one table.

Each row is a median (and p95) of many, or a ratio of two things measured in turns in the same run, beside its
budget. Machines are noisy: read ratios and medians, and measure while nothing else runs.
"""
