"""cnnviz: understand a convolutional network by using one.

The package answers with plain records and PyTorch's own numbers; it works from a
notebook or a script. Only `cnnviz.ui` knows Streamlit, only `cnnviz.figures` knows Plotly.
"""

__version__ = "0.1.0"
