"""A configuration is right, or one line says what is not."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from iec_connector.sources.configuration import ConfigurationInvalid, load_configuration
from iec_connector.sources.sources import load_codes, read_password, to_source
from iec_connector.understanding import FixedNetwork, Meaning, NetworkInMessage
from iec_connector.understanding.times import CLOCK_STARTS

EXAMPLE = Path(__file__).parents[4] / "iec_connector" / "example.yaml"

SMALLEST = """
sources:
  - name: hes-north
    broker: {url: "amqp://127.0.0.1:61616"}
    destinations: queue://IEC20_PUSH
    network: north
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "connector.yaml"
    file.write_text(text)
    return file


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationInvalid) as wrong:
        load_configuration(written(folder, text))
    line = str(wrong.value)
    assert "\n" not in line
    return line.removeprefix(f"{folder / 'connector.yaml'}: ")


def changed(**keys: object) -> str:
    content = yaml.safe_load(SMALLEST)
    content["sources"][0].update(keys)
    return yaml.safe_dump(content)


def test_the_example_is_right_and_shows_every_setting_that_has_a_default() -> None:
    configuration = load_configuration(EXAMPLE)
    codes = load_codes(configuration)
    north, south = (to_source(source, codes) for source in configuration.sources)
    assert north.network == FixedNetwork(network="north")
    assert isinstance(south.network, NetworkInMessage)
    assert south.network.allowed == {"south", "south-west"}
    assert str(south.zone) == "Europe/Zurich"


def test_the_smallest_configuration_has_safe_defaults(tmp_path: Path) -> None:
    [source] = load_configuration(written(tmp_path, SMALLEST)).sources
    assert source.destinations == ["queue://IEC20_PUSH"]
    assert source.credit == 1000
    assert source.replies_to == []
    assert source.limits.message_bytes == 8 * 1024 * 1024


def test_paths_are_taken_from_where_the_file_lies(tmp_path: Path) -> None:
    broker = {"url": "amqp://b", "user": "connector", "password_file": "pw"}
    (tmp_path / "pw").write_text("s3cret\n")
    [source] = load_configuration(written(tmp_path, changed(broker=broker))).sources
    assert read_password(source) == "s3cret"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "sources: is missing"),
        ("sources: []", "sources: List should have at least 1 item"),
        ("sources: [", "is not YAML"),
        ("sources: [{}]", "sources[0].name: is missing (and 3 more)"),
        (changed(credits=1), "sources[0].credits: is not a setting of the connector"),
        (changed(network="North"), "sources[0].network.fixed: 'North' is not a network"),
        (changed(network={}), "set exactly one of fixed, by_destination and in_message"),
        (changed(network={"in_message": "property"}), "property_name is only for"),
        (changed(destinations=["IEC20_PUSH"]), "write queue://NAME or topic://NAME"),
        (changed(destinations=["topic://T"]), "would lose every message"),
        (changed(destinations=["topic://T?durable=s"]), "needs broker.client_id"),
        (changed(broker={"url": "http://b"}), "is not a broker's address: write amqp://"),
        (changed(broker={"url": "amqp://u:p@b"}), "must not carry user or password"),
        (changed(broker={"url": "amqp://b", "user": "u"}), "user and password_file belong"),
        (changed(broker={"url": "amqp://b", "tls": {"ca_file": "c"}}), "plain connection"),
        (changed(time_zone="Mars/Olympus"), "is not a time zone"),
        (changed(time_zone="../etc/passwd"), "is not a time zone"),
        (changed(replies_to=["http://b"]), "is not a destination"),
        (changed(credit=0), "sources[0].credit: Input should be greater than or equal to 1"),
        (SMALLEST + "forwarding: {batch_reports: 501}", "forwarding.batch_reports"),
        (SMALLEST + SMALLEST.replace("sources:\n", ""), "two sources are called hes-north"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_key(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert expected in complaint(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"nowhere\.yaml: cannot be read: No such file"):
        load_configuration(tmp_path / "nowhere.yaml")


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    broker = {"url": "amqp://b", "user": "connector", "password_file": "pw"}
    [source] = load_configuration(written(tmp_path, changed(broker=broker))).sources
    with pytest.raises(ConfigurationInvalid, match=r"hes-north: password_file .*/pw: No such file"):
        read_password(source)


def test_a_code_table_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("source,code,meaning,note\n*,3.26.0,POWER_LOST,\n")
    file = written(tmp_path, SMALLEST + "code_table: codes.csv")
    with pytest.raises(ConfigurationInvalid, match=r"code_table: .*codes\.csv, line 2"):
        load_codes(load_configuration(file))


def test_rows_of_one_s_own_win_over_the_table_that_comes_with_the_connector(tmp_path: Path) -> None:
    rows = "source,code,meaning,note\nhes-north,3.26.38.98,POWER_RESTORED,labelled Power Up\n"
    (tmp_path / "own.csv").write_text(rows)
    file = written(tmp_path, SMALLEST + "extra_code_table: own.csv")
    codes = load_codes(load_configuration(file))
    assert codes.meaning("hes-north", "3.26.38.98") is Meaning.POWER_RESTORED
    assert codes.meaning("hes-south", "3.26.38.98") is not Meaning.POWER_RESTORED
    assert codes.meaning("hes-north", "3.26.0.85") is Meaning.POWER_LOST


def test_kinds_of_names_that_identify_are_listed_for_each_source(tmp_path: Path) -> None:
    file = written(tmp_path, changed(identifying_names=["MeterUniqueID", "UtilityNumber"]))
    configuration = load_configuration(file)
    made = to_source(configuration.sources[0], load_codes(configuration))
    assert made.identifying_names == ("MeterUniqueID", "UtilityNumber")


@pytest.mark.parametrize("name", ["Model", "IP address"])
def test_what_many_devices_are_called_identifies_none(tmp_path: Path, name: str) -> None:
    line = complaint(tmp_path, changed(identifying_names=[name]))
    assert f"{name!r} is what many devices are called" in line


@pytest.mark.parametrize("name", ["", "*", "name"])
def test_a_name_of_no_kind_identifies_nobody(tmp_path: Path, name: str) -> None:
    line = complaint(tmp_path, changed(identifying_names=name))
    assert "is no kind of names: write a NameType, e.g. MeterUniqueID" in line


def test_how_identifiers_are_made_equal_is_told_by_the_names_of_rules(tmp_path: Path) -> None:
    def rules(setting: object) -> tuple[str, ...]:
        file = written(tmp_path, changed(identifier_spelling=setting))
        configuration = load_configuration(file)
        return to_source(configuration.sources[0], load_codes(configuration)).identifier_spelling

    assert rules("as-written") == rules([]) == ()
    assert rules("upper-case") == ("upper-case",)
    assert rules(["lower-case", "strip-leading-zeros"]) == ("lower-case", "strip-leading-zeros")
    line = complaint(tmp_path, changed(identifier_spelling=["upper", "upper-case"]))
    assert line == (
        "sources[0].identifier_spelling[0]: 'upper' is none of as-written (alone), upper-case, lower-case, "
        "strip-leading-zeros, strip-signs"
    )


def test_nouns_clock_starts_and_requests_are_settings_of_a_source(tmp_path: Path) -> None:
    plain = load_configuration(written(tmp_path, SMALLEST))
    of = to_source(plain.sources[0], load_codes(plain))
    assert of.ignores("MeterReadSchedule")
    assert not of.requests_are_facts
    more = changed(
        ignored_nouns=["EndDeviceControls"], clock_starts=["2010-01-01"], requests="facts"
    )
    told = load_configuration(written(tmp_path, more))
    of = to_source(told.sources[0], load_codes(told))
    assert of.ignores("EndDeviceControls")
    assert not of.ignores("MeterReadSchedule")
    assert of.clock_starts == (*CLOCK_STARTS, date(2010, 1, 1))
    assert of.requests_are_facts
    for wrong in ("noon", "0001-01-01", "9999-12-31"):
        said = complaint(tmp_path, changed(clock_starts=[wrong]))
        assert said.startswith("sources[0].clock_starts[0]")
