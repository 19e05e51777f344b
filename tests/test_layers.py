"""Imports point one way: data, components, dashboard, tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("data", "components", "dashboard", "tests")
#: What ``components`` may take from ``data``: the modules that load without SQLAlchemy.
FOR_COMPONENTS = {
    "analyses",
    "commands",
    "dates",
    "decimation",
    "frames",
    "hydrograph_facts",
    "hydrology",
    "inventory",
    "outline_shapes",
    "provenance",
    "routing",
    "sample_series",
    "series",
    "series_curves",
    "series_points",
    "states",
    "units",
}
MODULES = sorted(path for layer in LAYERS[:3] for path in (ROOT / layer).rglob("*.py"))


def imported(path):
    """Dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_modules_were_found():
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_its_own_package_and_those_left_of_it(path):
    own = LAYERS.index(path.relative_to(ROOT).parts[0])
    wrong = [name for name in imported(path) if name.split(".")[0] in LAYERS[own + 1 :]]
    assert wrong == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if "components" in p.relative_to(ROOT).parts], ids=lambda path: path.name
)
def test_a_component_takes_from_data_only_what_loads_without_a_database(path):
    taken = {name.split(".")[1] for name in imported(path) if name.startswith("data.")}
    assert taken <= FOR_COMPONENTS


def test_all_components_load_without_sqlalchemy():
    names = [f"components.{path.stem}" for path in (ROOT / "components").glob("[a-z]*.py")]
    assert len(names) > 10
    code = f"import {', '.join(names)}, sys; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_module_hides_one_of_the_standard_library():
    """A served page's own folder comes first on sys.path."""
    assert [path.name for path in MODULES if path.stem in sys.stdlib_module_names] == []


def test_packages_are_empty_so_that_importing_one_module_loads_that_module_only():
    inits = [path for path in MODULES if path.name == "__init__.py"]
    assert {path.parent.name for path in inits} >= {"data", "components", "dashboard"}
    assert [path for path in inits if path.read_text().strip()] == []
