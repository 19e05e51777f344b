"""The documents against the code."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard import routes
from dashboard.cli import CHECKOUT_COMMANDS
from dashboard.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def table(name):
    """First cells of the rows of the first table of a document, without code marks."""
    lines = [line for line in (ROOT / "docs" / name).read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_setting_is_documented_with_its_words_and_default():
    rows = {row[0].strip("`"): row for row in table("settings.md")}
    assert list(rows) == [f"DAMS_{item.name.upper()}" for item in fields(Settings)]
    for item in fields(Settings):
        row = rows[f"DAMS_{item.name.upper()}"]
        assert row[2].replace("`", "") == item.metadata["doc"], row[0]


def test_every_page_is_documented_and_every_documented_page_exists():
    pages = {path.stem for path in (ROOT / "dashboard" / "pages").glob("[a-z]*.py")}
    words = " ".join(row[0] for row in table("addresses.md"))
    listed = set(re.findall(r"`/([a-z_]+)", words))
    assert listed == pages | {address.strip("/") for address, _ in routes.ROUTES}


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "./dams serve" in readme
    assert "./dams test" in readme
    assert "./dams test" in (ROOT / ".ci" / "run").read_text()


def test_every_command_of_a_checkout_is_documented():
    text = (ROOT / "docs" / "contributing.md").read_text()
    assert [name for name in CHECKOUT_COMMANDS if f"./dams {name}" not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(path):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_no_file_names_a_path_of_one_machine():
    for path in ROOT.rglob("*"):
        if path.suffix in {".py", ".md", ".toml", ".yml", ".lock", ".js", ".ipynb"} and ".venv" not in path.parts:
            text = path.read_text()
            assert not re.search(r"(?<![\w.])/(home|root|Users|work)/", text), path


def test_every_parameter_of_every_component_is_documented():
    import importlib

    import param

    undocumented, seen = [], 0
    for path in sorted((ROOT / "components").glob("[a-z]*.py")):
        module = importlib.import_module(f"components.{path.stem}")
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, param.Parameterized) and item.__module__ == module.__name__:
                own = [name for name in vars(item) if isinstance(vars(item)[name], param.Parameter) and name != "name"]
                seen += len(own)
                undocumented += [f"{item.__name__}.{name}" for name in own if not vars(item)[name].doc]
    assert seen > 40
    assert undocumented == []
