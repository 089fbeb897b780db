"""The figures of many devices: what the tables and the last line say."""

from benchmarks.devices.result import last_line, memory_page, sizes_page, waking_page
from benchmarks.devices.run import DeviceFigures
from benchmarks.devices.sizes import STANDARD, DeviceSizes
from benchmarks.instruments.figures import Delays, Spread

FIGURES = DeviceFigures(
    sizes=STANDARD,
    hub_memory={0: 101.2, 10_000: 140.6, 100_000: 431.9},
    rates={
        10_000: Spread(median=1510.0, least=1400.0, most=1600.0),
        100_000: Spread(median=1390.0, least=1300.0, most=1450.0),
    },
    milliseconds={10_000: 2.0, 100_000: 2.2},
    cold=Delays(p50=0.006, p90=0.008, p99=0.0121, p999=0.03, most=0.04, samples=1000),
    hot=Delays(p50=0.004, p90=0.005, p99=0.008, p999=0.01, most=0.02, samples=1000),
    long=Delays(p50=0.007, p90=0.009, p99=0.0184, p999=0.0184, most=0.0184, samples=5),
    samples={},
)


def test_the_last_line_compares_the_large_park_with_the_small_one() -> None:
    assert last_line(FIGURES) == (
        "bench-devices: 432 MiB with 100,000 hot devices, a report costs 1.10x of that with 10,000,"
        " cold p99 12 ms, with 60,000 commits 18 ms at most"
    )


def test_each_table_has_a_row_for_what_was_measured() -> None:
    assert memory_page(FIGURES).rows[-1] == ("100,000", "432")
    assert sizes_page(FIGURES).rows[0] == ("10,000", "1,510", "1,400 to 1,600", "2.00")
    assert [row[0] for row in waking_page(FIGURES).rows] == [
        "hot",
        "cold",
        "cold, with 60,000 commits",
    ]
    assert waking_page(FIGURES).rows[1][4] == "12.1 ms"


def test_a_try_with_fewer_devices_is_not_the_standard_run() -> None:
    assert DeviceSizes.of(100_000) == STANDARD
    assert DeviceSizes.of(2_000).long_history == 1_000
