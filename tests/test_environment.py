"""The installed packages, and the files that list them."""

import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import components
import dashboard
import data

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
CONDA = yaml.safe_load((ROOT / "anaconda-project.yml").read_text())
#: Where conda-forge calls a package by another name; redis is the server there.
CONDA_NAMES = {"redis": "redis-py", "prometheus-client": "prometheus_client"}
LOCKS = ("requirements.lock", "requirements-dev.lock")


def conda(line):
    name, _, specifier = line.partition(" ")
    return name, SpecifierSet(specifier)


@pytest.mark.parametrize("package", [data, components, dashboard], ids=lambda package: package.__name__)
def test_packages_load_from_this_checkout(package):
    assert Path(package.__file__).is_relative_to(ROOT)


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_what_is_installed_fits_the_project(line):
    wanted = Requirement(line)
    assert wanted.specifier.contains(importlib.metadata.version(wanted.name))


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    pinned = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE | re.IGNORECASE)
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())
    assert len(pinned) == len(blocks) > 30
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_meets_every_requirement_of_the_project(name):
    """Several lines of one package are for different Pythons."""
    locked = {}
    for found, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE):
        locked.setdefault(found.lower(), []).append(version)
    for line in PROJECT["dependencies"]:
        wanted = Requirement(line)
        assert all(wanted.specifier.contains(version) for version in locked[wanted.name.lower()]), line


def test_anaconda_project_lists_what_pyproject_lists():
    wanted = {
        CONDA_NAMES.get(requirement.name, requirement.name): requirement.specifier
        for requirement in map(Requirement, PROJECT["dependencies"])
    }
    listed = dict(map(conda, CONDA["packages"]))
    python = listed.pop("python")
    assert {name: listed[name] for name in listed if name != "notebook"} == wanted
    assert python == SpecifierSet(PROJECT["requires-python"])
    assert CONDA["dependencies"] == CONDA["packages"]


def test_anaconda_project_has_the_form_that_its_tool_takes():
    assert re.fullmatch("[a-z_]+", CONDA["name"])
    assert {"created", "maintainers", "labels"} <= CONDA["examples_config"].keys()
    assert CONDA["user_fields"] == ["examples_config"]
    for command in CONDA["commands"].values():
        assert command.get("env_spec", "default") in CONDA["env_specs"]


def test_anaconda_project_commands_name_files_and_subcommands_that_exist():
    from dashboard.cli import CHECKOUT_COMMANDS

    for command in CONDA["commands"].values():
        if "notebook" in command:
            assert (ROOT / command["notebook"]).is_file()
            continue
        words = shlex.split(command["unix"])
        assert words[:3] == ["python", "-m", "dashboard.cli"]
        assert words[3] in {"serve", *CHECKOUT_COMMANDS}


def test_an_old_python_is_told_so_in_clear_words(tmp_path):
    """``dams`` must at least be read by an old Python: no syntax newer than its message."""
    import ast

    source = (ROOT / "dams").read_text()
    ast.parse(source, feature_version=(3, 7))
    pretend = source.replace("sys.version_info < OLDEST", "True")
    assert pretend != source
    (tmp_path / "dams").write_text(pretend)
    ran = subprocess.run([sys.executable, tmp_path / "dams", "serve"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "needs Python 3.11 or newer" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_bootstrap_uses_the_standard_library_only():
    import ast

    tree = ast.parse((ROOT / "dams").read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
