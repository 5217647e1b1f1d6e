"""The convolution laboratory: any picture, any kernel, every setting, computed by PyTorch and traced like a network.

`kernel_presets` (ready-made kernels in place) · `images` · `settings` (what is asked for, whether it is possible, and
the nearest that is) · `output_sizes` (the formula with today's numbers) · `run` · `algorithms` (three ways to compute
the same) · `learning` (a kernel found by gradient descent) · `examples` · `to_json` (as JSON and as a link) ·
`pytorch_code`.
"""
