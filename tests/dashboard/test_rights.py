"""Who may change what: by role, by state and owner; quotas of dams and bytes, exact also at once, on both databases."""

import threading

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from servers import each_database

from data import check, events, models, reads
from data.commands import (
    RIGHTS,
    AddDam,
    AddUser,
    AssignHydrograph,
    AssignSeries,
    ChangeRole,
    ChangeUser,
    Command,
    DeleteDam,
    EditDam,
    ImportInventory,
    NotAllowed,
    Rejected,
    RemoveHydrograph,
    RemoveRole,
    RemoveSeries,
    RemoveUser,
    Undo,
)
from data.frames import FileReport, HydrographFile
from data.importers import series as series_files
from data.writes import WRITERS

pytestmark = each_database

UTAH, IDAHO = (-111.5, 40.5), (-114.1, 43.1)


def made_up(place=UTAH, **changes):
    values = {"name": "Made-up", "owner": "Other", "river": "R", "date_built": "1941"}
    return AddDam(longitude=place[0], latitude=place[1], **values | changes)


def edit(dam_id, place=UTAH, revision=1, **changes):
    values = {"name": "Made-up", "owner": "Other", "river": "R", "date_built": "1941"}
    return EditDam(dam_id=dam_id, revision=revision, longitude=place[0], latitude=place[1], **values | changes)


def hydrograph(points=3):
    frame = pd.DataFrame({"time_hours": np.arange(points, dtype=float), "flow_cfs": np.ones(points)})
    return HydrographFile(FileReport("h.csv", "hours", "utf-8", points, points, None, (), {}), frame)


def add_user(app, name="jo", role="diadmin", **changes):
    app.send(AddUser(name=name, role_name=role, **changes), user_name="local")


def user(app, name="jo"):
    with app.reading() as db:
        return db.scalar(sa.select(models.User).where(models.User.name == name))


def newest(app):
    with app.reading() as db:
        return events.read_before(db, limit=1)[0]


def sound(app):
    with app.reading() as db:
        return [one.wrong for one in check.look_over(db) if one.wrong] == []


def test_every_command_has_a_right_of_the_list_or_none(app):
    rights = {kind.right for kind in WRITERS}
    assert (
        rights - {""} <= set(RIGHTS)
        and {"add_dams", "edit", "delete", "assign_hydrograph", "import", "admin"} <= rights
    )


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind.right], ids=lambda kind: kind.__name__)
def test_a_command_is_refused_before_anything_of_it_is_looked_at(app, kind):
    add_user(app, role="diviewer")
    command = object.__new__(kind)
    for name in ("submit_key", "why"):
        object.__setattr__(command, name, "")
    with pytest.raises(NotAllowed, match=f"jo may not {RIGHTS[kind.right]}"):
        app.send(command, user_name="jo")


def test_a_role_that_loses_a_right_loses_it_at_once_for_all_who_have_it(app):
    add_user(app)
    app.send(made_up(), user_name="jo")
    app.send(ChangeRole(name="diadmin", staff=False, rights=("view", "edit")), user_name="local")
    assert newest(app).body["before"]["rights"] == ["add_dams", "assign_hydrograph", "delete", "edit", "view"]
    with pytest.raises(NotAllowed, match="jo may not add dams"):
        app.send(made_up(), user_name="jo")


def test_a_disabled_user_may_nothing(app):
    add_user(app)
    app.send(ChangeUser(name="jo", role_name="diadmin", disabled=True), user_name="local")
    with pytest.raises(NotAllowed, match="jo may not add dams"):
        app.send(made_up(), user_name="jo")


def listed(app, name):
    with app.reading() as db:
        return next(one for one in reads.users(db, now=app.clock()) if one["name"] == name)


def test_two_administrators_who_change_one_user_overwrite_nothing(app):
    add_user(app)
    was = listed(app, "jo")
    app.send(ChangeUser(name="jo", role_name="diviewer", was=was), user_name="local")
    app.send(ChangeUser(name="jo", role_name="diadmin", states=("Utah",), was=was), user_name="local")
    assert (listed(app, "jo")["role_name"], listed(app, "jo")["states"]) == ("diviewer", ["Utah"])
    with pytest.raises(Rejected, match="jo was changed by somebody else meanwhile") as refused:
        app.send(ChangeUser(name="jo", role_name="admin", was=was), user_name="local")
    assert refused.value.problems.keys() == {"", "role_name"}
    assert listed(app, "jo")["role_name"] == "diviewer"


def test_an_administrator_stays_one(app):
    for command in (
        ChangeUser(name="local", role_name="diviewer"),
        ChangeUser(name="local", role_name="admin", disabled=True),
        RemoveUser(name="local"),
        ChangeRole(name="admin", staff=True, rights=("view",)),
    ):
        with pytest.raises(Rejected, match="another administrator can"):
            app.send(command, user_name="local")
    assert "admin" in user(app, "local").rights


def test_a_role_that_somebody_has_is_not_removed(app):
    add_user(app)
    app.send(RemoveUser(name="diadmin"), user_name="local")
    with pytest.raises(Rejected, match="jo still has the role diadmin"):
        app.send(RemoveRole(name="diadmin"), user_name="local")


def test_the_dams_of_a_removed_user_stay_and_count_again_for_one_of_that_name(app):
    add_user(app)
    app.send(made_up(), user_name="jo")
    app.send(RemoveUser(name="jo"), user_name="local")
    app.send(DeleteDam(dam_id=3), user_name="local")
    app.send(Undo(number=newest(app).number), user_name="local")
    add_user(app)
    assert user(app).dam_count == 1 and sound(app)


# By state and by owner


@pytest.fixture
def utah(app):
    """``jo`` may change dams in Utah; dam 3 is in Utah, dam 4 in Idaho, both hers."""
    add_user(app)
    app.send(made_up(UTAH), user_name="jo")
    app.send(made_up(IDAHO), user_name="jo")
    app.send(AssignHydrograph(dam_id=4, file=hydrograph()), user_name="local")
    file = series_files.read_bytes("s.csv", b"time,Stage (ft)\n2024-01-01,5\n")
    app.send(AssignSeries(dam_id=4, file=file, roles={file.series[0].about.id: "stage"}), user_name="local")
    app.send(ChangeUser(name="jo", role_name="diadmin", states=("Utah",)), user_name="local")
    return app


@pytest.mark.parametrize(
    "command",
    [
        made_up(IDAHO),
        edit(3, IDAHO),
        edit(4, UTAH),
        DeleteDam(dam_id=4),
        AssignHydrograph(dam_id=4, file=hydrograph()),
        RemoveHydrograph(dam_id=4),
        RemoveSeries(series_id=1),
        Undo(number=6),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_user_of_one_state_changes_no_dam_of_another_nor_moves_one_across(utah, command: Command):
    before = newest(utah).number
    with pytest.raises(
        NotAllowed, match="jo may only work on dams whose state is Utah; the state of this one is Idaho"
    ):
        utah.send(command, user_name="jo")
    assert newest(utah).number == before


def test_a_user_of_one_state_changes_the_dams_of_that_state(utah):
    utah.send(edit(3, river="Green"), user_name="jo")
    utah.send(AssignHydrograph(dam_id=3, file=hydrograph()), user_name="jo")
    utah.send(DeleteDam(dam_id=3), user_name="jo")


def test_a_user_of_one_owner_changes_the_dams_of_that_owner_and_gives_none_away(app):
    add_user(app, owners=("Town",))
    with pytest.raises(NotAllowed, match="whose owner is Town; the owner of this one is Other"):
        app.send(made_up(), user_name="jo")
    dam_id = app.send(made_up(owner="Town"), user_name="jo").dam_id
    with pytest.raises(NotAllowed, match="the owner of this one is Other"):
        app.send(edit(dam_id, owner="Other"), user_name="jo")
    app.send(edit(dam_id, owner="Town", river="Green"), user_name="jo")


def test_an_import_of_other_states_is_refused_to_a_user_of_one(app, tmp_path):
    from data.importers import inventory

    path = tmp_path / "nid.csv"
    head = "Data Last Updated: 2024-1-1\nDam Name,NID ID,State,Hazard Potential Classification,Year Completed\n"
    path.write_text(head + "One,UT00001,Utah,Low,1950\nTwo,ID00001,Idaho,Low,1950\n")
    app.send(ChangeRole(name="importer", staff=True, rights=("view", "import")), user_name="local")
    add_user(app, "jo", "importer", states=("Utah",))
    add_user(app, "al", "importer", owners=("Town",))
    with inventory.read(path) as file:
        with pytest.raises(NotAllowed, match="only import dams of Utah; this has Idaho"):
            app.send(ImportInventory(file=file), user_name="jo")
        with pytest.raises(NotAllowed, match="of some owners"):
            app.send(ImportInventory(file=file), user_name="al")


# Quotas


def at_once(calls):
    results = [None] * len(calls)

    def run(i):
        try:
            results[i] = calls[i]()
        except Rejected as refusal:
            results[i] = refusal

    threads = [threading.Thread(target=run, args=[i]) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_users_own_limits_count_before_the_settings(app):
    add_user(app, max_dams=1)
    app.send(made_up(), user_name="jo")
    with pytest.raises(Rejected, match="exceeded your quota on dams"):
        app.send(made_up(), user_name="jo")
    app.send(ChangeUser(name="jo", role_name="diadmin", max_dams=2), user_name="local")
    app.send(made_up(), user_name="jo")


def test_bytes_are_counted_for_who_assigned_them_and_given_back(make_app):
    app = make_app(mb_per_user=0.001)  # 62 ordinates of 16 bytes
    add_user(app)
    app.send(AssignHydrograph(dam_id=1, file=hydrograph(40)), user_name="jo")
    assert user(app).byte_count == 640
    with pytest.raises(
        Rejected, match=r"quota of 0\.001 MB on hydrographs and series: this one takes 0\.00064 MB more"
    ):
        app.send(AssignHydrograph(dam_id=2, file=hydrograph(40)), user_name="jo")
    app.send(AssignHydrograph(dam_id=1, file=hydrograph(60)), user_name="jo")  # instead of the 40
    assert user(app).byte_count == 960
    app.send(AssignHydrograph(dam_id=1, file=hydrograph(100)), user_name="local")  # staff have no quota
    assert (user(app).byte_count, user(app, "local").byte_count) == (0, 1600)
    file = series_files.read_bytes("s.csv", b"time,Stage (ft)\n2024-01-01,5\n")
    app.send(AssignSeries(dam_id=1, file=file, roles={file.series[0].about.id: "stage"}), user_name="jo")
    assert user(app).byte_count > 0
    app.send(DeleteDam(dam_id=1), user_name="local")
    assert (user(app).byte_count, user(app, "local").byte_count) == (0, 0) and sound(app)


def test_bytes_never_pass_the_quota_also_at_once(make_app):
    app, other = make_app(mb_per_user=0.001), make_app(mb_per_user=0.001)
    add_user(app, max_dams=20)
    ids = [app.send(made_up(), user_name="jo").dam_id for _ in range(8)]
    sends = [
        lambda i=i, dam_id=dam_id: (app, other)[i % 2].send(
            AssignHydrograph(dam_id=dam_id, file=hydrograph(20)), user_name="jo"
        )
        for i, dam_id in enumerate(ids)
    ]
    refused = [result for result in at_once(sends) if isinstance(result, Rejected)]
    assert len(refused) == 5 and user(app).byte_count == 3 * 320
    assert all("your quota" in str(one) for one in refused) and sound(app)
