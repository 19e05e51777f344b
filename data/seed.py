"""What a new database holds: the two dams of the first start and the built-in users.

Seeding is repeated at every start and does nothing the second time: a dam that was deleted since
does not come back, for its event is still in the log.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models
from data.commands import OWN_USERS, AddDam
from data.writes import RIGHTS, Limits, carry_out, find_done

#: Places as the replaced system had them. Years, NID IDs and hazard potential: US National
#: Inventory of Dams, 2019 (Deer Creek was built 1938-1941, Jordanelle 1987-1993).
DAMS = (
    AddDam(
        submit_key="seed-deer-creek",
        name="Deer Creek",
        owner="Reclamation",
        river="Provo River",
        date_built="1941",
        hazard="High",
        nid_id="UT10117",
        latitude=40.406624,
        longitude=-111.529133,
    ),
    AddDam(
        submit_key="seed-jordanelle",
        name="Jordanelle",
        owner="Reclamation",
        river="Provo River",
        date_built="1993",
        hazard="High",
        nid_id="UT10204",
        latitude=40.598168,
        longitude=-111.424055,
    ),
)

#: Role -> (staff, rights). Administrators may change all but ``setup``, which writes what ships with the program.
ROLES = {
    "setup": (True, ("add_dams",)),
    "admin": (True, tuple(RIGHTS)),
    "diadmin": (False, tuple(right for right in RIGHTS if right not in ("import", "admin"))),
    "diviewer": (False, ("view",)),
}
#: User -> role. Without accounts ``DAMS_USER`` says which of the last three everyone is; no password opens them.
USERS = dict(zip(OWN_USERS, ("setup", "admin", "diadmin", "diviewer"), strict=True))


def is_whole(db: Session) -> bool:
    """Whether nothing is missing: then a start need not wait for those who write."""
    users = set(db.scalars(sa.select(models.User.name).where(models.User.name.in_(USERS))))
    return len(users) == len(USERS) and all(find_done(db, command.submit_key) for command in DAMS)


def seed(db: Session, *, now: dt.datetime) -> None:
    """Put in what is missing, in the caller's transaction."""
    if db.get(models.LogHead, 1) is None:
        db.add(models.LogHead(log_head_id=1, number=0, dam_count=0, last_at=now, versions_from=now))
    roles = set(db.scalars(sa.select(models.Role.name)))
    for name, (staff, rights) in ROLES.items():
        if name not in roles:
            db.add(models.Role(name=name, staff=staff, rights=list(rights)))
    have = set(db.scalars(sa.select(models.User.name)))
    db.flush()
    for name, role in USERS.items():
        if name not in have:
            db.add(models.User(name=name, role_name=role, created_at=now))
    db.flush()
    for command in DAMS:
        carry_out(db, command, user_name="setup", origin="", now=now, limits=Limits())
