"""Networks and weights from outside: files of other people, read without running anything from them.

`pt2` reads what torch.export saved, `onnx` an ONNX file, `state_dict` weights alone, and `architectures` names the
networks that such weights may belong to.
"""

from cnnviz.models.importers.records import ImportedNetwork, ImportedNetworkError, ImportLimits

__all__ = ["ImportLimits", "ImportedNetwork", "ImportedNetworkError"]
