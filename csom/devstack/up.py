"""`./run up`: the whole product on this machine, with demo data, until Ctrl-C."""

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from types import FrameType

from .logs import Printer
from .process import spawn, stop
from .services import DATA, ROOT, running
from .tables import Tables

PATIENCE = 90  # seconds until the first page must have answered
WIDTH = len("worker")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    DATA.mkdir(exist_ok=True)
    with (DATA / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("./run up is already running in this checkout.", file=sys.stderr)
            return 1
        if not _is_free(options.host, options.port):
            print(
                f"Port {options.port} is taken. Choose another one: ./run up --port "
                f"{options.port + 1}",
                file=sys.stderr,
            )
            return 1
        for number in ENDINGS:
            signal.signal(number, _interrupt)
        try:
            return _run(options)
        except KeyboardInterrupt:
            print("\nStopped.")
            return 0


def _run(options: argparse.Namespace) -> int:
    begun = time.monotonic()
    print("Starting PostgreSQL and Valkey", flush=True)
    with running() as env:
        tables = Tables(env["DATABASE_OWNER_URL"], DATA)
        if not tables.are_current():
            print("Migrating as the owner", flush=True)
            _finish("migrate", "--verbosity=0", env=env)
            tables.note_current()
        has_demo = any(ROOT.glob("*/management/commands/demo.py"))
        if has_demo and not options.empty and tables.may_lack_demo():
            print("Making demo data", flush=True)
            _finish("demo", "--if-empty", env=env)
        address = f"http://{options.host}:{options.port}/"
        print("Starting the web server, then a worker and the clock", flush=True)
        children: dict[str, subprocess.Popen[bytes]] = {}
        printer = Printer(WIDTH)
        for_children = {name: value for name, value in env.items() if name != "DATABASE_OWNER_URL"}
        try:
            # One after the other: the page is there sooner when they do not compete.
            for name, line in _commands(options).items():
                children[name] = spawn(line, subprocess.PIPE, cwd=ROOT, env=for_children)
                printer.follow(name, children[name])
                if name == "web" and not _answers(address, children[name]):
                    print(f"{address} does not answer; the lines above say why.", file=sys.stderr)
                    return 1
            took = time.monotonic() - begun
            print(
                f"\n  CSOM is ready at {address} after {took:.0f} s. Ctrl-C stops it.\n", flush=True
            )
            if has_demo:
                _finish("demo", "--sign-ins", env=env)
            name = _first_to_end(children)
            printer.finish()
            print(f"{name} ended by itself, so everything stops.", file=sys.stderr)
            return 1
        finally:
            for child in children.values():
                child.terminate()
            for child in children.values():
                stop(child, signal.SIGTERM, patience=8)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run up")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--empty", action="store_true", help="make no demo data")
    parser.add_argument("--reload", action="store_true", help="restart the web server on changes")
    return parser.parse_args(arguments)


def _commands(options: argparse.Namespace) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    bind = f"--bind={options.host}:{options.port}"
    web = ["gunicorn", "csom.wsgi", bind, "--workers=2", "--config=python:csom.gunicorn"]
    celery = ["celery", "-A", "csom.celery", "-q"]
    schedule = f"--schedule={DATA / 'beat-schedule'}"
    return {
        "web": [*python, *web, "--reload" if options.reload else "--preload"],
        "worker": [*python, *celery, "worker", "--concurrency=2", "--loglevel=warning"],
        "beat": [*python, *celery, "beat", schedule, "--pidfile=", "--loglevel=warning"],
    }


def _finish(*command: str, env: dict[str, str]) -> None:
    """A command of manage.py, to its end. Raises SystemExit where it fails."""
    child = spawn([sys.executable, "manage.py", *command], None, cwd=ROOT, env=env)
    try:
        if child.wait():
            raise SystemExit(f"manage.py {command[0]} failed; the lines above say why.")
    finally:
        stop(child, signal.SIGTERM)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers(address: str, web: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and web.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            print(f"{error.geturl()} answers {error.code}", file=sys.stderr)
            return False
        except OSError:
            time.sleep(0.1)
    return False


def _first_to_end(children: dict[str, subprocess.Popen[bytes]]) -> str:
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        time.sleep(0.3)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends everything; further ones must not disturb that."""
    for other in ENDINGS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
