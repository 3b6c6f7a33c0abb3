import os
import subprocess
import sys

import pytest

from features.processors import usable_processors

COUNTED = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from features.processors import usable_processors
print(usable_processors())
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system does not tell")
def test_a_process_that_was_left_one_processor_counts_one() -> None:
    told = subprocess.run([sys.executable, "-c", COUNTED], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "1"


def test_no_more_are_counted_than_the_machine_has() -> None:
    assert 1 <= usable_processors() <= (os.cpu_count() or 1)
