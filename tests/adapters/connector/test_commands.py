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


def test_an_engineer_sees_which_codes_of_a_file_have_no_row(tmp_path: Path) -> None:
    event, codes = tmp_path / "event.xml", tmp_path / "list.csv"
    event.write_text(EVENT.replace("3.26.0.85", "E-117"))
    codes.write_text('code,note\n3.26.0.85,power\n"0.99.0.1",?\n')
    told = run("codes", str(event), str(codes))
    assert told.returncode == 1
    assert told.stderr == ""
    assert [line.split() for line in told.stdout.splitlines()[:5]] == [
        ["times", "kind", "as", "written", "meaning", "name"],
        ["1", "code", "0.99.0.1", "no", "row"],
        ["1", "code", "E-117", "no", "row"],
        ["1", "code", "code", "no", "row"],
        ["1", "code", "3.26.0.85", "POWER_LOST", "ElectricMeter.Power.NA.Failed"],
    ]
    assert "my-source,text:E-117,,\n" in told.stdout
    assert "my-source,0.99.0.1,,\n" in told.stdout


def test_the_rows_that_an_engineer_adds_are_those_that_the_report_knows(tmp_path: Path) -> None:
    file, event, missing = tmp_path / "c.yaml", tmp_path / "event.xml", tmp_path / "nowhere.xml"
    file.write_text("""
sources:
  - {name: hes-north, broker: {url: "amqp://b"}, destinations: "queue://Q", network: north}
extra_code_table: own.csv
extra_lifecycle_table: words.csv
""")
    (tmp_path / "own.csv").write_text("source,code,meaning,note\nhes-north,text:E-117,FAULT,\n")
    (tmp_path / "words.csv").write_text("source,word,lifecycle,note\n*,Lager,INVENTORY,\n")
    event.write_text(EVENT.replace("3.26.0.85", "E-117"))
    told = run("codes", "--config", str(file), str(event))
    assert told.returncode == 0
    assert told.stdout.splitlines()[1].split() == ["1", "code", "E-117", "FAULT"]
    gone = run("codes", str(missing))
    assert gone.returncode == 2
    assert gone.stderr == f"{missing}: cannot be read: No such file or directory\n"
    (tmp_path / "words.csv").write_text("source,word,lifecycle,note\n*,Lager,STORE,\n")
    wrong = run("check", str(file))
    assert wrong.returncode == 2
    assert "extra_lifecycle_table: " in wrong.stderr
    assert "words.csv, line 2: 'STORE' is no lifecycle" in wrong.stderr
