"""A network as a graph: what each operation is, which cells it reads, and the shapes that come out.

`draw_graph` runs nothing on real numbers: shapes come from tensors without data.
"""

from cnnviz.core.graph.build import draw_graph
from cnnviz.core.graph.graph import Graph, GraphError, Node
from cnnviz.core.graph.op_kind import Effect, How, Operation, Ref

__all__ = ["Effect", "Graph", "GraphError", "How", "Node", "Operation", "Ref", "draw_graph"]
