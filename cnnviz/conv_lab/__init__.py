"""The convolution laboratory: any picture, any kernel, every setting, computed by PyTorch and traced like a network.

`kernels` (ready-made kernels and what can be done to one) · `pictures` · `settings` (what is asked for, whether it is
possible, and the nearest that is) · `sizes` (the formula with today's numbers) · `run` · `ways` (three ways to compute
the same) · `learning` (a kernel found by gradient descent) · `examples` · `records` (as JSON and as a link) · `code`.
"""
