"""What is read of processes: one that ends, or is replaced, while a round goes on does not end the run."""

import subprocess
import sys

from benchmarks.instruments.memory import held, peaks
from benchmarks.instruments.processor_time import SENDER, ProcessorTime

GONE = 2**22 + 1  # beyond the largest id that Linux gives


def test_a_process_that_has_ended_is_left_out() -> None:
    assert ProcessorTime.now({"device-hub": GONE}).by_name().keys() == {SENDER}
    assert peaks({"device-hub": GONE}) == held({"device-hub": GONE}) == {}


def test_a_process_that_was_replaced_has_no_time_between_two_readings() -> None:
    before = ProcessorTime({("device-hub", 17): 4.0, ("mongod", 5): 1.0})
    after = ProcessorTime({("device-hub", 18): 0.5, ("mongod", 5): 3.0})
    assert after.since(before).per_report(1000) == {"mongod": 2.0}


def test_memory_that_was_given_back_counts_at_most_and_not_now() -> None:
    code = "b = bytearray(64 << 20); del b; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        pids = {"mongod": process.pid}
        assert peaks(pids)["mongod"] > held(pids)["mongod"] + 32
        process.communicate(b"\n")
