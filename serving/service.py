"""The service under the name that `bentoml serve serving.service:LeadLens` imports.

BentoML imports a finished service, so the environment (LEADLENS_HOME and the other settings) is read here;
the home is opened only when the service starts.
"""

import os

from serving.door.endpoints import CONFIG, behind_layers, endpoints
from serving.parts import lazily
from serving.settings import settings_from

import bentoml  # isort: skip  # after serving.door.endpoints, which turns BentoML's reports home off

_PARTS = lazily(settings_from(os.environ))

LeadLens = behind_layers(bentoml.service(**CONFIG)(endpoints(_PARTS)), _PARTS)
