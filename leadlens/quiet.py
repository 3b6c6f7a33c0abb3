"""Keeps the libraries that LeadLens is built on from speaking to anyone outside, and from idling loudly."""

import os
from collections.abc import MutableMapping

# Each library reads its variable while it is imported, so these must stand before that.
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "BENTOML_DO_NOT_TRACK": "True",
    # MLflow tells each step of making its own tables and each file; what it warns of is still said.
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Where a tracking server is named, MLflow tells its address between the lines that a command prints.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # Not a matter of privacy: without it an MLflow server starts seven workers that nobody here uses.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    # LightGBM's threads sleep while they wait. By default they spin, and on a busy machine training takes
    # more than twice as long then (164 s against 69 s, two cores shared with two other processes).
    "OMP_WAIT_POLICY": "PASSIVE",
}

_IMPATIENT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
"""MLflow alone would wait and try again for a quarter of an hour before it says that a server is away."""


def give_up_soon(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have MLflow say soon that its server is away, unless somebody has set how long it tries.

    For processes that ask again anyway.
    """
    for name, value in _IMPATIENT.items():
        environment.setdefault(name, value)


def keep_libraries_quiet(environment: MutableMapping[str, str] = os.environ) -> None:
    """Turn the libraries' reports home off, unless somebody has set these variables already.

    Call it before mlflow or bentoml is imported. Child processes inherit it.
    """
    for name, value in _SETTINGS.items():
        environment.setdefault(name, value)
