"""One command of each kind, carried out in a process that is killed in the midst of it."""

import csv
import datetime as dt
import io
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dashboard.services import Services
from dashboard.settings import Settings
from data.commands import (
    AcceptInvitation,
    AddDam,
    AddUser,
    AdmitUser,
    AssignHydrograph,
    AssignSeries,
    ChangeRole,
    ChangeUser,
    Command,
    DeleteDam,
    EditDam,
    EndSignIns,
    ImportInventory,
    InviteUser,
    RemoveHydrograph,
    RemoveRole,
    RemoveSeries,
    RemoveUser,
    SetPassword,
    SignIn,
    SignOut,
    Undo,
)
from data.importers import hydrograph_csv, inventory
from data.series import About, Series, SeriesFile

_FIELDS = {"owner": "Other", "river": "River", "date_built": "1950", "longitude": -111.5, "latitude": 40.5}
_DAMS = (
    ("Dam Name", "NID ID", "State", "Latitude", "Longitude", "Hazard Potential Classification"),
    ("First", "ZZ00001", "Utah", "40.0", "-111.0", "Low"),
    ("Second", "ZZ00002", "Utah", "40.1", "-111.1", "High"),
    ("Third", "ZZ00003", "Idaho", "43.1", "-114.1", "High"),
)


def _hydrograph():
    return hydrograph_csv.read("flood.csv", b"time [hr],flow [cfs]\n0,0\n1,20\n2,45\n")


def _series():
    about = About(id="USGS:1:00060", name="Creek", parameter="00060", unit="cfs", timezone="UTC", source="US Survey")
    index = pd.date_range("2014-03-01", periods=3, freq="D", tz="UTC", unit="us", name="time")
    points = pd.DataFrame({"value": np.array([1.0, 2.0, 3.0]), "flag": pd.Categorical(["A"] * 3)}, index=index)
    return SeriesFile("flow.rdb", "USGS RDB", (Series(about, points, 3),))


def _inventory(folder: Path):
    text = io.StringIO()
    text.write("Data Last Updated: 2025-1-1\n")
    csv.writer(text).writerows(_DAMS)
    path = folder / "nation.csv"
    path.write_text(text.getvalue())
    return inventory.read(path)


def _roles():
    return {"USGS:1:00060": "inflow"}


LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
DELETED = 8  #: The event of the dam that ``prepare`` adds and deletes.
ACTORS = {AcceptInvitation: "ann", AdmitUser: "setup", SignOut: "ann"}  #: Who sends what is not everyone's.

#: On a database that ``prepare`` has made; dam 1 has a hydrograph and series 1.
CASES: dict[type[Command], Callable[[Path, str], Command]] = {
    AddDam: lambda _, key: AddDam(submit_key=key, name="Made-up", **_FIELDS),
    EditDam: lambda _, key: EditDam(submit_key=key, dam_id=1, revision=1, name="Changed", **_FIELDS),
    DeleteDam: lambda _, key: DeleteDam(submit_key=key, dam_id=1),
    AssignHydrograph: lambda _, key: AssignHydrograph(submit_key=key, dam_id=1, file=_hydrograph()),
    RemoveHydrograph: lambda _, key: RemoveHydrograph(submit_key=key, dam_id=1),
    AssignSeries: lambda _, key: AssignSeries(submit_key=key, dam_id=2, file=_series(), roles=_roles()),
    RemoveSeries: lambda _, key: RemoveSeries(submit_key=key, series_id=1),
    ImportInventory: lambda folder, key: ImportInventory(submit_key=key, file=_inventory(folder)),
    Undo: lambda _, key: Undo(submit_key=key, number=DELETED),
    AddUser: lambda _, key: AddUser(submit_key=key, name="ben", role_name="diadmin"),
    ChangeUser: lambda _, key: ChangeUser(submit_key=key, name="ann", role_name="diviewer", disabled=True),
    AdmitUser: lambda _, key: AdmitUser(submit_key=key, name="eve@example.org", role_name="diviewer"),
    RemoveUser: lambda _, key: RemoveUser(submit_key=key, name="ann"),
    ChangeRole: lambda _, key: ChangeRole(submit_key=key, name="diadmin", staff=True, rights=("view",)),
    RemoveRole: lambda _, key: RemoveRole(submit_key=key, name="spare"),
    InviteUser: lambda _, key: InviteUser(submit_key=key, name="ann", token_hash="1" * 64, expires_at=LATER),
    AcceptInvitation: lambda _, key: AcceptInvitation(submit_key=key, token_hash="0" * 64, password_hash="kept"),
    SetPassword: lambda _, key: SetPassword(submit_key=key, password_hash="kept"),
    SignIn: lambda _, key: SignIn(submit_key=key, token_hash="1" * 64, expires_at=LATER),
    SignOut: lambda _, key: SignOut(submit_key=key, sign_in_id=1),
    EndSignIns: lambda _, key: EndSignIns(submit_key=key, name="ann"),
}


@contextmanager
def command(kind: type[Command], folder: Path, key: str) -> Iterator[Command]:
    """One of that kind."""
    made = CASES[kind](folder, key)
    yield made
    if isinstance(made, ImportInventory):
        made.file.close()


def prepare(url: str) -> None:
    """A database with two dams, a hydrograph and a series."""
    app = Services(Settings(database_url=url))
    app.prepare()
    app.send(AssignHydrograph(dam_id=1, file=_hydrograph()), user_name="local")
    app.send(AssignSeries(dam_id=1, file=_series(), roles=_roles()), user_name="local")
    dam_id = app.send(AddDam(name="Gone", **_FIELDS), user_name="local").dam_id
    app.send(AssignHydrograph(dam_id=dam_id, file=_hydrograph()), user_name="local")
    app.send(AssignSeries(dam_id=dam_id, file=_series(), roles=_roles()), user_name="local")
    assert app.send(DeleteDam(dam_id=dam_id), user_name="local").number == DELETED
    app.send(AddUser(name="ann", role_name="diadmin"), user_name="local")
    app.send(ChangeRole(name="spare", staff=False, rights=("view",)), user_name="local")
    app.send(InviteUser(name="ann", token_hash="0" * 64, expires_at=LATER), user_name="local")
    app.send(SignIn(token_hash="0" * 64, expires_at=LATER), user_name="ann")
    app.close()


def send(url: str, kind: type[Command], folder: Path, key: str):
    """Carry it out to its end; what ``Services.send`` gives."""
    app = Services(Settings(database_url=url))
    with closing(app), command(kind, folder, key) as made:
        return app.send(made, user_name=ACTORS.get(kind, "local"))


class Points:
    """Moments of a command: before each of its statements, before its commit, and before its answer."""

    def __init__(self, app: Services, reached: Callable[[int], None]):
        self.count = 0
        self._reached = reached
        sa.event.listen(app.engine, "before_cursor_execute", lambda *_: self._next())
        sa.event.listen(app.engine, "commit", lambda *_: self._next())
        app.hub.wake = self._next  # type: ignore[method-assign]  # the first that happens after the commit

    def _next(self) -> None:
        self._reached(self.count)
        self.count += 1


def count_points(url: str, kind: type[Command], folder: Path, key: str) -> int:
    """How many points there are, by carrying the command out."""
    app = Services(Settings(database_url=url))
    points = Points(app, lambda _: None)
    with closing(app), command(kind, folder, key) as made:
        app.send(made, user_name=ACTORS.get(kind, "local"))
        return points.count


def send_and_die(url: str, kind: type[Command], folder: Path, key: str, point: int, ready) -> None:
    """In a process of its own: carry the command out and end as by kill -9 at a point, -1 for none.

    ``ready`` is set when everything is at hand and the command is about to be sent.
    """
    tempfile.tempdir = str(folder)  # what a killed process leaves goes with the test
    app = Services(Settings(database_url=url))
    Points(app, lambda reached: os.kill(os.getpid(), signal.SIGKILL) if reached == point else None)
    with command(kind, folder, key) as made:
        ready.set()
        app.send(made, user_name=ACTORS.get(kind, "local"))
        threading.Event().wait()  # it is killed after its answer
