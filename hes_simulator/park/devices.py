"""A park of devices from a seed: no list of devices exists, each is worked out when it is asked for.

A device is a function of (network, seed, index). Serial numbers follow DIN 43863-5 ("1" for electricity,
three letters of the maker, two hexadecimal digits for the fabrication block, eight digits) and are unique
within a park, because the eight digits are a permutation of the index.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_limits import NETWORK
from hes_simulator.park.towns import place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_PARK: Final = 100_000_000
# Coprime to 10**8, so that index * STRIDE modulo 10**8 never repeats within a park.
SERIAL_STRIDE: Final = 61_803_399
LOT_SIZE: Final = 50
EXCHANGED_OF_256: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A type of meter that utilities really install, with the first firmware it is delivered with."""

    maker_code: str
    manufacturer: str
    number: str
    version: str
    technology: str
    phases: int
    firmware: tuple[int, int]


# Repeated entries are the common ones: a park is bought in large lots, not evenly over the market.
MODELS: Final[tuple[Model, ...]] = tuple(
    Model(
        maker_code=code,
        manufacturer=maker,
        number=number,
        version=version,
        technology=technology,
        phases=phases,
        firmware=firmware,
    )
    for count, code, maker, number, version, technology, phases, firmware in (
        (5, "LGZ", "Landis+Gyr", "E450", "Series 3", "PLC G3", 3, (1, 4)),
        (3, "LGZ", "Landis+Gyr", "E360", "Series 1", "LTE-M", 3, (2, 0)),
        (2, "LGZ", "Landis+Gyr", "E450", "Series 4", "PLC PRIME", 1, (3, 1)),
        (2, "ISK", "Iskraemeco", "AM550", "ED1", "PLC G3", 3, (4, 2)),
        (1, "ISK", "Iskraemeco", "AM550", "TD2", "NB-IoT", 1, (4, 3)),
        (2, "KFM", "Kaifa", "MA309M", "M", "PLC G3", 3, (1, 9)),
        (1, "SAG", "Sagemcom", "T210-D", "r2", "RF Mesh", 3, (5, 0)),
    )
    for _ in range(count)
)
AREAS: Final = (
    "Altstadt",
    "Bahnhofquartier",
    "Hafen",
    "Industrie Nord",
    "Industrie Sued",
    "Klosterviertel",
    "Obere Muehle",
    "Seefeld",
    "Sonnenberg",
    "Unterdorf",
    "Weststadt",
    "Ziegelei",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkDevice:
    """What stays true of a device for all its life, besides the two numbers of its first firmware."""

    index: int
    network: str
    serial_number: str
    utility_number: str
    mrid: str
    model: Model
    hardware: str
    address: str
    lot: str
    area: str
    usage_point: str
    # Degrees, as texts of five decimals.
    latitude: str
    longitude: str

    @property
    def device_id(self) -> str:
        """`<network>/<serial number>`, as the rest of the system addresses it."""
        return f"{self.network}/{self.serial_number}"

    def firmware(self, updates: int) -> str:
        """Firmware version after that many successful updates, e.g. "1.6.0"."""
        major, minor = self.model.firmware
        return f"{major}.{minor + updates}.0"


class Park:
    """`size` devices of one network. Deterministic by seed; raises ValueError for what cannot be a park."""

    def __init__(self, *, network: str, size: int, seed: int) -> None:
        if not NETWORK.fullmatch(network):
            raise ValueError(
                f"network {network!r} is no name for a network: a-z, 0-9 and -, at most 63"
            )
        if not 1 <= size <= LARGEST_PARK:
            raise ValueError(f"a park has 1 to {LARGEST_PARK} devices, not {size}")
        self.network = network
        self.size = size
        self.seed = seed

    def device(self, index: int) -> ParkDevice:
        """Return the device with that index, from 0; IndexError outside the park."""
        if not 0 <= index < self.size:
            raise IndexError(f"device {index} of a park of {self.size}")
        luck = hashlib.blake2b(
            f"{self.network}/{self.seed}/{index}".encode(), digest_size=32
        ).digest()
        start = hashlib.blake2b(f"{self.network}/{self.seed}".encode(), digest_size=8).digest()
        digits = (int.from_bytes(start, "big") + index * SERIAL_STRIDE) % 10**8
        # Most neighbours in a park come from the same lot, of one model; the others were exchanged since.
        lot = index // LOT_SIZE
        exchanged = luck[0] if luck[1] < EXCHANGED_OF_256 else 0
        model = MODELS[(start[0] + lot * 7 + exchanged) % len(MODELS)]
        area = AREAS[luck[26] % len(AREAS)]
        latitude, longitude = place_in(self.network, area, luck)
        return ParkDevice(
            index=index,
            network=self.network,
            serial_number=f"1{model.maker_code}{0x10 + lot % 0xE0:02X}{digits:08d}",
            utility_number=f"{self.seed % 90 + 10}{index:09d}",
            mrid=str(uuid.UUID(bytes=luck[:16], version=4)),
            model=model,
            hardware=f"{chr(ord('A') + luck[16] % 4)}{luck[17] % 3 + 1}",
            address=luck[18:26].hex(),
            lot=f"L{2024 + lot % 3}-{lot:04d}",
            area=area,
            usage_point=f"CH{start[1]:03d}{index:011d}",
            latitude=f"{latitude:.5f}",
            longitude=f"{longitude:.5f}",
        )

    def devices(self) -> Iterator[ParkDevice]:
        """Yield every device, one at a time."""
        return map(self.device, range(self.size))
