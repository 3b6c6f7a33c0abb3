"""The whole service as one ASGI app, through BentoML's public way of making one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from serving.app.endpoints import CONFIG, behind_layers, endpoints
from serving.app.layers import guarded
from serving.hot.layer import Hot

import bentoml  # isort: skip  # after serving.app.endpoints, which turns BentoML's reports home off

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from serving.parts import Parts


def leadlens_app(parts: Callable[[], Parts], *, is_hot: bool = True) -> ASGIApp:
    """Return the app of a service with these parts, which are opened when it starts.

    The hot layer stands in front of BentoML, not behind. Without it (`is_hot`) answers are the same.
    """
    service = behind_layers(bentoml.service(**CONFIG)(endpoints(parts)), parts, guarded)
    app = cast("ASGIApp", service.to_asgi())
    return Hot(app, parts) if is_hot else app
