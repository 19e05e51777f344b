"""The outlines: the right places, in Web Mercator, small enough to send."""

import numpy as np
import pytest

from data import outline_shapes


def test_mercator_agrees_with_the_worked_example_of_epsg_3857():
    # IOGP Guidance Note 7-2 (2019), method 1024: 24°22'54.433"N, 100°20'00.000"W.
    x, y = outline_shapes.to_mercator(-(100 + 20 / 60), 24 + 22 / 60 + 54.433 / 3600)
    assert (x, y) == pytest.approx((-11169055.58, 2800000.00), abs=0.01)


def test_degrees_come_back_from_mercator():
    longitude, latitude = np.array([-180.0, -111.529133, 0, 180]), np.array([-85.0, 40.406624, 0, 85])
    back = outline_shapes.to_degrees(*outline_shapes.to_mercator(longitude, latitude))
    assert np.allclose(back, [longitude, latitude], atol=1e-9)


def test_the_poles_lie_on_the_edge_of_the_map_not_at_infinity():
    _, y = outline_shapes.to_mercator(np.array([0.0, 0.0]), np.array([90.0, -90.0]))
    assert np.allclose(np.abs(y), np.pi * outline_shapes.RADIUS, rtol=1e-6)


def test_the_outlines_of_one_page_are_at_most_260_kB():
    sent = [*outline_shapes.states(), *outline_shapes.countries()]
    assert {part.dtype for part in sent} == {np.dtype("float32")}
    assert 150_000 < sum(part.nbytes for part in sent) <= 260_000


def test_the_outlines_are_made_once_and_nobody_can_change_them():
    assert outline_shapes.states() is outline_shapes.states()
    with pytest.raises(ValueError, match="read-only"):
        outline_shapes.countries().x[0] = 0


def rings(outlines):
    ends = np.flatnonzero(np.isnan(outlines.x))
    return [np.column_stack(outlines)[start:end] for start, end in zip([0, *ends[:-1] + 1], ends, strict=True)]


@pytest.mark.parametrize("outlines", [outline_shapes.states, outline_shapes.countries], ids=["states", "countries"])
def test_each_ring_is_closed_and_none_runs_across_the_whole_map(outlines):
    found = rings(outlines())
    assert len(found) > 100
    for ring in found:
        assert len(ring) >= 4
        assert np.array_equal(ring[0], ring[-1])
        assert np.abs(np.diff(ring[:, 0])).max() < 3e6


def holds(ring, x, y):
    """Whether a ring holds a point, by counting the edges east of it."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    crossed = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return bool(np.sum(crossed & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)) % 2)


@pytest.mark.parametrize(
    ("place", "in_states", "in_countries"),
    [
        ((-111.53, 40.41), True, False),  # Deer Creek dam, Utah
        ((-149.9, 61.2), True, False),  # Anchorage
        ((-75.7, 46.0), False, True),  # Gatineau, Canada
        ((-99.1, 19.4), False, True),  # Mexico City
        ((37.6, 55.7), False, True),  # Moscow: Russia's ring passes longitude 180
        ((-140.0, 30.0), False, False),  # the Pacific
    ],
)
def test_places_lie_in_the_outlines_that_they_belong_to(place, in_states, in_countries):
    x, y = outline_shapes.to_mercator(*place)
    assert any(holds(ring, x, y) for ring in rings(outline_shapes.states())) is in_states
    assert any(holds(ring, x, y) for ring in rings(outline_shapes.countries())) is in_countries


def test_counties_are_given_for_the_box_alone_with_their_names_amid_them():
    found = outline_shapes.counties(-111.6, 40.3, -111.3, 40.7)
    assert {"Wasatch", "Utah", "Summit"} <= set(found.names)
    assert len(found.names) < 8
    shapes = rings(found.outlines)
    for name, ring, x, y in zip(found.names, shapes, found.x, found.y, strict=True):
        assert holds(ring, x, y), name


def test_open_sea_holds_no_county():
    found = outline_shapes.counties(0, 0, 1, 1)
    assert found.names == []
    assert np.isnan(found.outlines.x).all()


def test_what_lies_ready_is_what_the_published_files_say():
    made, kept = outline_shapes.prepare(), outline_shapes._prepared()
    assert made.keys() == kept.keys()
    for name in made:
        assert np.array_equal(made[name], kept[name], equal_nan=name in ("states", "countries")), name
