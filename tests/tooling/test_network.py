import contextlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from network import ClosedNetwork, close_network

OUTSIDE = "192.0.2.1"  # reserved for documentation: nobody is there

LOOK_UP = "import socket; socket.getaddrinfo('leadlens.invalid', 443)"
SEND = f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'hello', ('{OUTSIDE}', 9))"


def run(closed: ClosedNetwork, *options: str) -> subprocess.CompletedProcess[str]:
    words = closed.command([sys.executable, *options])
    return subprocess.run(words, env=closed.environment(), capture_output=True, text=True, check=False)


def test_the_test_itself_cannot_connect_and_the_attempt_is_recorded(tmp_path: Path) -> None:
    with close_network(tmp_path / "attempts") as closed, socket.socket() as outward:
        with pytest.raises(OSError, match="closed the network"):
            outward.connect((OUTSIDE, 443))
        with pytest.raises(socket.gaierror, match="closed the network"):
            socket.getaddrinfo("leadlens.invalid", 443)
    assert [attempt["event"] for attempt in closed.attempts] == ["socket.connect", "socket.getaddrinfo"]
    assert closed.attempts[0]["target"] == f"('{OUTSIDE}', 443)"


@pytest.mark.parametrize(("program", "event"), [(LOOK_UP, "socket.getaddrinfo"), (SEND, "socket.sendto")])
def test_a_child_cannot_reach_out_and_its_attempt_is_recorded(
    tmp_path: Path, program: str, event: str
) -> None:
    with close_network(tmp_path / "attempts") as closed:
        done = run(closed, "-c", program)
    assert done.returncode != 0
    assert "closed the network" in done.stderr
    assert [attempt["event"] for attempt in closed.attempts] == [event]


def test_a_grandchild_is_guarded_too(tmp_path: Path) -> None:
    nested = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {LOOK_UP!r}]))"
    with close_network(tmp_path / "attempts") as closed:
        done = run(closed, "-c", nested)
    assert done.returncode != 0
    assert len(closed.attempts) == 1


def test_what_goes_round_the_guard_meets_the_namespace(tmp_path: Path) -> None:
    with close_network(tmp_path / "attempts") as closed:
        if closed.holder is None:
            pytest.skip("this machine permits no network namespace: the guard stands alone")
        done = run(closed, "-I", "-c", SEND)  # -I: without the guard
    assert "Network is unreachable" in done.stderr
    assert closed.attempts == []


def test_the_loopback_stays_open_between_the_test_and_its_children(closed_network: ClosedNetwork) -> None:
    serve = (
        "import socket; near = socket.create_server(('127.0.0.1', 0)); "
        "print(near.getsockname()[1], flush=True); near.accept()[0].sendall(b'here')"
    )
    command = closed_network.command([sys.executable, "-c", serve])
    environment = closed_network.environment()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with closed_network.inside(socket.create_connection, ("localhost", port), timeout=10) as near:
            assert near.recv(4) == b"here"


def test_the_network_is_open_again_afterwards(tmp_path: Path) -> None:
    with close_network(tmp_path / "attempts") as closed:
        pass
    with socket.socket(type=socket.SOCK_DGRAM) as outward, contextlib.suppress(OSError):
        outward.connect((OUTSIDE, 9))  # sends nothing: UDP's connect only notes the address
    assert closed.attempts == []
