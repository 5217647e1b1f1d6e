"""A network as a graph: what each operation is, which cells it reads, and the shapes that come out.

`build_graph` runs nothing on real numbers: shapes come from tensors without data.
"""

from cnnviz.core.graph.build import build_graph, build_graph_to, graph_as_far_as_it_runs
from cnnviz.core.graph.graph import Graph, GraphError, Node
from cnnviz.core.graph.program import Program

__all__ = ["Graph", "GraphError", "Node", "Program", "build_graph", "build_graph_to", "graph_as_far_as_it_runs"]
