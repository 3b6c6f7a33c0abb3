"""The layers in front of everything that the service answers, outermost first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.sessions import SessionMiddleware

from serving.api.app import Api
from serving.door.gate import Gate
from serving.door.intake import Intake
from serving.door.own_cookie import OwnCookie
from serving.door.watch import Watch
from serving.hot.layer import Hot
from serving.web.rendering import render_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from serving.parts import Parts

COOKIE = "leadlens_session"


def guarded(app: ASGIApp, parts: Callable[[], Parts]) -> ASGIApp:
    """Return the app behind its layers: Watch, OwnCookie, sessions, Gate, Intake, Api."""
    opened = parts()
    settings = opened.settings
    intake = Intake(Api(app, opened), settings, opened.champion, opened.clock)
    sessions = SessionMiddleware(
        Gate(
            intake,
            opened.look_ups,
            opened.guesses,
            opened.key_limits,
        ),
        secret_key=opened.session_secret,
        session_cookie=COOKIE,
        max_age=settings.session_hours * 3600,
        same_site="strict",
        https_only=settings.secure_cookies or settings.is_over_tls,
    )
    return Watch(OwnCookie(sessions, COOKIE), settings.answer_limit_seconds, opened.telemetry, render_refusal)


def guarded_and_hot(app: ASGIApp, parts: Callable[[], Parts]) -> ASGIApp:
    """Return the app behind its layers, and the hot one in front of them."""
    return Hot(guarded(app, parts), parts)
