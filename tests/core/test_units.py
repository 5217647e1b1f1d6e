"""A unit is inside its map, or says why not."""

import pytest

from cnnviz.core.units import UnitRef


def test_a_unit_is_an_index_into_its_map_and_into_a_vector():
    assert UnitRef("pool1", 3, 0, 1).within((16, 14, 14)) == (3, 0, 1)
    assert UnitRef("fc", 9).within((10,)) == (9,)


@pytest.mark.parametrize(
    ("unit", "shape"),
    [
        (UnitRef("pool1", 16, 0, 0), (16, 14, 14)),
        (UnitRef("pool1", 0, 14, 0), (16, 14, 14)),
        (UnitRef("pool1", 0, 0, -1), (16, 14, 14)),
        (UnitRef("fc", 10), (10,)),
        (UnitRef("fc", 0, 1, 0), (10,)),
    ],
)
def test_a_unit_outside_says_what_was_asked_and_what_there_is(unit, shape):
    with pytest.raises(
        IndexError, match=rf"unit must lie within {unit.layer}, of shape {'×'.join(map(str, shape))}, got"
    ):
        unit.within(shape)
