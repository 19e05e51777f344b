"""Series of a dam: kept with all that was read of them, added to by a newer file, and told in the log."""

import numpy as np
import pandas as pd
import pytest

from data import reads, series_points
from data.commands import AddDam, AssignSeries, DeleteDam, NotAllowed, Rejected, RemoveSeries, Unchanged
from data.series import About, Series, SeriesFile

FLOW = About(
    id="USGS:02177000:00060",
    name="Chattooga",
    parameter="00060",
    unit="cfs",
    timezone="UTC-05:00",
    statistic="mean",
    source="US Geological Survey, NWIS",
)
MARCH = pd.date_range("2014-03-01", periods=4, freq="D", tz="UTC", unit="us", name="time")


def points(values, flags=None, index=MARCH):
    flags = pd.Categorical(flags or ["A"] * len(values))
    return pd.DataFrame({"value": np.array(values, dtype="float64"), "flag": flags}, index=index[: len(values)])


def file(*frames, about=FLOW, name="flow.rdb", **report):
    return SeriesFile(name, "USGS RDB", tuple(Series(about, one, len(one)) for one in frames), **report)


@pytest.fixture
def dam_id(app):
    command = AddDam(name="D", owner="Other", river="R", date_built="1950", longitude=-90.0, latitude=35.0)
    return app.send(command, user_name="local").dam_id


def assign(app, dam_id, file, **more):
    return app.send(
        AssignSeries(dam_id=dam_id, file=file, roles={one.about.id: "inflow" for one in file.series}, **more),
        user_name="local",
    )


def kept(app, dam_id):
    with app.reading() as db:
        return reads.series(db, dam_id)


def test_points_come_back_as_they_were(app, dam_id):
    given = points([1.5, np.nan, -3.0, 0.0], ["A", "P Ice", "", "A:e"])
    assign(app, dam_id, file(given))
    (stored,) = kept(app, dam_id)
    pd.testing.assert_frame_equal(stored.series.points, given, check_categorical=False, check_freq=False)
    assert (stored.series.about, stored.role, stored.file_name) == (FLOW, "inflow", "flow.rdb")


def test_hours_without_a_date_come_back_as_hours():
    given = points([1.0, 2.0], index=pd.to_timedelta([0, 90], unit="min").as_unit("us").rename("time"))
    pd.testing.assert_frame_equal(series_points.unpack(series_points.pack(given)), given, check_categorical=False)


def test_a_newer_file_adds_to_a_series_and_its_values_count(app, dam_id):
    assign(app, dam_id, file(points([1, 2, 3], ["P", "P", "P"])))
    assign(app, dam_id, file(points([2, 30, 4], ["A", "P", "P"], MARCH[1:])))
    (stored,) = kept(app, dam_id)
    assert stored.series.points["value"].tolist() == [1, 2, 30, 4]
    assert stored.series.points["flag"].tolist() == ["P", "A", "P", "P"]
    with app.reading() as db:
        from data import events

        (told,) = events.read_before(db, limit=1)
    assert told.kind == "series_assigned"
    assert told.body["series"] == [{"id": FLOW.id, "role": "inflow", "points": 4, "added": 1, "changed": 2}]


def test_columns_of_the_same_name_in_two_files_are_two_series(app, dam_id):
    from dataclasses import replace

    column = replace(FLOW, id="Flow", source="")
    assign(app, dam_id, file(points([1, 2]), about=column, name="april1999.csv"))
    assign(app, dam_id, file(points([3, 4]), about=column, name="june1965.csv"))
    assert [one.series.about.id for one in kept(app, dam_id)] == ["Flow (april1999.csv)", "Flow (june1965.csv)"]
    assign(app, dam_id, file(points([5, 6, 7]), about=column, name="june1965.csv"))
    assert [one.series.points["value"].tolist() for one in kept(app, dam_id)] == [[1, 2], [5, 6, 7]]


def test_a_file_that_brings_nothing_new_is_refused(app, dam_id):
    assign(app, dam_id, file(points([1, np.nan])))
    with pytest.raises(Unchanged, match=r'"D" has every value of flow\.rdb already\.'):
        assign(app, dam_id, file(points([1, np.nan])))


def test_a_series_of_another_unit_is_not_mixed_in(app, dam_id):
    from dataclasses import replace

    assign(app, dam_id, file(points([1, 2])))
    with pytest.raises(Rejected, match="is kept in cfs, and this file has it in m3/s"):
        assign(app, dam_id, file(points([3, 4]), about=replace(FLOW, unit="m3/s")))
    assert kept(app, dam_id)[0].series.points["value"].tolist() == [1, 2]


def test_refused_rows_must_be_accepted(app, dam_id):
    from data.frames import RefusedRow

    part = file(points([1, 2]), rejected=(RefusedRow(7, "Not a number.", "x"),))
    with pytest.raises(Rejected, match="Not every line was understood"):
        assign(app, dam_id, part)
    assign(app, dam_id, part, accepted=True)
    assert kept(app, dam_id)[0].report["refused"] == 1


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        ({}, "Say of one series at least"),
        ({FLOW.id: "flood"}, "'flood' is not one of inflow, outflow"),
        ({"other": "inflow"}, "The file has no series 'other'"),
    ],
)
def test_roles_are_checked(app, dam_id, roles, why):
    with pytest.raises(Rejected, match=why):
        app.send(AssignSeries(dam_id=dam_id, file=file(points([1])), roles=roles), user_name="local")


def test_it_needs_the_right(app, dam_id):
    command = AssignSeries(dam_id=dam_id, file=file(points([1])), roles={FLOW.id: "inflow"})
    with pytest.raises(NotAllowed, match="may not assign"):
        app.send(command, user_name="diviewer")


def test_a_series_is_removed_and_goes_with_its_dam(app, dam_id):
    assign(app, dam_id, file(points([1, 2])))
    app.send(RemoveSeries(series_id=kept(app, dam_id)[0].series_id), user_name="local")
    assert kept(app, dam_id) == ()
    with pytest.raises(Rejected, match="may have been removed"):
        app.send(RemoveSeries(series_id=1), user_name="local")
    assign(app, dam_id, file(points([1, 2])))
    app.send(DeleteDam(dam_id=dam_id), user_name="local")
    assert kept(app, dam_id) == ()
