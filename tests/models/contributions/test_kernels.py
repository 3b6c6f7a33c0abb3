"""Machine code that is kept is never that of other source code."""

import shutil
import subprocess
import sys
from pathlib import Path

import models.contributions.kernels as room

CALLED = """
from kernels import kernel

ADDED = {added}

@kernel()
def one_more(value):
    return value + ADDED
"""
CALLS = """
from called import one_more
from kernels import kernel

@kernel()
def twice_one_more(value):
    return 2 * one_more(value)

print(twice_one_more(5))
"""


def test_a_kernel_is_compiled_anew_where_a_file_that_it_calls_has_changed(tmp_path: Path) -> None:
    shutil.copy(room.__file__, tmp_path / "kernels.py")
    (tmp_path / "calls.py").write_text(CALLS, "utf-8")
    said = []
    for added in (1, 3):
        (tmp_path / "called.py").write_text(CALLED.format(added=added), "utf-8")
        done = subprocess.run(
            [sys.executable, "-B", "calls.py"], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        said.append(done.stdout.strip())
    assert said == ["12", "16"]


def test_every_file_of_a_room_is_in_its_digest(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1", "utf-8")
    digests = {room.digest_of(tmp_path)}
    for name, content in (("one.py", "a = 2"), ("two.py", ""), ("two.py", "a = 2"), ("one.py", "")):
        (tmp_path / name).write_text(content, "utf-8")
        digests.add(room.digest_of(tmp_path))
    assert len(digests) == 5
