"""The secrets that the hub reads when it starts, each from a file of its own."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bearer_tokens.token_endpoint import TokenRefused, read_client_secret
from device_hub.actors.proof import Proof
from device_hub.settings import HubSettings
from journal_evidence.roots import KeyUnreadable, read_signing_key


class SecretUnreadable(Exception):
    """The text names the setting, and what is wrong with its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """``evidence_key``: None, no root is made."""

    proof: Proof
    evidence_key: Ed25519PrivateKey | None


def read_secrets(settings: HubSettings) -> Secrets:
    """Read them; of the client's secret only that it can be read. Raises SecretUnreadable."""
    try:
        proof = Proof.from_file(settings.actor_proof_secret_file)
    except (OSError, ValueError) as error:
        raise SecretUnreadable(f"DEVICE_HUB_ACTOR_PROOF_SECRET_FILE: {error}") from None
    try:
        read_client_secret(settings.client_secret_file)
    except TokenRefused as error:
        raise SecretUnreadable(f"DEVICE_HUB_CLIENT_SECRET_FILE: {error.detail}") from None
    file = settings.evidence_key_file
    try:
        key = None if file is None else read_signing_key(file)
    except KeyUnreadable as error:
        raise SecretUnreadable(f"DEVICE_HUB_EVIDENCE_KEY_FILE: {error}") from None
    return Secrets(proof=proof, evidence_key=key)
