"""The command line for tests: in this process where that is enough, and as a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it said; never a traceback."""
        said = self.out + self.err
        assert "Traceback" not in said, said
        return said


def leadlens(*words: object, folder: Path | None = None) -> Run:
    """Run a command as `python -m leadlens` does, in this process, with a current folder of its choice."""
    from leadlens.__main__ import main

    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        patch.object(sys, "argv", ["leadlens", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.chdir(folder or Path.cwd()),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
    return Run(code, out.getvalue(), err.getvalue())


def done(*words: object, folder: Path | None = None) -> Run:
    """Run a command that must succeed."""
    run = leadlens(*words, folder=folder)
    assert run.code == 0, run.said
    return run


def leadlens_process(*words: object, folder: Path | None = None, **environment: str) -> Run:
    """Run a command as a process."""
    done = subprocess.run(
        program(*words),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=200,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def program(*words: object) -> list[str]:
    """The words that start LeadLens as a process."""
    return [sys.executable, "-m", "leadlens", *map(str, words)]


@contextlib.contextmanager
def stopped_at_the_end(pid: int) -> Iterator[None]:
    """Stop a server that a command left running, and wait until it is gone."""
    import psutil

    server = psutil.Process(pid)
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.terminate()
        psutil.wait_procs([server], timeout=20)
        assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


@dataclass(frozen=True, slots=True)
class FirstRound:
    """What `generate`, `train` and `promote` left behind, and what they said."""

    home: Path
    data: Path
    generated: Run
    trained: Run
    promoted: Run
