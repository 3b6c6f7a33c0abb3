"""Follows a home's registry while the disk of the copies is full, and once there is room. Argument: home.

The disk is a file system of the process's own: `unshare` has given it the right to mount one. Printed are,
as JSON, the version that is pointed to and what the board is told, both times.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from leadlens.following import FIRST_PAUSE_SECONDS, Following
from leadlens.quiet import keep_libraries_quiet
from models.champion import pointed_to
from models.preparing_apart import Preparer
from models.registry import home_registry
from serving.conditions import Board
from serving.settings import settings_from

if __name__ == "__main__":
    home = Path(sys.argv[1])
    copies, now = home / "champion", [0.0]
    copies.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "leadlens-test", str(copies)], check=True)
    keep_libraries_quiet()
    board = Board(home, "follower", lambda: 1)
    following = Following(
        settings_from({}, home=home),
        home_registry(home, {}),
        Preparer(),
        board,
        lambda _: set(),
        seconds=lambda: now[0],
    )
    filler = copies / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65_536))
    for _ in range(2):
        following.look()
        told = {one.part: [one.level, one.said] for one in board.all()}
        left = sorted(path.name for path in copies.iterdir())
        sys.stdout.write(json.dumps([pointed_to(home), told["champion"], left]) + "\n")
        filler.unlink(missing_ok=True)
        now[0] += FIRST_PAUSE_SECONDS
