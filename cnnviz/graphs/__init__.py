"""A network as a graph: what each operation is, which cells it reads, and the shapes that come out.

`draw_graph` runs nothing on real numbers: shapes come from tensors without data.
"""

from cnnviz.graphs.operations import Effect, How, Operation, Ref
from cnnviz.graphs.record import Graph, GraphError, Node
from cnnviz.graphs.tracing import draw_graph

__all__ = ["Effect", "Graph", "GraphError", "How", "Node", "Operation", "Ref", "draw_graph"]
