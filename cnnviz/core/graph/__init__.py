"""A network as a graph: what each operation is, which cells it reads, and the shapes that come out.

`build_graph` runs nothing on real numbers: shapes come from tensors without data.
"""

from cnnviz.core.graph.build import build_graph
from cnnviz.core.graph.graph import Graph, GraphError, Node
from cnnviz.core.graph.op_kind import Operation, OpKind, OpRule, Ref

__all__ = ["Graph", "GraphError", "Node", "OpKind", "OpRule", "Operation", "Ref", "build_graph"]
