"""Figures by the bulk are those of the library that counts one by one, and add up over any processes."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from serving.telemetry.counting import METHODS, count_served
from serving.telemetry.definitions import METRICS, REQUEST_SECONDS, REQUESTS, SCORES, STEP_SECONDS
from serving.telemetry.exposition import exposed
from serving.telemetry.places import Found
from serving.telemetry.served import STEPS, Served
from serving.telemetry.tally import Tally, read_tally, sum_of

seconds = st.one_of(st.floats(0, 20), st.sampled_from([*REQUEST_SECONDS.bounds, *STEP_SECONDS.bounds]))
many_served = st.lists(
    st.builds(
        Served,
        method=st.sampled_from(["GET", "POST", "BREW"]),
        route=st.sampled_from(["/score", "/v1/leads/{id}", "-"]),
        status=st.sampled_from([None, 200, 201, 303, 401, 422, 500, 503]),
        began=st.just(0.0),
        seconds=seconds,
        request_id=st.just("r"),
        key_id=st.just("k"),
        score=st.none() | st.integers(0, 99),
        version=st.none() | st.integers(1, 3),
        steps=st.none() | st.tuples(seconds, seconds, seconds, seconds),
    ),
    max_size=30,
)


def counted(many: Sequence[Served]) -> Tally:
    tally = Tally()
    count_served(tally, many)
    return tally


def samples(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): round(sample.value, 6)
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def by_the_library(many: Sequence[Served]) -> bytes:
    registry = CollectorRegistry()
    requests = Counter(REQUESTS.name, "-", REQUESTS.labels, registry=registry)
    took, step, scores = (
        Histogram(one.name, "-", one.labels, buckets=one.bounds, registry=registry)
        for one in (REQUEST_SECONDS, STEP_SECONDS, SCORES)
    )
    for one in many:
        method = one.method if one.method in METHODS else "other"
        status = "gone" if one.status is None else f"{one.status // 100}xx"
        requests.labels(method, one.route, status).inc()
        took.labels(method, one.route).observe(one.seconds)
        if one.score is not None:
            scores.labels("none" if one.version is None else str(one.version)).observe(one.score)
        for name, length in zip(STEPS, one.steps or (), strict=False):
            step.labels(name).observe(length)
    return generate_latest(registry)


@given(many=many_served)
def test_many_at_once_are_counted_as_the_library_counts_one_by_one(many: list[Served]) -> None:
    text, _ = exposed([Found("server", counted(many), runs=True)], Tally(), "")
    told = {key: value for key, value in samples(text).items() if "refusals" not in key[0] and key[1]}
    assert told == samples(by_the_library(many))


@given(parts=st.lists(many_served, max_size=4))
def test_the_figures_of_several_processes_are_those_of_one_that_did_it_all(parts: list[list[Served]]) -> None:
    apart = [Found(f"server {at}", counted(part), runs=at != 1) for at, part in enumerate(parts)]
    alone = [Found("server", counted([one for part in parts for one in part]), runs=True)]
    assert samples(exposed(apart, Tally(), "")[0]) == samples(exposed(alone, Tally(), "")[0])


@given(many=many_served)
def test_a_tally_is_read_as_it_was_written(many: list[Served]) -> None:
    tally = counted(many)
    again = read_tally(tally.written())
    assert read_tally(again.written()).written() == again.written()
    assert sum_of([again]).written() == again.written()
    told = [exposed([Found("server", one, runs=True)], Tally(), "")[0] for one in (tally, again)]
    assert told[0] == told[1]


def test_refusals_are_counted_by_their_status() -> None:
    one = Served("POST", "/score", 429, 0.0, 0.1, "r", "k")
    text, _ = exposed([Found("server", counted([one, one]), runs=True)], Tally(), "")
    assert b'leadlens_refusals_total{status="429"} 2.0' in text
    assert b'leadlens_refusals_total{status="401"} 0.0' in text


def test_openmetrics_is_answered_where_it_is_asked_for() -> None:
    figures = [Found("server", counted([]), runs=True)]
    text, media_type = exposed(figures, Tally(), "application/openmetrics-text; version=1.0.0")
    assert media_type.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")
    assert exposed(figures, Tally(), "text/html")[1].startswith("text/plain")


def test_names_keep_to_the_conventions_of_prometheus() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert metric.name.startswith("leadlens_")
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert (metric.kind == "histogram") == bool(metric.bounds)
        assert metric.holds != "program" or metric.labels[0] == "program"
        assert metric.means.endswith(".")
