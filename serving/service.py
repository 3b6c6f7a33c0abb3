"""The service under the name that `bentoml serve serving.service:LeadLens` imports.

BentoML imports a finished service, so the environment (LEADLENS_HOME and the other settings) is read here;
the home is opened only when the service starts.
"""

import atexit
import os
from contextlib import ExitStack
from functools import cache

from serving.app.endpoints import CONFIG, behind_layers, endpoints
from serving.app.layers import guarded_and_hot
from serving.parts import Parts, open_parts
from serving.settings import settings_from
from serving.store.in_use import in_use
from serving.upkeep import Upkeep

import bentoml  # isort: skip  # after serving.app.endpoints, which turns BentoML's reports home off

_SETTINGS = settings_from(os.environ)
_HELD = ExitStack()


@cache
def _parts() -> Parts:
    _HELD.enter_context(in_use(_SETTINGS.home, _SETTINGS.store_url))  # until the process ends
    parts = open_parts(_SETTINGS)
    parts.telemetry.start()
    atexit.register(parts.telemetry.stop)
    Upkeep(parts).begin()
    return parts


LeadLens = behind_layers(bentoml.service(**CONFIG)(endpoints(_parts)), _parts, guarded_and_hot)
