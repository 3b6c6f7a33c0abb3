"""Serves a home as `leadlens serve` does. Arguments: home, port."""

import sys
from pathlib import Path

from serving.run import serve
from serving.settings import settings_from

if __name__ == "__main__":
    serve(settings_from({}, home=Path(sys.argv[1]), port=sys.argv[2]))
