"""Figures of all processes become the text that Prometheus reads."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString

from serving.telemetry.definitions import METRICS, REFUSALS, REFUSED
from serving.telemetry.tally import Tally, sum_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prometheus_client import Metric as Family

    from serving.telemetry.definitions import Metric
    from serving.telemetry.places import Found
    from serving.telemetry.tally import Series

T = TypeVar("T")


def exposed(figures: Sequence[Found], scraped: Tally, accept: str) -> tuple[bytes, str]:
    """Return the figures of processes, and what was found out just now, and the media type of the text.

    `accept` is the header that chooses between Prometheus's own format and OpenMetrics.
    """
    encode, media_type = choose_encoder(accept)
    return encode(_Families(figures, scraped)), media_type


class _Families:
    """What the library's encoders are given in the place of a registry."""

    def __init__(self, figures: Sequence[Found], scraped: Tally) -> None:
        self._counted = sum_of(one.tally for one in figures)
        self._said = {
            series: value for one in figures if one.runs for series, value in one.tally.said.items()
        } | scraped.said

    def collect(self) -> Iterator[Family]:
        """Return the families, in the order of their definitions."""
        for metric in METRICS:
            if metric.kind == "histogram":
                yield self._histogram(metric)
            elif metric.holds == "all":
                yield _plain(metric, {**_from_nothing(metric), **_of(metric, self._counted.counts)}.items())
            else:
                yield _plain(metric, _of(metric, self._said).items())

    def _histogram(self, metric: Metric) -> Family:
        family = HistogramMetricFamily(metric.name, metric.means, labels=metric.labels)
        ends = [*map(floatToGoString, metric.bounds), "+Inf"]
        for labels, spread in _of(metric, self._counted.spreads).items():
            if len(spread.counts) == len(ends):
                up_to = accumulate(map(float, spread.counts))
                family.add_metric(labels, list(zip(ends, up_to, strict=True)), spread.total)
        return family


def _of(metric: Metric, all_series: dict[Series, T]) -> dict[tuple[str, ...], T]:
    """Return the series of one metric by their labels, in order."""
    found = {labels: value for (name, labels), value in all_series.items() if name == metric.name}
    return {labels: found[labels] for labels in sorted(found) if len(labels) == len(metric.labels)}


def _from_nothing(metric: Metric) -> dict[tuple[str, ...], float]:
    """Return the series that are shown before anything was counted: a rise from nothing is seen so."""
    if metric is REFUSED:
        return {(str(status),): 0.0 for status in REFUSALS}
    return {} if metric.labels else {(): 0.0}


def _plain(metric: Metric, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.means, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
