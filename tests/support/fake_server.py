"""Serves a home with the fake scorer, as `leadlens serve` does with the real one.

Arguments: home, port, and further settings as NAME=VALUE.
"""

import sys
from pathlib import Path
from typing import Any

from fake_scorer import FakeScorer

from serving.run import serve
from serving.settings import settings_from

if __name__ == "__main__":
    more: dict[str, Any] = dict(word.split("=", 1) for word in sys.argv[3:])
    serve(settings_from({}, home=Path(sys.argv[1]), port=sys.argv[2], **more), load=FakeScorer.load)
