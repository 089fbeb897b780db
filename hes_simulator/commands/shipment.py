"""`hes_simulator shipment`: the file that the park's meters came with, as a purchase department writes it.

Columns: those of docs/cli.md ("Shipment files"). The serial numbers are those with which the same park reports.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

from hes_simulator.commands.options import Devices, Network, Seed, wrong_options
from hes_simulator.park.devices import Park

if TYPE_CHECKING:
    from hes_simulator.park.devices import ParkDevice

COLUMNS: Final = (
    "serial",
    "model",
    "network",
    "lot",
    "area",
    "manufacturer",
    "communication_technology",
    "utility_number",
    "mrid",
    "latitude",
    "longitude",
)


def shipment(
    *,
    devices: Devices = 200,
    seed: Seed = 1,
    network: Network = "north",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.")
    ] = None,
) -> None:
    """Write the shipment file (CSV) of a park: which meters were delivered, and in which lot."""
    with wrong_options():
        park = Park(network=network, size=devices, seed=seed)
    if out is None:
        write_shipment(park, sys.stdout)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            write_shipment(park, file)
    except OSError as error:
        sys.stderr.write(f"hes_simulator: {out}: {error.strerror}\n")
        raise typer.Exit(1) from None


def write_shipment(park: Park, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, park.devices()))


def _row(device: ParkDevice) -> tuple[str, ...]:
    return (
        device.serial_number,
        device.model.number,
        device.network,
        device.lot,
        device.area,
        device.model.manufacturer,
        device.model.technology,
        device.utility_number,
        device.mrid,
        device.latitude,
        device.longitude,
    )
