"""What a unit can see: in the image, and in every layer before its own.

`sights` answers for all units of all layers at once, by formula and index sets per axis;
`field` answers for one unit, cell by cell; `effective` says how strongly, for given images.
"""

from cnnviz.pixel_sets import Status
from cnnviz.receptive.effective import Effective, effective
from cnnviz.receptive.field import field
from cnnviz.receptive.record import Box, Field, Reason, Seen
from cnnviz.receptive.sights import Sight, sights

__all__ = ["Box", "Effective", "Field", "Reason", "Seen", "Sight", "Status", "effective", "field", "sights"]
