"""Every row of the replaced system and every defect of it has a test that is named after it."""

import re
from pathlib import Path

import pytest

NAMES = "\n".join(
    line
    for path in Path(__file__).parent.rglob("test_*.py")
    for line in path.read_text().splitlines()
    if "def test_" in line
)


@pytest.mark.parametrize("row", [f"R{number}" for number in range(1, 23)])
def test_every_row_of_the_replaced_system_has_a_test(row):
    assert re.search(rf"def test_(\w+_)?{row}_", NAMES)


@pytest.mark.parametrize("number", range(1, 12))
def test_every_defect_that_must_not_come_along_has_a_test(number):
    assert re.search(rf"def test_(\w+_)?defect_{number}_", NAMES)
