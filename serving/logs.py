"""What the service writes to standard error, and what it keeps quiet."""

from __future__ import annotations

import logging.config
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from serving.settings import Settings

ACCESS: Final = "leadlens.access"
"""The logger that says which requests were answered."""

QUIET = ("bentoml", "uvicorn", "uvicorn.access", "alembic", "httpx", "circus", "opentelemetry")
"""Libraries whose information would repeat paths, which hold ids of leads, or say nothing of use."""

REPEATING = ("urllib3",)
"""Libraries whose warnings would come again and again as long as a registry or a collector is away."""

TEXT = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}


def configure_logs(settings: Settings | None = None, program: str = "server") -> None:
    """Write the service's own lines, and the warnings of others, to standard error.

    As `settings.log_format` says: for people, or one JSON object a line, which names the `program` too.
    """
    is_json = settings is not None and settings.log_format == "json"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": _json(program) if is_json else TEXT},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                "leadlens": {"level": "INFO"},
                **{name: {"level": "WARNING"} for name in QUIET},
                **{name: {"level": "ERROR"} for name in REPEATING},
            },
        }
    )


def _json(program: str) -> dict[str, Any]:
    return {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "fmt": ["levelname", "name", "message"],
        "rename_fields": {"levelname": "level", "name": "logger"},
        "static_fields": {"program": program},
        "timestamp": "time",
        "json_ensure_ascii": False,
    }
