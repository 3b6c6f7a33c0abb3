"""The figures of all processes of the service, for Prometheus."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import Response

from serving.conditions import LEVELS
from serving.telemetry.certificate import expires_at
from serving.telemetry.definitions import CERTIFICATE, CONDITION, HOME_FREE, HOME_SIZE
from serving.telemetry.exposition import exposed
from serving.telemetry.tally import Tally

if TYPE_CHECKING:
    from serving.api.call import Call
    from serving.parts import Parts


def get_metrics(call: Call) -> Response:
    """Return the metrics, in Prometheus's own text format, or in OpenMetrics where Accept asks for it."""
    scraped = _scraped(call.parts)
    text, media_type = exposed(call.parts.telemetry.figures(), scraped, call.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": media_type})


def _scraped(parts: Parts) -> Tally:
    """Return what is found out when it is asked for."""
    scraped = Tally()
    parts.waiting.say(scraped)
    for told in parts.board.all():
        scraped.say(CONDITION, (told.part, told.program), LEVELS.index(told.level))
    with suppress(OSError):  # a home whose disk is gone has no room that could be told
        disk = shutil.disk_usage(parts.settings.home)
        scraped.say(HOME_FREE, (), disk.free)
        scraped.say(HOME_SIZE, (), disk.total)
    certificate, key = parts.settings.tls_certificate, parts.settings.tls_key
    ends = None if certificate is None or key is None else expires_at(certificate, key)
    if ends is not None:
        scraped.say(CERTIFICATE, (), ends)
    return scraped
