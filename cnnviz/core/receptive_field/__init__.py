"""What a unit can see: in the image, and in every layer before its own.

`sights` answers for all units of all layers at once, by formula and index sets per axis;
`field` answers for one unit, cell by cell; `effective` says how strongly, for given images.
"""

from cnnviz.core.pixel_sets import Status
from cnnviz.core.receptive_field.effective import Effective, effective
from cnnviz.core.receptive_field.field import field
from cnnviz.core.receptive_field.per_layer import Sight, sights
from cnnviz.core.receptive_field.record import Box, Field, Reason, Seen

__all__ = ["Box", "Effective", "Field", "Reason", "Seen", "Sight", "Status", "effective", "field", "sights"]
