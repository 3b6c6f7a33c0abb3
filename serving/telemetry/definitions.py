"""Every metric that the service offers: its name, its labels and what it means. The one list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serving.telemetry.served import STEPS

Kind = Literal["counter", "gauge", "histogram"]
Holds = Literal["all", "program", "scrape"]

REFUSALS = (401, 403, 413, 422, 429, 503, 504)
"""The statuses by which requests are refused that are counted one by one."""

_FAST = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_STEPS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05)
_TENS = tuple(float(last) for last in range(9, 99, 10))
_APART = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `name` is the family's, as Prometheus shows it; a counter's ends in _total.

    `holds`: "all": each process counts, and the sum is shown, with what ended processes have counted;
    "program": each process that runs says it of itself, under the label `program`; "scrape": it is found
    out when it is asked for. `bounds` are the upper ends of a histogram's buckets, inclusive, but for the
    last, which has none.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    means: str
    holds: Holds = "all"
    bounds: tuple[float, ...] = ()


REQUESTS = Metric(
    name="leadlens_requests_total",
    kind="counter",
    labels=("method", "route", "status"),
    means="Requests that were answered, by route and class of the status (2xx to 5xx; gone: the caller was).",
)
REQUEST_SECONDS = Metric(
    name="leadlens_request_duration_seconds",
    kind="histogram",
    labels=("method", "route"),
    bounds=_FAST,
    means="How long an answer took, from the first byte of the request that the service saw.",
)
STEP_SECONDS = Metric(
    name="leadlens_score_step_duration_seconds",
    kind="histogram",
    labels=("step",),
    bounds=_STEPS,
    means=f"How long each step of POST /score took: {', '.join(STEPS)}. Requests that had to wait for the "
    "store, as the first of a key after a pause, are left out; those that were answered together share "
    "a step.",
)
SCORES = Metric(
    name="leadlens_score_points",
    kind="histogram",
    labels=("version",),
    bounds=_TENS,
    means="Scores that POST /score gave, 0 to 99 by tens, by version of the model.",
)
REFUSED = Metric(
    name="leadlens_refusals_total",
    kind="counter",
    labels=("status",),
    means=f"Requests that were refused, by status: {', '.join(map(str, REFUSALS))}.",
)
SWAPS = Metric(
    name="leadlens_model_swaps_total",
    kind="counter",
    means="Times that a process has put another version of the model in the place of the one before.",
)
VERSIONS_REFUSED = Metric(
    name="leadlens_model_refusals_total",
    kind="counter",
    means="Times that a version was refused because a check failed; the one before it goes on serving.",
)
LINES_DROPPED = Metric(
    name="leadlens_log_lines_dropped_total",
    kind="counter",
    means="Lines of the access log that were left out, because nobody took them away fast enough.",
)
SPANS = Metric(
    name="leadlens_trace_batches_total",
    kind="counter",
    labels=("result",),
    means="Batches of spans that were sent to the collector of traces, or could not be (sent, failed).",
)
LOOP_DELAY = Metric(
    name="leadlens_event_loop_delay_seconds",
    kind="histogram",
    bounds=_FAST,
    means="How late the event loop was for what was due, looked at ten times a second in each process.",
)
SHADOW_SCORES = Metric(
    name="leadlens_shadow_scores_total",
    kind="counter",
    labels=("version",),
    means="Requests that a challenger has scored too, by its version.",
)
SHADOW_DROPPED = Metric(
    name="leadlens_shadow_dropped_total",
    kind="counter",
    means="Requests that were meant for the challenger too, and were left out because it did not keep up.",
)
SHADOW_APART = Metric(
    name="leadlens_shadow_difference_points",
    kind="histogram",
    labels=("version",),
    bounds=_APART,
    means="How far the challenger's score lay from the champion's, in points, whichever was higher.",
)

READY = Metric(
    name="leadlens_ready",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="1 where a process has a model to score with, else 0.",
)
MODEL = Metric(
    name="leadlens_model_info",
    kind="gauge",
    labels=("program", "name", "version", "rung"),
    holds="program",
    means="1, under the model that a process scores with.",
)
MODEL_SINCE = Metric(
    name="leadlens_model_since_timestamp_seconds",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="When the model that a process scores with was promoted here, seconds UTC since 1970.",
)
CPU = Metric(
    name="leadlens_process_cpu_seconds_total",
    kind="counter",
    labels=("program",),
    holds="program",
    means="Processor time that a process has used.",
)
MEMORY = Metric(
    name="leadlens_process_resident_memory_bytes",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="Memory that a process holds.",
)
OPEN_FILES = Metric(
    name="leadlens_process_open_fds",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="File descriptors that a process has open.",
)
MOST_FILES = Metric(
    name="leadlens_process_max_fds",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="File descriptors that a process may have open.",
)
STARTED = Metric(
    name="leadlens_process_start_time_seconds",
    kind="gauge",
    labels=("program",),
    holds="program",
    means="When a process was started, seconds UTC since 1970.",
)

STORE_UP = Metric(
    name="leadlens_store_up",
    kind="gauge",
    holds="scrape",
    means="1 where the store answered when it was last asked, else 0; then what waits in it is not told.",
)
STALE = Metric(
    name="leadlens_stale_leads",
    kind="gauge",
    holds="scrape",
    means="Stored leads that wait to be scored again.",
)
OLDEST_STALE = Metric(
    name="leadlens_oldest_stale_lead_seconds",
    kind="gauge",
    holds="scrape",
    means="How long the lead that waits longest has waited; 0 where none waits.",
)
UNSEALED = Metric(
    name="leadlens_unsealed_records",
    kind="gauge",
    holds="scrape",
    means="Records of the ledger that wait for their seal.",
)
WAITING_JOBS = Metric(
    name="leadlens_waiting_score_jobs",
    kind="gauge",
    holds="scrape",
    means="Score jobs that wait for a worker.",
)
WORKERS_ALIVE = Metric(
    name="leadlens_workers",
    kind="gauge",
    holds="scrape",
    means="Workers that have said within the last 30 seconds that they are there.",
)
CONDITION = Metric(
    name="leadlens_condition_level",
    kind="gauge",
    labels=("part", "program"),
    holds="scrape",
    means="How a part is, as a process sees it: 0 ok, 1 degraded, 2 failed.",
)
HOME_FREE = Metric(
    name="leadlens_home_free_bytes",
    kind="gauge",
    holds="scrape",
    means="Room that is left on the disk of the home.",
)
HOME_SIZE = Metric(
    name="leadlens_home_size_bytes",
    kind="gauge",
    holds="scrape",
    means="Size of the disk of the home.",
)
CERTIFICATE = Metric(
    name="leadlens_tls_certificate_expires_timestamp_seconds",
    kind="gauge",
    holds="scrape",
    means="When the certificate that the settings name expires, seconds UTC since 1970.",
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order in which they are shown."""
