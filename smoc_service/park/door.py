"""ListPlaceClusters: where the devices are that fit a filter, as a map draws them."""

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.caller import current_caller
from smoc_service.park.index import Located, ParkIndex
from smoc_service.park.park import Park
from smoc_service.park.questions import read_filter, read_view
from smoc_service.park.search import Search, fitting_devices
from smoc_service.park.wire import write_clusters


class ClusterDoor:
    def __init__(self, park: Park, search: Search) -> None:
        self._park = park
        self._search = search

    async def clusters(
        self, request: device_service_pb2.ListPlaceClustersRequest
    ) -> device_service_pb2.ListPlaceClustersResponse:
        """Answer the caller at hand; raise NetworkDenied, ParkNotLoaded, TooManyQuestions."""
        scope = current_caller().scope
        visible = read_filter(request.filter).within(scope)
        view = read_view(request)

        def locate(index: ParkIndex) -> Located:
            return index.select(visible.conditions).located(view)

        found = await self._park.ask(locate)
        devices, _ = await self._search.devices(found.device_ids, scope)
        return write_clusters(found, devices[: fitting_devices(devices)])
