"""``dams audit``: the locked packages of users against the known vulnerabilities of the Python advisory database.

pip-audit is installed into ``.venv/audit``, so that it is part of neither lock. Exit status 1 for a vulnerability, 2
when a package could not be looked up, 0 when every one was and none has any.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TOOL = "pip-audit>=2.10"


def report(found: dict[str, Any]) -> tuple[list[str], int]:
    """What pip-audit's JSON says, in lines, and the exit status."""
    lines, missed = [], []
    for package in found["dependencies"]:
        if "skip_reason" in package:
            missed.append(package["name"])
        for one in package.get("vulns", ()):
            versions = ", ".join(one["fix_versions"]) or "no version yet"
            lines.append(f"{package['name']} {package['version']}: {one['id']}, mended in {versions}")
    status = 1 if lines else 2 if missed else 0
    if missed:
        lines.append(f"{len(missed)} could not be looked up, among them {', '.join(missed[:3])}: is the network there?")
    lines.append(f"{len(found['dependencies']) - len(missed)} of {len(found['dependencies'])} packages looked up")
    return lines, status


def main(arguments: Sequence[str]) -> int:
    folder = ROOT / ".venv" / "audit"
    tool = folder / ("Scripts" if sys.platform == "win32" else "bin") / "pip-audit"
    if not tool.exists() and not tool.with_suffix(".exe").exists():
        print("Setting up pip-audit: first run.", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([tool.with_name("python"), "-m", "pip", "install", "-q", TOOL], check=True)
    command = [tool, "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    command += ["-r", ROOT / "requirements.lock", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        lines, status = report(json.loads(ran.stdout))
    except ValueError:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        lines, status = [f"The advisories could not be asked: {last}"], 2
    print("\n".join(lines))
    return status
