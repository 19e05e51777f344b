"""``dams import``: releases that follow each other, and files that could do harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAD = "Dam Name,NID ID,State,Hazard Potential Classification,Year Completed"


@pytest.fixture
def run(database_url, tmp_path):
    """``run(name, updated, numbers, *options)`` imports a file of dams with these numbers."""

    def start(name, updated, numbers, *options):
        rows = [f"Dam {n},ZZ{n:05d},Utah,Low,{updated[:4]}" for n in numbers]
        (tmp_path / name).write_text("\n".join([f"Data Last Updated: {updated}", HEAD, *rows, ""]))
        command = [sys.executable, "-m", "dashboard.cli", "import", str(tmp_path / name), *options]
        environment = os.environ | {"DAMS_DATABASE_URL": database_url}
        return subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False, timeout=120
        )

    return start


def test_an_older_file_needs_a_word(run):
    assert run("new.csv", "2024-1-11", range(3)).returncode == 0
    ran = run("old.csv", "2020-1-7", range(3))
    assert ran.returncode == 1
    assert "2020-01-07" in ran.stderr and "2024-01-11" in ran.stderr and "--older" in ran.stderr
    ran = run("old.csv", "2020-1-7", range(3), "--older")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "Done: 3 dams changed.")


def test_a_list_that_lacks_many_dams_removes_them_only_when_it_is_said_to_be_whole(run):
    assert run("all.csv", "2024-1-11", range(100)).returncode == 0
    for options, words in (
        (("--dry-run",), "30 of 100 dams would be removed if this file were the whole list"),
        (("--whole", "--dry-run"), "Would be done: 30 dams removed, 70 as they were."),
        ((), "--whole removes them."),
        (("--whole",), "Done: 30 dams removed, 70 as they were."),
        (("--whole",), "nothing was changed."),
    ):
        ran = run("some.csv", "2024-1-11", range(30, 100), *options)
        assert ran.returncode == 0, ran.stderr
        assert words in ran.stdout.splitlines()[-1]
