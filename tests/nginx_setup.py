"""A real nginx on the files that docs/deploy ships, with this test's ports and paths put in."""

import os
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from serving import free_port

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
_WHOLE = """
daemon off;
pid {folder}/pid;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/dams.conf;
}}
"""


@cache
def find_nginx() -> str | None:
    """nginx of PATH, or one that apt installs here; None when there is none to be had."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    if found := shutil.which("nginx", path=places):
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("No nginx for the tests of docs/deploy; trying apt ...", file=sys.stderr, flush=True)
        try:
            subprocess.run(["apt-get", "update", "-qq"], check=True, timeout=120, stdout=subprocess.DEVNULL)
            install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"]
            subprocess.run(install, check=True, timeout=300, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as problem:
            print(f"  apt did not work: {problem}", file=sys.stderr, flush=True)
    return shutil.which("nginx", path=places)


def missing() -> str:
    """What these tests lack here, "" for nothing."""
    if not find_nginx():
        return "no nginx: docs/deploy/nginx.conf was NOT tested; install nginx"
    return "" if shutil.which("openssl") else "no openssl: docs/deploy/nginx.conf was NOT tested; install openssl"


def swap(text: str, old: str, new: str) -> str:
    """``text`` with ``new`` for every ``old``, which must be there."""
    assert old in text, f"docs/deploy: {old!r} is gone"
    return text.replace(old, new)


def serve_command(port: int, options: str) -> list[str]:
    """The command of dams@.service for ``port``, run by this Python."""
    lines = (DEPLOY / "dams@.service").read_text().splitlines()
    line = next(line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
    program, *arguments = shlex.split(swap(swap(line, "%i", str(port)), "$SERVE_OPTIONS", options))
    assert Path(program).name == "dams"
    return [sys.executable, "-m", "dashboard.cli", *arguments]


def shipped_environment(database_url: str, origin: str) -> dict[str, str]:
    """The variables of dams.env, with this database and this host."""
    text = (DEPLOY / "dams.env").read_text()
    text = swap(text, "postgresql+psycopg://dams:PASSWORD@localhost/dams", database_url)
    lines = swap(text, "dams.example.org", origin).splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


class Nginx:
    """nginx in front of two ``process_ports``; ``https`` as shipped, or the plain form that deploy.md tells of."""

    def __init__(self, folder: Path, *, https: bool = True, prefix: str = ""):
        self.folder, self.port, self.http_port = folder, free_port(), free_port()
        self.process_ports = (free_port(), free_port())
        self.origin = f"localhost:{self.port}"
        self.url = f"{'https' if https else 'http'}://{self.origin}/{prefix + '/' if prefix else ''}"
        folder.mkdir()
        text = (DEPLOY / "nginx.conf").read_text()
        for shipped, port in zip(("127.0.0.1:5006", "127.0.0.1:5007"), self.process_ports, strict=True):
            text = swap(text, shipped, f"127.0.0.1:{port}")
        for line in ("listen [::]:80;", "listen [::]:443 ssl;"):  # not every machine has IPv6
            text = swap(text, line, "")
        if prefix:
            text = swap(text, "location / {", f"location /{prefix}/ {{")
        text = self._with_https(text) if https else self._without_https(text)
        (folder / "dams.conf").write_text(swap(text, "dams.example.org", "localhost"))
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(_WHOLE.format(folder=folder, user=user))

    def _with_https(self, text: str) -> str:
        text = swap(
            swap(text, "listen 80;", f"listen {self.http_port};"), "listen 443 ssl;", f"listen {self.port} ssl;"
        )
        names = ["-keyout", f"{self.folder}/key", "-out", f"{self.folder}/certificate"]
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run([*make, *names], check=True, capture_output=True)
        text = swap(text, "/etc/ssl/certs/dams.example.org.pem", f"{self.folder}/certificate")
        return swap(text, "/etc/ssl/private/dams.example.org.key", f"{self.folder}/key")

    def _without_https(self, text: str) -> str:
        redirect = text[text.index("server {") : text.index("server {", text.index("server {") + 1)]
        text = swap(swap(text, redirect, ""), "listen 443 ssl;", f"listen {self.port};")
        return "\n".join(line for line in text.splitlines() if not line.strip().startswith("ssl_"))

    def start(self) -> None:
        conf, errors = str(self.folder / "nginx.conf"), str(self.folder / "error.log")
        self._process = subprocess.Popen([find_nginx(), "-p", str(self.folder), "-c", conf, "-e", errors])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
