"""``python -m service_metrics.page PACKAGE...``: write docs/metrics.md from what the packages declare.

A package declares its metrics in ``metrics.METRICS``. What several of them declare stands once.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from textwrap import fill
from typing import Final

from service_metrics.declared import OTHER, SERIES_AT_MOST, Kind, Metric
from service_metrics.instruments import SCHEMA_URL

PAGE: Final = Path("docs") / "metrics.md"

_HEAD: Final = """\
This page is written from the declarations in the code by `make metrics`; do not edit it. How the metrics are read, and
what to do when one is bad: [operations.md](operations.md#metrics).
"""
_NAMES: Final = (
    "Names are OpenTelemetry's where its semantic conventions have one ({schema}), else they begin with `meterpark.`. "
    "The Prometheus name is what a query uses; a histogram has `_bucket`, `_count` and `_sum` behind it. A label is an "
    "attribute with `_` for each dot. No attribute names a device, a person or a message. What a head-end system can "
    "choose (a network, a noun) is bounded: of a metric beyond {series} series, the rest counts under `{other}`."
)
_WIDTH: Final = 120
_TABLE: Final = "| metric | in Prometheus | kind, unit | attributes | meaning |\n| --- | --- | --- | --- | --- |"


def declared_by(package: str) -> Sequence[Metric]:
    """Return what ``package`` declares."""
    metrics: Sequence[Metric] = import_module(f"{package}.metrics").METRICS
    return metrics


def page(declarations: Mapping[str, Sequence[Metric]], schema: str) -> str:
    """Return the page for packages and what each declares: first what several share, then each its own."""
    users: dict[str, list[str]] = {}
    by_name: dict[tuple[str, str], Metric] = {}
    for package, metrics in declarations.items():
        for metric in metrics:
            # The same declaration in several packages is one; two declarations of one name are two.
            key = metric.name, metric.meaning
            by_name[key] = metric
            users.setdefault("\n".join(key), []).append(package)
    sections: dict[tuple[str, ...], list[Metric]] = {}
    for key, metric in by_name.items():
        sections.setdefault(tuple(users["\n".join(key)]), []).append(metric)
    names = _NAMES.format(schema=schema, series=SERIES_AT_MOST, other=OTHER)
    parts = ["# Metrics\n", _HEAD, fill(names, _WIDTH, break_on_hyphens=False) + "\n"]
    for packages, metrics in sorted(sections.items(), key=lambda one: -len(one[0])):
        title = _told(packages, len(declarations))
        parts.append(f"## {title}\n\n{_rows(metrics)}\n{_attributes(metrics)}")
    return "\n".join(parts)


def _told(packages: Sequence[str], of: int) -> str:
    return "Every service" if len(packages) == of else ", ".join(packages)


def _rows(metrics: Iterable[Metric]) -> str:
    return "\n".join([_TABLE, *(_row(metric) for metric in metrics)])


def _row(metric: Metric) -> str:
    attributes = ", ".join(f"`{name}`" for name in metric.attributes)
    kind = f"{metric.kind.value}, `{metric.unit}`"
    if metric.kind is Kind.HISTOGRAM:
        kind += f", up to {metric.bounds[-1]:g}"
    return f"| `{metric.name}` | `{metric.prometheus_name}` | {kind} | {attributes} | {metric.meaning} |"


def _attributes(metrics: Iterable[Metric]) -> str:
    """Say what each attribute's values are, once; of which metrics, where it is not the same for all."""
    said: dict[str, dict[str, list[str]]] = {}
    for metric in metrics:
        for name, values in metric.attributes.items():
            said.setdefault(name, {}).setdefault(values, []).append(metric.name)
    lines = [
        f"- `{name}`{_of(users) if len(meanings) > 1 else ''}: {values}"
        for name, meanings in said.items()
        for values, users in meanings.items()
    ]
    wrapped = (fill(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in lines)
    return "".join(f"\n{line}" for line in wrapped) + "\n" if lines else ""


def _of(metrics: Sequence[str]) -> str:
    return f" of {', '.join(f'`{name}`' for name in metrics)}"


def main(packages: Sequence[str]) -> None:
    written = page({package: declared_by(package) for package in packages}, SCHEMA_URL)
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
