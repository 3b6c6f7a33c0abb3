"""Serves a home that is a disk of a few MiB, as `leadlens serve` does. Arguments: home, MiB, port, settings.

The disk is a file system of the process's own: `unshare` has given it the right to mount one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def may_mount(folder: Path) -> bool:
    """Return whether this system lets anybody mount a file system of their own."""
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "leadlens-test", str(folder)]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    home, mebibytes = Path(sys.argv[1]), sys.argv[2]
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "leadlens-test", str(home)], check=True
    )
    server = Path(__file__).parent / "fake_server.py"
    from served import put_champion

    put_champion(home)
    os.execv(sys.executable, [sys.executable, str(server), str(home), *sys.argv[3:]])  # noqa: S606 - a program of this project
