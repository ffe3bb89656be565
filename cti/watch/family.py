"""Metric families in few words. Names and units by prometheus.io/docs/practices/naming: seconds, bytes, ratios 0..1."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from cti.watch.histogram import Histogram

PREFIX: Final = "laidian_"
Labels = Sequence[str]
Samples = Iterable[tuple[tuple[str, ...], float]]
"""(values of the labels in their order, the figure)."""
Histograms = Iterable[tuple[tuple[str, ...], Histogram]]


def gauge(name: str, text: str, value: float | Samples, labels: Labels = ()) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for of, figure in _samples(value):
        family.add_metric(of, figure)
    return family


def counter(name: str, text: str, value: float | Samples, labels: Labels = ()) -> Metric:
    """`name` without "_total", which is added."""
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for of, figure in _samples(value):
        family.add_metric(of, figure)
    return family


def histogram(name: str, text: str, value: Histogram | Histograms, labels: Labels = ()) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, text, labels=labels)
    for of, one in [((), value)] if isinstance(value, Histogram) else value:
        family.add_metric(of, one.buckets(), one.total)
    return family


def every(known: Iterable[str], counted: Mapping[str, float]) -> Samples:
    """Also what was never counted, as 0: a rate needs a value before the first time."""
    return [((one,), float(counted.get(one, 0))) for one in dict.fromkeys((*known, *counted))]


def _samples(value: float | Samples) -> Samples:
    return [((), value)] if isinstance(value, int | float) else value
