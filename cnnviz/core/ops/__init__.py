"""Operations: one object for each, however it is written; what it is, and which cells it reads."""

from cnnviz.core.ops import activations, arithmetic, moving, normalisation, sums, windows
from cnnviz.core.ops.call import Call, OpKind, OpRule, Ref, Shape, Shapes
from cnnviz.core.ops.operation import Operation, describe, find_operation, look_up, register, rule_of, spec_of

# importing them makes their operations known
MODULES = (activations, arithmetic, moving, normalisation, sums, windows)

__all__ = [
    "Call",
    "OpKind",
    "OpRule",
    "Operation",
    "Ref",
    "Shape",
    "Shapes",
    "describe",
    "find_operation",
    "look_up",
    "register",
    "rule_of",
    "spec_of",
]
