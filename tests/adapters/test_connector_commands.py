"""What the connector says to who starts it: one line for a wrong setting; a message read without a broker."""

import os
import subprocess
import sys
from pathlib import Path

EVENT = """<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>
<Noun>EndDeviceEvents</Noun><Timestamp>2026-03-01T10:00:00Z</Timestamp></Header>
<Payload><EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">
<EndDeviceEvent><createdDateTime>2026-03-01T09:59:00Z</createdDateTime><Assets><Names>
<name>SN-1</name><NameType><name>SerialNumber</name></NameType></Names></Assets>
<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent></EndDeviceEvents></Payload></EventMessage>"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "iec_connector", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_wrong_setting_stops_it_with_one_line_and_code_2(tmp_path: Path) -> None:
    file = tmp_path / "connector.yaml"
    file.write_text("sources: [{}]")
    for ended in (run(IEC_CONNECTOR_CONFIG=str(file)), run("check", str(file))):
        assert ended.returncode == 2
        assert ended.stderr == f"{file}: sources[0].name: is missing (and 3 more)\n"
    missing = run()
    assert missing.returncode == 2
    assert missing.stderr == "setting IEC_CONNECTOR_CONFIG: field required\n"


def test_an_engineer_can_try_a_message_without_a_network(tmp_path: Path) -> None:
    file = tmp_path / "connector.yaml"
    file.write_text("""
sources:
  - {name: hes-north, broker: {url: "amqp://b"}, destinations: "queue://Q", network: north}
""")
    (tmp_path / "event.xml").write_text(EVENT)
    (tmp_path / "bad.xml").write_text("<EventMessage>")
    good = run("read", str(file), str(tmp_path / "event.xml"))
    assert good.returncode == 0
    assert '"device_identifier": "SN-1"' in good.stdout
    bad = run("read", str(file), str(tmp_path / "bad.xml"))
    assert bad.returncode == 1
    assert '"unreadable": "XML_MALFORMED"' in bad.stdout
    assert run("check", str(file)).stdout == "OK: hes-north: amqp://b queue://Q\n"
