"""Certificates come new by themselves, and the whole authority on demand, while messages flow."""

import asyncio
import datetime as dt
import os
import shutil
import signal
import socket
import ssl
import sys
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.local.certificates.mesh_authority import issuer_key_identifier, trust_anchors_file
from deploy.local.certificates.presented_certificate import (
    PresentedCertificate,
    presented_certificate,
)
from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.processes.dapr import COMPONENTS
from deploy.local.processes.file_variables import TRUST_ANCHORS
from tests.neighbours.daprd import StrangeSidecar
from tests.neighbours.stack import RunningStack
from tests.system.park import Park, until
from tests.system.streams import everything_arrived_once, stream, until_some_arrived

SIDECARS = tuple(f"{app}-sidecar" for app in (*APPS, *CALLERS))
MESH = ("sentry", "placement", "scheduler", *SIDECARS)
PATIENCE_SECONDS = 120


async def test_certificates_come_new_before_they_end(stack: RunningStack) -> None:
    """Those of this stack last a minute; one that is younger than its process came to it while it worked."""

    async def not_renewed() -> list[str]:
        began = {name: psutil.Process(stack.pid(name)).create_time() for name in MESH}
        return [name for name in MESH if _shown(stack, name).not_before.timestamp() < began[name]]

    await until(not_renewed, lambda names: not names)


@pytest.mark.timeout(400)
async def test_a_new_root_under_load_loses_nothing_though_the_rotation_was_broken_off(
    park: Park, tmp_path: Path
) -> None:
    stack, mesh, ledger = park.stack, park.stack.stack.state.mesh, tmp_path / "ledger"
    old = Path(shutil.copytree(mesh, tmp_path / "old"))
    before = {name: _shown(stack, name) for name in MESH}
    async with stream(park, ledger, seed=3000, devices=80, devices_per_second=2):
        await until_some_arrived(park, ledger)
        first = await _rotate(stack, kill_at="sentry has a certificate under the new root")
        assert "done" not in first
        second = await _rotate(stack)
    # What the first one had done was not done again.
    assert "sentry has a certificate under the new root (restarted)" not in second
    assert "sentry has a certificate under the new root" in second
    assert second.endswith("the old root is no longer trusted\n")
    await everything_arrived_once(park, ledger)

    assert not park.stack.stack.state.next_authority.exists()
    issuer = issuer_key_identifier(mesh)
    assert issuer != issuer_key_identifier(old)
    for name in MESH:
        assert before[name].issuer == issuer_key_identifier(old)
        assert _shown(stack, name).issuer == issuer, name
        assert _shown(stack, name).serial != before[name].serial, name
    old_root, root = (trust_anchors_file(folder).read_text().strip() for folder in (old, mesh))
    assert old_root != root
    assert root.count("BEGIN CERTIFICATE") == 1
    for name in MESH:
        assert psutil.Process(stack.pid(name)).environ()[TRUST_ANCHORS] == root, name

    under = {
        folder.name: _certificate_under(folder, tmp_path / f"{folder.name}.pem")
        for folder in (old, mesh)
    }
    # Sentry asks nobody for a certificate: who comes to it has none yet.
    for name in MESH[1:]:
        assert _is_let_in(_port(stack, name), under[mesh.name]), name
        assert not _is_let_in(_port(stack, name), under[old.name]), name
    # Tokens for Sentry are new as well.
    thief = StrangeSidecar.started(
        stack,
        tmp_path,
        app="iec-connector",
        token_file=old / "tokens" / "iec-connector.jwt",
        configuration=COMPONENTS / "configurations" / "iec-connector.yaml",
    )
    assert thief.wait_for_end() != 0
    assert "token validation failed" in thief.log


def _port(stack: RunningStack, name: str) -> int:
    ports = stack.description["ports"]
    return int(ports.get(f"{name}-internal") or ports[name])


def _shown(stack: RunningStack, name: str) -> PresentedCertificate:
    return presented_certificate(_port(stack, name))


async def _rotate(stack: RunningStack, *, kill_at: str | None = None) -> str:
    """Run the verb, as a person does; return what it said. With `kill_at` it is killed when it says that."""
    state = stack.stack.state
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.local",
        "rotate-certificates",
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "XDG_STATE_HOME": str(state.root.parents[1]),
            "METERPARK_STACK": stack.stack.settings.stack,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await process.stdout.readline()).decode():
            said += line
            if kill_at and kill_at in line:
                process.send_signal(signal.SIGKILL)
                break
        code = await process.wait()
    assert code == (-signal.SIGKILL if kill_at else 0), said
    return said


def _certificate_under(authority: Path, file: Path) -> Path:
    """Write what an app would show that this authority had signed for iec-connector, with its key."""
    issuer = x509.load_pem_x509_certificate((authority / "issuer.crt").read_bytes())
    issuer_key = load_pem_private_key((authority / "issuer.key").read_bytes(), password=None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    identity = x509.UniformResourceIdentifier("spiffe://public/ns/default/iec-connector")
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([identity]), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
        + issuer.public_bytes(Encoding.PEM)
    )
    return file


def _is_let_in(port: int, certificate: Path) -> bool:
    """Whether the listener goes on with a caller that shows this certificate: by HTTP/2 it speaks first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        context.wrap_socket(plain) as encrypted,
    ):
        try:
            return encrypted.recv(9) != b""
        except ssl.SSLError as refused:
            assert "ALERT" in str(refused)  # noqa: PT017 - what the listener said
            return False
