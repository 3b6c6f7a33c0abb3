"""The whole service as one ASGI app, through BentoML's public way of making one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from serving.app.endpoints import CONFIG, behind_layers, endpoints

import bentoml  # isort: skip  # after serving.app.endpoints, which turns BentoML's reports home off

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from serving.parts import Parts


def leadlens_app(parts: Callable[[], Parts]) -> ASGIApp:
    """Return the app of a service with these parts, which are opened when it starts."""
    service = behind_layers(bentoml.service(**CONFIG)(endpoints(parts)), parts)
    return cast("ASGIApp", service.to_asgi())
