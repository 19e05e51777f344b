"""The command ``dams``."""

import argparse
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from dashboard import cli_analyses, cli_export, cli_inventory, cli_operations
from dashboard.settings import Settings, SettingsError, misspelt

NOBODY = (
    "Nobody can sign in as an administrator yet: dams user add NAME --role admin prints a link that sets the password, "
    "and dams user invite NAME another for one who was added."
)
PACKAGE = Path(__file__).parent
TASKS = PACKAGE.parent / "tests" / "tasks.py"
CHECKOUT_COMMANDS = {
    "test": "run all tests (arguments go to pytest)",
    "lint": "style, format and type checks",
    "bench": "run tests/benchmarks/NAME.py",
    "screenshots": "make the pictures of docs/pictures",
    "audit": "look through the locked packages for known vulnerabilities",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 refused (a sentence on standard error), 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] and given[0] in CHECKOUT_COMMANDS:  # theirs are pytest's arguments, not argparse's
        return _checkout(given)
    options = _parser().parse_args(given)
    try:
        return options.run(options)
    except SettingsError as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dams", description="Dam Inventory: dams on a map, hydrographs, live notices."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the dashboard", description="Serve the dashboard on this machine.")
    serve.add_argument("--port", type=int, choices=range(1, 65536), metavar="PORT", default=5006, help="port (5006)")
    serve.add_argument("--address", default="localhost", help="address to listen on (localhost)")
    serve.add_argument("--num-procs", type=int, default=1, help="processes that share the port (1); 0: one a core")
    serve.add_argument("--prefix", default="", help="path in front of every address, behind a proxy")
    serve.add_argument(
        "--allow-websocket-origin",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="another host that pages may be opened or embedded from; can be repeated",
    )
    serve.add_argument(
        "--use-xheaders",
        action="store_true",
        help="take address and protocol from the proxy's headers; only behind one",
    )
    serve.set_defaults(run=_serve)
    cli_inventory.add_to(commands)
    cli_export.add_to(commands)
    cli_analyses.add_to(commands)
    cli_operations.add_to(commands)
    for name, words in CHECKOUT_COMMANDS.items():
        commands.add_parser(name, help=f"{words}; in a checkout")
    return parser


def _checkout(arguments: list[str]) -> int:
    if not TASKS.is_file():
        print(f"'dams {arguments[0]}' works in a checkout of the project; this is an installed copy.", file=sys.stderr)
        return 1
    return subprocess.call([sys.executable, str(TASKS), *arguments])


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach ``address``."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def serve_arguments(options: argparse.Namespace, settings: Settings) -> list[str]:
    """The arguments of ``panel`` that serve every page.

    Raises SettingsError for an address that others can reach while there are no accounts.
    """
    if settings.auth == "none" and not is_loopback(options.address):
        raise SettingsError(
            f"--address {options.address} can be reached by others, and DAMS_AUTH=none lets everyone in with every "
            "right: use an address of this machine alone, such as localhost."
        )
    hosts = ("localhost", "127.0.0.1") if options.address == "localhost" else (options.address,)
    origins = [f"{host}:{options.port}" for host in hosts] + [*settings.allow_origins, *options.allow_websocket_origin]
    # A file arrives as base64 in one message, a third longer than it is.
    message_bytes = int(settings.upload_limit_mb * 1e6 * 4 / 3) + 1_000_000
    arguments = ["serve", *sorted(str(path) for path in (PACKAGE / "pages").glob("[a-z]*.py"))]
    arguments += ["--setup", str(PACKAGE / "boot.py"), "--plugins", "dashboard.routes", "--index", "map"]
    arguments += ["--auth-module", str(PACKAGE / "auth.py")]
    arguments += ["--port", str(options.port), "--address", options.address, "--num-procs", str(options.num_procs)]
    arguments += ["--websocket-max-message-size", str(message_bytes), "--log-level", settings.log_level.lower()]
    for origin in origins:
        arguments += ["--allow-websocket-origin", origin]
    arguments += ["--use-xheaders"] if options.use_xheaders else []
    return arguments + (["--prefix", options.prefix] if options.prefix else [])


def warnings(options: argparse.Namespace, settings: Settings) -> list[str]:
    """What is not wrong and yet not as an office would have it, in sentences."""
    if settings.auth == "none" or options.use_xheaders or is_loopback(options.address):
        return []
    return [
        f"Passwords and cookies cross the network of {options.address} unencrypted: put a proxy with TLS in front "
        "(docs/deploy.md) and start with --use-xheaders."
    ]


def _require_free_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
        try:
            probe.bind((address, port))
        except OSError as problem:
            reason = f"Port {port} of {address} cannot be used ({problem.strerror}): choose another with --port."
            raise SettingsError(reason) from problem


def _end_children_with_this_process() -> None:
    """Each process forked from now on ends when this one does, however this one ends.

    Tornado 6.6 leaves the processes of --num-procs running, and the port taken, when their parent is killed.
    """
    alive, held = os.pipe()

    def wait() -> None:
        os.read(alive, 1)  # comes back when nobody holds the other end
        os.kill(os.getpid(), signal.SIGTERM)

    def watch() -> None:
        os.close(held)
        threading.Thread(target=wait, daemon=True).start()

    os.register_at_fork(after_in_child=watch)


def _serve(options: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    for words in misspelt():
        print(words, file=sys.stderr)
    arguments = serve_arguments(options, settings)
    from sqlalchemy.exc import SQLAlchemyError  # half a second that a wrong option does not need

    from dashboard import logs
    from dashboard.services import Services
    from data.store import WrongSchema

    logs.install(settings)
    _require_free_port(options.address, options.port)
    for words in warnings(options, settings):
        print(words, file=sys.stderr)
    try:
        nobody = not Services(settings).prepare_and_close()
    except (OSError, SQLAlchemyError, WrongSchema) as problem:
        reason = getattr(problem, "orig", None) or problem
        raise SettingsError(f"The database {settings.shown_database()} cannot be used: {reason}") from problem
    if nobody:
        print(NOBODY, file=sys.stderr)
    here = f"http://{options.address}:{options.port}{'/' + options.prefix.strip('/') if options.prefix else ''}/"
    print(f"Dam Inventory is at {here} (stop with Ctrl-C). Database: {settings.shown_database()}", flush=True)
    from panel.command import main as panel

    if options.num_procs != 1:
        _end_children_with_this_process()
    sys.argv = ["panel", *arguments]  # panel 1.9 reads it whatever it is called with
    panel()
    return 0


if __name__ == "__main__":
    sys.exit(main())
