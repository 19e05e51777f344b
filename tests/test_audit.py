"""What ``dams audit`` makes of pip-audit's answer."""

import audit

SOUND = {"name": "panel", "version": "1.9.4", "vulns": []}
BAD = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}]}
MISSED = {"name": "away", "skip_reason": "Dependency not found"}


def test_a_vulnerability_is_named_with_the_version_that_mends_it():
    lines, status = audit.report({"dependencies": [SOUND, BAD, MISSED]})
    assert status == 1 and lines[0] == "old 1.0: PYSEC-1, mended in 1.1"


def test_a_package_that_was_not_looked_up_is_not_taken_for_sound():
    lines, status = audit.report({"dependencies": [SOUND, MISSED]})
    assert status == 2 and "away" in lines[0] and lines[-1] == "1 of 2 packages looked up"


def test_all_is_well_when_every_package_was_looked_up_and_has_none():
    assert audit.report({"dependencies": [SOUND]}) == (["1 of 1 packages looked up"], 0)
