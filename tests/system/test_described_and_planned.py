"""What describes a device, who is behind whom, what became of orders, what is planned: from a message to the graph."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.neighbours.keycloak import Keycloak
from tests.system.graph import Asking
from tests.system.messages import ENVELOPE, NOON
from tests.system.park import Park, until

LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEXT_CENTURY = datetime(2126, 1, 1, tzinfo=UTC)
DESCRIBED = """query Described($id: ID!) {
  device(id: $id) {
    lifecycle { value }
    statusReason changeReason changeAuthor seals macAddress radioAddress iccid ratedCurrent phaseCount
    multipliers formNumber configurationId programId capabilities switchArmState switchOperationCount
    latitude longitude streetAddress connectionState moduleFirmwareVersion firmwareVersion
    parentId parent { deviceId children { totalCount edges { node { deviceId } } } }
    planned { effectiveAt kind changes { name value } }
    timeline(first: 50) { edges { node { kind code details { name value } } } }
  }
}"""
FACTS = """
  <status><value>Active</value><reason>tested</reason></status>
  <ConfigurationEvents><createdDateTime>2026-03-01T11:00:00Z</createdDateTime><modifiedBy>crew 7</modifiedBy>
    <reason>exchange</reason></ConfigurationEvents>
  <formNumber>2S</formNumber>
  <electronicAddress><mac>00:1e:c0:11:22:33</mac><radio>R-7</radio><password>secret-4711</password></electronicAddress>
  <Seals><sealNumber>A17</sealNumber><condition>locked</condition></Seals>
  <EndDeviceInfo><phaseCount>3</phaseCount><ratedCurrent>100</ratedCurrent>
    <capability><connectDisconnect>true</connectDisconnect></capability></EndDeviceInfo>
  <MeterMultipliers><kind>ctRatio</kind><value>20</value></MeterMultipliers>
  <ComFunction><firmwareID>9.1</firmwareID></ComFunction>
  <ComModule><ICCID>8941000000000000001</ICCID></ComModule>
  <SimpleEndDeviceFunction><configID>C7</configID><programID>P1</programID><firmwareID>4.0</firmwareID>
  </SimpleEndDeviceFunction>
  <ConnectDisconnectFunction><isConnected>true</isConnected><eventCount>12</eventCount>
    <rcdInfo><isArmConnect>true</isArmConnect></rcdInfo></ConnectDisconnectFunction>
  <UsagePoint><mRID>UP-F</mRID><connectionState>connected</connectionState><UsagePointLocation>
    <mainAddress><streetDetail><name>Bahnhofstrasse</name><number>1</number></streetDetail>
    <townDetail><name>Zürich</name></townDetail></mainAddress>
    <PositionPoints><xPosition>8.5417</xPosition><yPosition>47.3769</yPosition></PositionPoints>
  </UsagePointLocation></UsagePoint>
"""


def said(noun: str, inside: str, verb: str = "changed") -> str:
    payload = f'<{noun} xmlns="http://iec.ch/TC57/2011/{noun}#">{inside}</{noun}>'
    return ENVELOPE.format(
        verb=verb, noun=noun, payload=payload, at=NOON.isoformat(), message_id=""
    )


def named(serial: str) -> str:
    return f"<serialNumber>{serial}</serialNumber>"


def announced(verb: str) -> str:
    effective = f"<effectiveDateTime>{NEXT_CENTURY.isoformat()}</effectiveDateTime>"
    events = f"<ConfigurationEvents>{effective}</ConfigurationEvents>"
    removed = "<status><value>Removed</value></status>"
    return said("MeterConfig", f"<Meter>{named('GF-1')}{events}{removed}</Meter>", verb)


@pytest.fixture
async def victor(park: Park, keycloak: Keycloak) -> Asking:
    return Asking(stack=park.stack, token=await keycloak.person_token("victor"))


async def test_all_that_is_said_of_a_device_and_its_plans_arrives_in_the_graph(
    park: Park, victor: Asking
) -> None:
    control = (
        "<EndDeviceControl><mRID>order-1</mRID><status><value>failed</value><reason>no answer</reason></status>"
        '<EndDeviceControlType ref="3.31.0.23"/><EndDeviceAction><command>disconnect</command></EndDeviceAction>'
        f"<EndDevices>{named('GF-1')}</EndDevices></EndDeviceControl>"
    )
    behind = f"<Meter>{named('GF-0')}</Meter><EndDevice>{named('GF-1')}</EndDevice>"
    await park.publish(
        said("MeterConfig", f"<Meter>{named('GF-1')}{FACTS}</Meter>"),
        said(
            "MeterConfig", f"<Meter>{named('GF-0')}<status><value>Active</value></status></Meter>"
        ),
        said("MasterDataLinkageConfig", behind, "created"),
        said("EndDeviceControls", control),
        announced("changed"),
    )

    async def device() -> dict[str, Any]:
        shown: dict[str, Any] = (await victor.data(DESCRIBED, id="north/GF-1"))["device"] or {}
        return shown

    def is_whole(shown: dict[str, Any]) -> bool:
        return bool(
            shown
            and shown["planned"]
            and shown["seals"]
            and shown["parent"]
            # Found by the search, which follows the register.
            and shown["parent"]["children"]["totalCount"]
        )

    shown = await until(device, is_whole)
    facts = {name: value for name, value in shown.items() if isinstance(value, str | float)}
    assert facts == {
        "statusReason": "tested",
        "changeReason": "exchange",
        "changeAuthor": "crew 7",
        "seals": "A17 locked",
        "macAddress": "00:1e:c0:11:22:33",
        "radioAddress": "R-7",
        "iccid": "8941000000000000001",
        "ratedCurrent": "100",
        "phaseCount": "3",
        "multipliers": "ctRatio=20",
        "formNumber": "2S",
        "configurationId": "C7",
        "programId": "P1",
        "capabilities": "connectDisconnect",
        "switchArmState": "connect",
        "switchOperationCount": "12",
        "latitude": 47.3769,
        "longitude": 8.5417,
        "streetAddress": "Bahnhofstrasse 1, Zürich",
        "connectionState": "connected",
        "firmwareVersion": "communication=9.1, meter=4.0",
        "moduleFirmwareVersion": "9.1",
        "parentId": "north/GF-0",
    }
    assert shown["lifecycle"]["value"] == "IN_OPERATION"
    children = shown["parent"]["children"]
    assert [edge["node"]["deviceId"] for edge in children["edges"]] == ["north/GF-1"]
    [plan] = shown["planned"]
    assert plan["effectiveAt"] == NEXT_CENTURY.isoformat()
    assert {"name": "lifecycle", "value": "REMOVED"} in plan["changes"]

    await park.publish(announced("canceled"))
    shown = await until(device, lambda seen: not seen["planned"])
    entries = [edge["node"] for edge in shown["timeline"]["edges"]]
    kinds = [entry["kind"] for entry in entries]
    assert {"configured", "attached", "control-failed", "change-planned"} < set(kinds)
    assert kinds[0] == "plan-withdrawn"
    [order] = [entry for entry in entries if entry["kind"] == "control-failed"]
    assert order["code"] == "3.31.0.23"
    assert {"name": "reason", "value": "no answer"} in order["details"]

    # Without a meter: the hub knows which one is there.
    point = "<UsagePoint><mRID>UP-F</mRID><connectionState>physicallyDisconnected</connectionState></UsagePoint>"
    await park.publish(said("UsagePointConfig", point).replace(NOON.isoformat(), LATER.isoformat()))
    await until(device, lambda seen: seen["connectionState"] == "physicallyDisconnected")
