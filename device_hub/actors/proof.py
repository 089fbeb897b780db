"""The hub's own proof on every actor call.

Measured (docs/decisions/0005): with mTLS and a default-deny policy, another app with a certificate of its own still
reaches the hub's actors through its sidecar. So an actor listens only to calls that carry a MAC under a secret that
none but the hub's replicas hold.
"""

import hashlib
import hmac
from pathlib import Path

MAC_BYTES = 32
SECRET_MIN_BYTES = 32


class ProofInvalid(Exception):
    """The call was not made by a replica of the hub."""


class Proof:
    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_MIN_BYTES:
            raise ValueError(f"the secret needs at least {SECRET_MIN_BYTES} bytes")
        self._secret = secret

    @classmethod
    def from_file(cls, path: Path) -> "Proof":
        """Read the secret. Raises OSError or ValueError that says what is wrong with the file."""
        return cls(path.read_bytes().strip())

    def seal(self, device_id: str, payload: bytes) -> bytes:
        """Return ``payload`` with the proof in front; it is good for this device only."""
        return self._mac(device_id, payload) + payload

    def open(self, device_id: str, sealed: bytes) -> bytes:
        """Return the payload that a replica sealed for this device, or raise ProofInvalid."""
        mac, payload = sealed[:MAC_BYTES], sealed[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(device_id, payload)):
            raise ProofInvalid(device_id)
        return payload

    def _mac(self, device_id: str, payload: bytes) -> bytes:
        message = len(device_id.encode()).to_bytes(4, "big") + device_id.encode() + payload
        return hmac.digest(self._secret, message, hashlib.sha256)
