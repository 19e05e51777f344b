"""The shapes component, without a browser."""

import numpy as np
import pytest

from components.shapes import Circle, NGon, ShapeViewer


def of(viewer, kind):
    """The viewer's own shape of a kind."""
    return next(shape for shape in viewer.param["shape"].objects if type(shape) is kind)


def test_R4_a_radius_goes_from_0_to_1_and_an_ngon_has_3_to_10_corners_at_first_8():
    assert Circle.param.radius.bounds == NGon.param.radius.bounds == (0, 1)
    assert (NGon.param.n.bounds, NGon.param.n.default) == ((3, 10), 8)
    assert "n" not in Circle.param


@pytest.mark.parametrize("values", [{"radius": 1.1}, {"radius": -0.1}, {"n": 2}, {"n": 11}])
def test_R4_a_value_outside_its_bounds_is_refused(values):
    with pytest.raises(ValueError, match=r"must be at (most|least)"):
        NGon(**values)


def test_R4_the_title_is_a_heading_of_type_and_radius():
    viewer = ShapeViewer()
    assert viewer.title() == "## NGon (radius=1.0)"
    viewer.shape = of(viewer, Circle)
    viewer.shape.radius = 0.25
    assert viewer.title() == "## Circle (radius=0.2)"


@pytest.mark.parametrize("corners", [3, 8, 10])
def test_R4_an_ngon_has_n_corners_and_all_lie_on_its_radius(corners):
    x, y = NGon(n=corners, radius=0.5).outline()
    np.testing.assert_allclose(np.hypot(x, y), 0.5)
    assert len(set(zip(x.round(9), y.round(9), strict=True))) == len(x) == corners


def test_R4_the_plot_draws_the_chosen_shape():
    viewer = ShapeViewer()
    viewer.shape.n = 5
    assert len(viewer.plot().dimension_values(0)) == 5 + 1  # closed
    viewer.shape = of(viewer, Circle)
    assert len(viewer.plot().dimension_values(0)) == 100 + 1


def test_R4_the_controls_are_those_of_the_chosen_shape():
    viewer = ShapeViewer()
    assert [widget.label for widget in viewer.controls()] == ["Radius", "Corners"]
    viewer.shape = of(viewer, Circle)
    assert [widget.label for widget in viewer.controls()] == ["Radius"]


def test_defect_9_two_viewers_have_shapes_of_their_own():
    mine, other = ShapeViewer(), ShapeViewer()
    assert set(mine.param["shape"].objects).isdisjoint(other.param["shape"].objects)
    mine.shape.radius = 0.3
    mine.shape = of(mine, Circle)
    assert other.title() == "## NGon (radius=1.0)"
    assert not ShapeViewer.param["shape"].objects


@pytest.mark.parametrize("kind", [Circle, NGon, ShapeViewer])
def test_every_parameter_is_documented(kind):
    own = [name for name in kind.param if name != "name"]
    assert own and all(kind.param[name].doc for name in own)
