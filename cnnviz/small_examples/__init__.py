"""Small examples: one question each, inputs that can be changed, and the numbers as PyTorch computes them.

What a page shows as code is the source of the function that was run, with the reader's inputs in its call.
Refuses to know: pages.
"""
