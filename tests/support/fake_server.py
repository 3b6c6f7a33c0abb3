"""Serves a home with the fake scorer, as `leadlens serve` does with the real one. Arguments: home, port."""

import sys
from pathlib import Path

from fake_scorer import FakeScorer

from serving.run import serve
from serving.settings import settings_from

if __name__ == "__main__":
    serve(settings_from({}, home=Path(sys.argv[1]), port=sys.argv[2]), load=FakeScorer.load)
