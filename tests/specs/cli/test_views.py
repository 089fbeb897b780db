"""What the conditions of a saved view are when it is opened."""

from datetime import UTC, datetime

from google.protobuf.duration_pb2 import Duration
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter
from meterpark.smoc.v1.view_service_pb2 import FacetLasting, View

from meterpark_cli.views.views import opened

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_ages_of_a_view_count_from_when_it_is_opened() -> None:
    view = View(
        name="stuck",
        filter=DeviceFilter(lifecycles=["ERROR"]),
        lasting=[FacetLasting(facet="lifecycle", at_least=Duration(seconds=86_400))],
        silent_for=Duration(seconds=7_200),
    )
    wanted = opened(view, NOON)
    [age] = wanted.facet_ages
    assert (list(wanted.lifecycles), age.facet) == (["ERROR"], "lifecycle")
    assert age.since.end_time.ToDatetime(UTC) == datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert wanted.last_contact.end_time.ToDatetime(UTC) == datetime(2026, 11, 30, 10, tzinfo=UTC)
    # The view itself stays as it is: opened tomorrow it means tomorrow.
    assert not view.filter.facet_ages


def test_a_view_without_ages_is_its_filter() -> None:
    view = View(name="dark", filter=DeviceFilter(powers=["OFF"]))
    assert opened(view, NOON) == view.filter
