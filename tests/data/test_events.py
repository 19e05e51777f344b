"""The event log, read by cursor."""

from data.commands import AddDam
from data.events import counts_after, read_after, read_before


def test_the_log_is_read_between_two_numbers(app):
    for i in range(6):
        app.send(
            AddDam(name=f"Dam {i}", owner="Other", river="R", date_built="1950", longitude=-90.0, latitude=35.0),
            user_name="local",
        )
    with app.reading() as db:
        assert [event.number for event in read_after(db, 2, until=4)] == [3, 4]
        assert [event.number for event in read_before(db, after=6)] == [8, 7]
        assert counts_after(db, 2, until=4) == {"dam_added": 2}
        assert counts_after(db, 7, until=7) == {}
