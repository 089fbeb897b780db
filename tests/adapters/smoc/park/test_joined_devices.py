"""A device that was joined into another is found, counted and listed as that one."""

import pytest
from meterpark.smoc.v1 import device_pb2, device_service_pb2
from structlog.testing import capture_logs

from tests.neighbours.smoc.running import DeviceFilter, running
from tests.specs.smoc.messages import device, provision


async def test_a_joined_device_is_found_and_counted_as_the_one_that_it_was_joined_into(
    mongod_url: str,
) -> None:
    serial = device_pb2.DeviceIdentifier(scheme="serial_number", value="S1")
    called = [serial, device_pb2.DeviceIdentifier(scheme="name/dcs", value="DCS-9")]
    before = [
        provision(device("north/S1", serial_number="S1", identifiers=[serial])),
        provision(device("north/8f1c", names={"DCS": "DCS-9"}, power="OFF", model="E450")),
    ]
    async with running(mongod_url, before=before) as smoc:

        async def found() -> tuple[list[str], int, dict[str, list[str]]]:
            counted = await smoc.devices.CountDevices(device_service_pb2.CountDevicesRequest())
            total = (await smoc.page()).total_size
            assert total == counted.total_size == (await smoc.summary()).device_count
            texts = ("S1", "8f1c", "dcs-9")
            by_text = {text: await smoc.ids(DeviceFilter(text_beginning=text)) for text in texts}
            return await smoc.ids(), total, by_text

        apart = await found()
        assert apart == (
            ["north/8f1c", "north/S1"],
            2,
            {"S1": ["north/S1"], "8f1c": ["north/8f1c"], "dcs-9": ["north/8f1c"]},
        )
        kept = {"serial_number": "S1", "power": "OFF", "joined": ["north/8f1c"]}
        gone = {"lifecycle": "REMOVED", "names": {"DCS": "DCS-9"}, "model": "E450"}
        await smoc.provision(
            provision(device("north/S1", 2, identifiers=called, **kept)),
            provision(device("north/8f1c", 2, joined_into="north/S1", **gone)),
        )
        assert await found() == (
            ["north/S1"],
            1,
            {"S1": ["north/S1"], "8f1c": ["north/S1"], "dcs-9": ["north/S1"]},
        )
        assert await smoc.ids(DeviceFilter(models=["E450"])) == []
        assert (await smoc.device("north/8f1c")).joined_into == "north/S1"
        assert list((await smoc.device("north/S1")).joined) == ["north/8f1c"]
        # Undone.
        await smoc.provision(
            provision(device("north/S1", 3, serial_number="S1", identifiers=[serial])),
            provision(device("north/8f1c", 3, names={"DCS": "DCS-9"}, model="E450")),
        )
        assert await found() == apart


@pytest.mark.parametrize("recount_seconds", [600.0, 0.05])
async def test_joined_devices_are_left_out_after_a_start_and_by_the_database_s_own_count(
    mongod_url: str, recount_seconds: float
) -> None:
    before = [
        provision(device("north/S1", joined=["north/8f1c"])),
        provision(device("north/8f1c", joined_into="north/S1", power="OFF")),
    ]
    async with running(mongod_url, before=before, recount_seconds=recount_seconds) as smoc:
        with capture_logs() as logs:
            for revision in range(2, 12):
                joined_into = "north/S1" if revision % 2 else ""
                await smoc.provision(
                    provision(device("north/8f1c", revision, joined_into=joined_into, power="OFF"))
                )
                assert await smoc.ids(DeviceFilter(powers=["OFF"])) == (
                    [] if joined_into else ["north/8f1c"]
                )
        assert [each for each in logs if each["log_level"] == "error"] == []
