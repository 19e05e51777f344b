"""Finds a Chromium for the browser tests, or installs one; says what it tried."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: The first takes half as long for the same page: it has no windows, and no browser around its pages.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

#: Chromium's own network chatter is off, so that a request outside the machine is the page's.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The setting DAMS_CHROMIUM, a Chromium on PATH, or one that Playwright installed before."""
    if given := os.environ.get("DAMS_CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _playwrights_own()


def install_chromium() -> str | None:
    """Try apt (as root), Playwright's own, then npm's @sparticuz/chromium; of apt's two the one without windows."""
    for way, commands, found in _ways():
        print(f"No Chromium for the browser tests; trying {way} ...", file=sys.stderr, flush=True)
        try:
            for command in commands:
                subprocess.run(command, check=True, timeout=600, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as problem:
            print(f"  {way} did not work: {problem}", file=sys.stderr, flush=True)
            continue
        if path := found():
            return path
    return None


def _ways() -> Iterator[tuple[str, list[list[str]], object]]:
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        for name in ("chromium-headless-shell", "chromium"):
            commands = [["apt-get", "update", "-qq"], [*install, name]]
            yield f"apt's {name}", commands, lambda name=name: shutil.which(name)
    yield "Playwright's own", [[sys.executable, "-m", "playwright", "install", "chromium"]], _playwrights_own
    if shutil.which("npm"):
        folder = _npm_folder()
        folder.mkdir(parents=True, exist_ok=True)
        install = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--silent",
            "--prefix",
            str(folder),
            "@sparticuz/chromium",
        ]
        yield "npm's @sparticuz/chromium", [install], _npms


def _npm_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dams-chromium"


def _npms() -> str | None:
    script = "import c from '@sparticuz/chromium'; console.log(await c.executablePath())"
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", script], cwd=_npm_folder(), capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() or None


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None
