"""An artifact is prepared in a process of its own: what it does to LightGBM is done to nobody else.

A text that LightGBM cannot read may end the process that reads it, or take its memory or its time. So that
process is a child with an address space and a time that are limited, and with a low priority. Its libraries
take seconds to load, so a child may wait, ready, for the next artifact.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from models.errors import ArtifactError, NotNowError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 300.0
"""Compiling 2,000 trees of 255 leaves takes 20 s, and the kernels once a few; a machine may be busy."""

ADDRESS_SPACE_BYTES = 6 * 2**30
"""Libraries reserve much more than they use; what the largest booster in scale uses is 1.4 GB."""

NICENESS = 10
_LOOK_SECONDS = 0.02
_LINES_SAID = 5

log = logging.getLogger("leadlens.artifact")


class Preparer:
    """Prepares artifacts in child processes, one artifact a child.

    An artifact that takes more than `seconds`, or a child that needs more than `address_space_bytes`, is
    given up; so is all once `stop` is set.
    """

    def __init__(
        self,
        stop: threading.Event | None = None,
        *,
        seconds: float = SECONDS,
        address_space_bytes: int = ADDRESS_SPACE_BYTES,
    ) -> None:
        self._stop = stop or threading.Event()
        self._seconds = seconds
        self._address_space_bytes = address_space_bytes
        self._waiting: _Child | None = None

    def keep_ready(self) -> None:
        """Start a child that waits for the next artifact, unless one does."""
        if self._waiting is None or not self._waiting.is_there():
            self._waiting = _Child(self._address_space_bytes)

    def prepare(self, folder: Path, copies: Path) -> str:
        """Do what `models.preparing.prepare` does, and return the digest of the artifact.

        Raises ArtifactError where the artifact cannot serve, its subclass NotNowError where the cause may
        pass.
        """
        self.keep_ready()
        child, self._waiting = self._waiting, None
        assert child is not None  # noqa: S101  # for the type checker: keep_ready made one
        try:
            child.begin(folder, copies)
            if not child.ended_within(self._seconds, self._stop):
                said = f"{folder.name}: preparing it took more than {self._seconds:g} seconds"
                raise NotNowError("this process was told to stop" if self._stop.is_set() else said)
        finally:
            code, said, lines = child.end()
        for line in lines:
            log.warning("while %s was prepared: %s", folder.name, line[:300])
        return _result(folder, said, code)

    def close(self) -> None:
        """End the child that waits."""
        if self._waiting is not None:
            self._waiting.end()
            self._waiting = None


class _Child:
    """A process that waits for one artifact."""

    def __init__(self, address_space_bytes: int) -> None:
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115  # closed when it ends
        # -P: what stands in the working folder, a package 'models' perhaps, is none of ours.
        command = [sys.executable, "-P", "-m", "models.preparing_apart", str(address_space_bytes)]
        try:
            self._process = subprocess.Popen(  # noqa: S603  # this interpreter, and arguments of ours
                command,
                stdin=subprocess.PIPE,
                stdout=self._out,
                stderr=self._err,
                env=_environment(os.environ),
            )
        except OSError as problem:
            raise NotNowError(f"no process could be started to prepare it: {problem.strerror}") from problem

    def is_there(self) -> bool:
        return self._process.poll() is None

    def begin(self, folder: Path, copies: Path) -> None:
        assert self._process.stdin is not None  # noqa: S101  # for the type checker: it is a pipe
        job = json.dumps([str(folder.absolute()), str(copies.absolute())])
        try:
            self._process.stdin.write(job.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as problem:
            raise NotNowError("the process that was to prepare it has ended") from problem

    def ended_within(self, seconds: float, stop: threading.Event) -> bool:
        waited = 0.0
        while self._process.poll() is None and waited < seconds and not stop.wait(_LOOK_SECONDS):
            waited += _LOOK_SECONDS
        return self._process.poll() is not None

    def end(self) -> tuple[int, str, list[str]]:
        """Return the code that it ended with, what it wrote, and what its libraries said, each line once."""
        self._process.kill()
        with self._process, self._out, self._err:
            code = self._process.wait()
            said, lines = _text(self._out), _text(self._err).splitlines()
        return code, said, [line for line in dict.fromkeys(lines) if line.strip()][-_LINES_SAID:]


def prepare_apart(folder: Path, copies: Path) -> str:
    """Prepare one artifact in a child process; see `Preparer.prepare`."""
    return Preparer().prepare(folder, copies)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the child: one thread, and nothing about the registry."""
    kept = {name: value for name, value in environment.items() if not name.startswith("MLFLOW_")}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _result(folder: Path, said: str, code: int) -> str:
    try:
        result: dict[str, Any] = json.loads(said.rstrip().rpartition("\n")[2])
    except ValueError:
        result = {}
    if code == 0 and "digest" in result:
        return str(result["digest"])
    if "passing" in result or code == -signal.SIGKILL:
        raise NotNowError(f"{folder.name}: {result.get('passing', 'the process was killed: no memory?')}")
    if "refused" in result:
        raise ArtifactError(str(result["refused"]))
    if code >= 0:  # Python itself gave up, on its libraries more likely than on the artifact
        raise NotNowError(f"{folder.name}: not enough memory, or no whole installation: exit code {code}")
    ended = signal.Signals(-code).name
    raise ArtifactError(f"{folder.name}: reading it ended the process that did so ({ended})")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _prepared(address_space_bytes: int) -> dict[str, str]:
    """Load the libraries, within the limits, wait for an artifact, and prepare it."""
    os.nice(max(0, NICENESS - os.nice(0)))  # who started it may be as nice already: twice would starve it
    resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))
    try:
        sys.modules["sklearn"] = None  # type: ignore[assignment]  # LightGBM's import is three times as long with it
        import lightgbm  # noqa: F401, PLC0415  # see above

        from models.preparing import prepare  # noqa: PLC0415  # as above

        folder, copies = map(Path, json.loads(sys.stdin.buffer.readline() or b"null") or os._exit(1))
        threading.Thread(target=_end_with_parent, daemon=True).start()
        return {"digest": prepare(folder, copies)}
    except ArtifactError as problem:
        return {"refused": str(problem)}
    except (MemoryError, ImportError):  # of a library that finds no room
        return {"passing": "there is not enough memory to prepare it"}
    except OSError as problem:
        return {"passing": f"{problem.filename or 'the machine'}: {problem.strerror}"}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches who started it, and that ends this one
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    found = _prepared(int(sys.argv[1]))
    sys.stdout.write("\n" + json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0 if "digest" in found else 1)  # a library must not crash on its way out
