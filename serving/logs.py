"""What the service writes to standard error, and what it keeps quiet."""

import logging.config

QUIET = ("bentoml", "uvicorn", "uvicorn.access", "alembic", "httpx", "circus")
"""Libraries whose information would repeat paths, which hold ids of leads, or say nothing of use."""


def configure_logs() -> None:
    """Write the service's own lines, and the warnings of others, to standard error."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {"leadlens": {"level": "INFO"}, **{name: {"level": "WARNING"} for name in QUIET}},
        }
    )
