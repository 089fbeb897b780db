"""Identities between sidecars: the tokens by which Sentry knows which process requests a certificate.

Outside Kubernetes Sentry signs for any process. So every process of the stack gets a token (a JWT, ES256) for exactly
its own name, and Sentry is configured to check it (components/sentry.yaml).
The key that signs the tokens is never stored: each start, and each rotation of the certificates,
makes a new one and new tokens, which ends the old ones.
"""

import datetime as dt
import json
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.facts.secret_files import write_private

CONTROL_PLANE_TRUST_DOMAIN = "cluster.local"
# Dapr's default for apps; the access policies name it.
APP_TRUST_DOMAIN = "public"
NAMESPACE = "default"
CONTROL_PLANE_IDS = ("dapr-placement", "dapr-scheduler")
SENTRY = f"spiffe://{CONTROL_PLANE_TRUST_DOMAIN}/ns/{NAMESPACE}/dapr-sentry"

# Tokens last as long as a stack may be up: a sidecar shows its own whenever it renews its certificate.
_TOKEN_VALID = dt.timedelta(days=3650)


def token_file(mesh: Path, identity: str) -> Path:
    return mesh / "tokens" / f"{identity}.jwt"


def new_signing_key() -> ECKey:
    return ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)


def identity_token(identity: str, trust_domain: str, key: ECKey, *, now: dt.datetime) -> str:
    """Return the JWT with which a process asks Sentry for the certificate of `identity`."""
    claims = {
        "sub": f"spiffe://{trust_domain}/ns/{NAMESPACE}/{identity}",
        "aud": [SENTRY],
        "iat": int(now.timestamp()),
        "exp": int((now + _TOKEN_VALID).timestamp()),
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def issue_tokens(mesh: Path, apps: tuple[str, ...], *, now: dt.datetime) -> None:
    """Write a token per app and control plane process, and `jwks.json` to check them with."""
    key = new_signing_key()
    identities = {
        **dict.fromkeys(apps, APP_TRUST_DOMAIN),
        **dict.fromkeys(CONTROL_PLANE_IDS, CONTROL_PLANE_TRUST_DOMAIN),
    }
    for identity, trust_domain in identities.items():
        token = identity_token(identity, trust_domain, key, now=now)
        write_private(token_file(mesh, identity), token)
    write_private(mesh / "jwks.json", json.dumps({"keys": [key.as_dict(private=False)]}))
