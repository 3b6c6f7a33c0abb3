"""Traces of some of the requests, sent to a collector by OpenTelemetry's own protocol (OTLP over HTTP)."""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

from serving.telemetry.definitions import SPANS
from serving.telemetry.served import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span

    from serving.telemetry.served import Served
    from serving.telemetry.telemetry import Telemetry

SEND_SECONDS = 2.0
"""So often spans are sent, and so long a collector may take for them: 2,048 of them may wait meanwhile."""

NANOSECONDS = 1_000_000_000
_log = logging.getLogger("leadlens.telemetry")


class Traces:
    """Makes a span of a request, with one for each of its STEPS, and sends them in a thread of its own.

    Of all requests `share` are chosen by chance. How long each step took was measured, where it began was
    not: steps are shown one after the other from the request's beginning. Spans that a collector cannot
    take are lost; it is said when it goes away, and when it is back.
    """

    def __init__(self, endpoint: str, share: float, telemetry: Telemetry) -> None:
        self._share = share
        self._chance = random.Random()  # noqa: S311 - a choice of requests, and no secret
        self._sender = _Sender(endpoint, telemetry)
        resource = Resource({"service.name": "leadlens", "service.instance.id": telemetry.program})
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(self._sender, schedule_delay_millis=int(SEND_SECONDS * 1_000))
        )
        self._tracer = self._provider.get_tracer("leadlens")

    def offer(self, many: Iterable[Served]) -> None:
        """Make spans of some of the requests."""
        for one in many:
            if self._share >= 1 or self._chance.random() < self._share:
                self._trace(one)

    def stop(self) -> None:
        """Send what waits, and end; a collector that does not answer is given up after some seconds."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(2 * SEND_SECONDS)

    def _trace(self, one: Served) -> None:
        began = int(one.began * NANOSECONDS)
        span = self._tracer.start_span(f"{one.method} {one.route}", kind=SpanKind.SERVER, start_time=began)
        span.set_attributes(
            {
                "http.request.method": one.method,
                "http.route": one.route,
                "leadlens.request_id": one.request_id,
                "leadlens.key_id": one.key_id,
            }
        )
        if one.status is not None:
            span.set_attribute("http.response.status_code", one.status)
        if one.version is not None:
            span.set_attribute("leadlens.model_version", one.version)
        if one.status is None or one.status >= 500:
            span.set_status(StatusCode.ERROR)
        self._trace_steps(one, span, began)
        span.end(began + int(one.seconds * NANOSECONDS))

    def _trace_steps(self, one: Served, span: Span, began: int) -> None:
        context = set_span_in_context(span)
        for step, seconds in zip(STEPS, one.steps or (), strict=False):  # no steps, no spans of them
            child = self._tracer.start_span(step, context=context, start_time=began)
            began += int(seconds * NANOSECONDS)
            child.end(began)


class _Sender(SpanExporter):
    """Sends batches, counts them, and says when the collector goes away or is back."""

    def __init__(self, endpoint: str, telemetry: Telemetry) -> None:
        for name in ("opentelemetry", "urllib3"):  # they would say it again with each batch
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._inner = OTLPSpanExporter(endpoint=endpoint, timeout=SEND_SECONDS)
        self._telemetry = telemetry
        self._is_there = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self._inner.export(spans)
        is_there = result is SpanExportResult.SUCCESS
        self._telemetry.count(SPANS, ("sent" if is_there else "failed",))
        if is_there != self._is_there:
            _tell(_log.info if is_there else _log.warning, is_there=is_there)
        self._is_there = is_there
        return result

    def shutdown(self) -> None:
        """End."""
        self._inner.shutdown()  # type: ignore[no-untyped-call]  # the library gives it no types


def _tell(say: Callable[[str], None], *, is_there: bool) -> None:
    if is_there:
        say("The collector of traces takes spans again.")
    else:
        say(
            "The collector of traces (traces_endpoint) does not take spans. They are lost until it does; "
            "nothing else depends on it."
        )
