"""The commands of a checkout: ``dams test``, ``lint``, ``bench``, ``screenshots`` and ``audit``."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import browser_setup  # noqa: E402


def test(arguments: list[str]) -> int:
    """Everything but ``slow``; without a browser the browser tests are skipped loudly, and in CI that fails."""
    chromium = browser_setup.find_chromium() or browser_setup.install_chromium()
    environment = dict(os.environ)
    if chromium:
        environment["DAMS_CHROMIUM"] = chromium
    else:
        print("SKIPPED: every browser test. Install a Chromium or set DAMS_CHROMIUM.", file=sys.stderr)
        if os.environ.get("CI"):
            return 1
    marks = [] if any(argument.startswith("-m") for argument in arguments) else ["-m", "not slow"]
    # Two at a time: a browser test waits more than it computes. A file stays together, for its servers' sake.
    workers = [] if "-n" in arguments else ["-n", "2", "--dist", "loadfile"]
    return subprocess.call([sys.executable, "-m", "pytest", *workers, *marks, *arguments], cwd=ROOT, env=environment)


def lint(arguments: list[str]) -> int:
    """Every check is run, also after one that failed."""
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
    return max([subprocess.call([sys.executable, "-m", *check], cwd=ROOT) for check in checks])


def bench(arguments: list[str]) -> int:
    """``dams bench NAME``."""
    names = sorted(path.stem for path in (ROOT / "tests" / "benchmarks").glob("[a-z]*.py"))
    if not arguments or arguments[0] not in names:
        print(f"dams bench NAME, where NAME is one of: {', '.join(names)}", file=sys.stderr)
        return 2
    script = ROOT / "tests" / "benchmarks" / f"{arguments[0]}.py"
    return subprocess.call([sys.executable, str(script), *arguments[1:]], cwd=ROOT)


def screenshots(arguments: list[str]) -> int:
    """Pictures of every page on a fresh database."""
    return subprocess.call([sys.executable, str(ROOT / "tests" / "pictures.py"), *arguments], cwd=ROOT)


def audit(arguments: list[str]) -> int:
    """The locked packages against known vulnerabilities."""
    import audit as auditing

    return auditing.main(arguments)


TASKS = {task.__name__: task for task in (test, lint, bench, screenshots, audit)}

if __name__ == "__main__":
    sys.exit(TASKS[sys.argv[1]](sys.argv[2:]))
