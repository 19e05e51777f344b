"""The preview notebook: without a screen, by ``panel serve``, and in JupyterLab with its slider moved."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbclient
import nbformat
import pytest

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.ui

NOTEBOOK = Path(__file__).parents[2] / "docs" / "preview.ipynb"
WORDS = "7-day trailing mean (lags by half a window)"

#: The words above the sea surface temperature plot, and the largest value that it draws.
DRAWN = """() => {
  for (const doc of Bokeh.documents) {
    for (const model of doc._all_models.values()) {
      if (model.type == "Figure" && model.title.text.startsWith("Sea Surface Temperature")) {
        const values = Array.from(model.renderers[0].data_source.data.value)
        return {words: model.above[model.above.length - 1].text, largest: Math.max(...values.filter(v => v == v))}
      }
    }
  }
  return null
}"""


@pytest.fixture(autouse=True)
def inline(monkeypatch):
    """Scripts come with the page, as facts of Panel 1.9: by default a notebook asks a CDN for them."""
    monkeypatch.setenv("PANEL_INLINE", "true")


@pytest.fixture
def jupyter_lab(tmp_path):
    """The base address of a JupyterLab with a copy of the notebook, and settings of its own."""
    (tmp_path / NOTEBOOK.name).write_bytes(NOTEBOOK.read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(tmp_path / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    options += ["--IdentityProvider.token=", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options, f"--notebook-dir={tmp_path}"],
        env=os.environ | own,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait(20)


def answers(url):
    """True once a page is there."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


def test_no_outputs_are_stored():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert len(code) == 4
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_every_cell_runs_and_shows_a_component(monkeypatch):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = {
        cell.id: any(
            "text/html" in output.get("data", {}) for output in cell.outputs if output.output_type == "execute_result"
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert shown == {"extension": False, "temperature": True, "shapes": True, "hydrograph": True}


def test_panel_serve_shows_the_notebook_and_its_slider_moves_the_plot(serve, new_page):
    page = new_page(serve({"preview": str(NOTEBOOK)}), height=1600)
    page.goto("preview")
    expect(page.get_by_role("heading", name="NGon (radius=1.0)")).to_be_visible()
    page.wait_for_function(f"({DRAWN})() !== null")
    slider_moves_the_plot(page)


@pytest.mark.slow
def test_in_jupyterlab_the_slider_moves_the_plot(jupyter_lab, new_page):
    from panel.tests.util import wait_until

    wait_until(lambda: answers(jupyter_lab), timeout=60_000)
    page = new_page(jupyter_lab, height=1600)
    page.goto(f"lab/tree/{NOTEBOOK.name}")
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    page.get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(f"window.Bokeh !== undefined && ({DRAWN})() !== null", timeout=90_000)
    slider_moves_the_plot(page)


def slider_moves_the_plot(page):
    """Moves the slider to 7. The first moves in a notebook can be lost before its comm is ready: they are repeated."""
    assert page.evaluate(DRAWN)["largest"] == pytest.approx(22.15, abs=1e-5)
    slider = page.get_by_role("slider", name="Smoothing by N Days")
    slider.focus()
    for _ in range(10):
        slider.press("Home")
        for _ in range(7):
            slider.press("ArrowRight")
        try:
            page.wait_for_function(f"words => ({DRAWN})().words == words", arg=WORDS, timeout=5_000)
            break
        except playwright.TimeoutError:
            continue
    seen = page.evaluate(DRAWN)
    assert seen["words"] == WORDS
    assert seen["largest"] == pytest.approx(20.658, abs=0.001)
