"""What a unit can see: in the image, and in every layer before its own.

`layer_receptive_fields` answers for all units of all layers at once, by formula and index sets per axis;
`receptive_field` answers for one unit, cell by cell; `effective_field` says how strongly, for given images.
"""

from cnnviz.core.pixel_sets import FieldStatus
from cnnviz.core.receptive_field.effective import EffectiveField, effective_field
from cnnviz.core.receptive_field.field import receptive_field
from cnnviz.core.receptive_field.per_layer import LayerReceptiveField, layer_receptive_fields
from cnnviz.core.receptive_field.projective import projective_field
from cnnviz.core.receptive_field.record import Box, PixelSet, Reason, ReceptiveField

__all__ = [
    "Box",
    "EffectiveField",
    "FieldStatus",
    "LayerReceptiveField",
    "PixelSet",
    "Reason",
    "ReceptiveField",
    "effective_field",
    "layer_receptive_fields",
    "projective_field",
    "receptive_field",
]
