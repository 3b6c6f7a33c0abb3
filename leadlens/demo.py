"""`leadlens demo`: the whole job on generated data."""

import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Home

HOST = "127.0.0.1"
READY_SECONDS = 60


def demo(
    home: Home = HOME,
    leads: Annotated[int, typer.Option(help="How many leads to generate.", min=2_000)] = 10_000,
    port: Annotated[int, typer.Option(help="The port to serve on.")] = 3000,
    detach: Annotated[
        bool, typer.Option("--detach", help="Serve in the background; return once the server is ready.")
    ] = False,
) -> None:
    """See the whole job on generated data.

    A history is generated, a version trained on it, judged, promoted and served.

    \b
    Examples:
      leadlens demo
      leadlens demo --detach
    """
    from leadlens.example import example_request
    from leadlens.generate import generate
    from leadlens.terminal import say
    from leadlens.train import train

    _free_port(port)
    data = home / "data"
    say("1. A history with a known truth (generated: no person, company or deal in it exists)")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    generate(data, leads=leads)
    say("2. Learning from it")
    train(data / "leadlens.toml", home=home)
    say("3. Promoting the version")
    _promoted(home)
    say("4. Serving")
    key = _demo_key(home)
    for line in example_request(home, key, port):
        say(line)
    if detach:
        _detached(home, port)
        pid = shlex.quote(str(home / "demo.pid"))  # removed with the stop: the number may become another's
        say(f"The server runs in the background; stop it with: kill $(cat {pid}) && rm {pid}")
        return
    from leadlens.serve import serve

    serve(home=home, host=HOST, port=port)


def _promoted(home: Path) -> None:
    """Promote through the gates; where they refuse, as they do with few leads, say so and force it."""
    from leadlens.promote import promote
    from leadlens.terminal import say

    try:
        promote(home=home)
    except RefusedError as refusal:
        say(f"{refusal}")
        say("This being a demo on generated leads, it is forced, which is recorded with the version:")
        promote(home=home, force=True, why="a demo on few generated leads shows serving all the same")


def _demo_key(home: Path) -> Path:
    """Make a key for the demo, once, in a file that only its owner may read; return the file."""
    from serving.parts import write_once
    from serving.run import create_key
    from serving.settings import settings_from

    path = home / "demo-key"
    if not path.exists():
        _, text = create_key(
            home, "demo", ["score", "read"], store_url=settings_from(os.environ, home=home).store_url
        )
        write_once(path, text + "\n")
    return path


def _detached(home: Path, port: int) -> None:
    """Start the server in the background, and return once it is ready."""
    import httpx

    log = home / "demo.log"
    command = [sys.executable, "-m", "leadlens", "serve", "--home", str(home)]
    command += ["--host", HOST, "--port", str(port)]
    with log.open("ab") as output:
        server = subprocess.Popen(  # noqa: S603  # this program itself
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    (home / "demo.pid").write_text(f"{server.pid}\n", encoding="ascii")
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            # trust_env: a proxy of the environment has no business with the loopback
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    server.terminate()
    raise RefusedError(f"The server was not ready within {READY_SECONDS} seconds. Its log is {log}")


def _free_port(port: int) -> None:
    """Raise InputError where something listens on the port already: better now than after the training."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as problem:
        remedy = "Stop what listens there (an earlier demo?), or choose another with --port."
        raise InputError(Fault("--port", "a free port", f"{port} in use", remedy)) from problem
