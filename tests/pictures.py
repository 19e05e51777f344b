"""Makes docs/pictures: every page at 1280 and 390 pixels, light and dark, on a fresh database.

``dams screenshots [PAGE ...]``. The first dam gets an example hydrograph of the replaced system's
tutorial, which was made up and is not that dam's, and the second the flow and the peaks of two rivers
elsewhere; ``docs/pictures/README.md`` says so.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "benchmarks")]

from browser_setup import ARGUMENTS, find_chromium  # noqa: E402
from pages import PAGES, serve_ours, stop  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
NAMES = {"map?dam=1": "_selected", "hydrograph?dam=2": "_series"}  #: Of pages that are shown twice.
SIZES = {1280: 800, 390: 800}


def fill(url: str) -> None:
    """Assign an example hydrograph to the first dam and series to the second, through the program's own commands."""
    from dashboard.services import Services
    from dashboard.settings import Settings
    from data.commands import AssignHydrograph, AssignSeries
    from data.importers import hydrograph_csv, series

    app = Services(Settings(database_url=url))
    name = "hydrograph4.csv"
    content = (ROOT / "docs" / "examples" / name).read_bytes()
    app.send(AssignHydrograph(dam_id=1, file=hydrograph_csv.read(name, content)), user_name="local")
    for name, role in (("usgs_03290500_daily.rdb", "inflow"), ("usgs_01594440_peaks.rdb", "other")):
        file = series.read(ROOT / "docs" / "examples" / name)
        roles = {one.about.id: role for one in file.series if one.about.unit == "cfs"}
        app.send(AssignSeries(dam_id=2, file=file, roles=roles), user_name="local")
    app.close()


def main(wanted: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        process, _, url = serve_ours(Path(made), "pictures")
        fill(f"sqlite:///{made}/pictures.sqlite")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        pages = PAGES | {
            "map?dam=1": "Hydrograph for Deer Creek",
            "hydrograph?dam=1": "Hydrograph for Deer Creek",
            "hydrograph?dam=2": "366 values, all drawn",
            "analysis?dam=2": "Flood frequency",
            "overview": "Overview",
            "import": "Choose Inventory File",
            "admin": "Add User",
        }
        for path, words in pages.items():
            name = path.split("?")[0] + NAMES.get(path, "")
            if wanted and name not in wanted:
                continue
            for width, height in SIZES.items():
                for scheme in ("light", "dark"):
                    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                    page.goto(url + path)
                    page.get_by_text(words).first.wait_for(state="attached")
                    page.locator(".spinner").first.wait_for(state="hidden")
                    if path.startswith("analysis"):
                        page.get_by_role("tab", name="Flood frequency").click()
                        page.get_by_role("button", name="Compute").click()
                        page.get_by_text("100-year flood").wait_for()
                    page.wait_for_timeout(1500)  # the last fade of the theme; a picture, not a test
                    page.screenshot(path=FOLDER / f"{name}_{width}_{scheme}.png")
                    page.close()
        browser.close()
        stop(process)


if __name__ == "__main__":
    os.chdir(ROOT)
    main(sys.argv[1:])
