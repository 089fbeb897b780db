"""What an authority of a stack signs is taken by a client that checks everything."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from deploy.local.certificates.authority import Authority

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
SERVER = [ExtendedKeyUsageOID.SERVER_AUTH]


def verify(
    leaf: x509.Certificate, between: list[x509.Certificate], root: Authority
) -> list[x509.Certificate]:
    policy = PolicyBuilder().store(Store([root.certificate])).time(NOW)
    return policy.build_server_verifier(x509.DNSName("localhost")).verify(leaf, between)


def test_a_strict_client_takes_what_a_root_signs() -> None:
    root = Authority.new("meterpark broker CA", now=NOW)
    _, leaf = root.issue("meterpark broker", SERVER, now=NOW)
    assert verify(leaf, [], root) == [leaf, root.certificate]


def test_a_strict_client_takes_what_an_authority_below_it_signs() -> None:
    root = Authority.new("cluster.local", now=NOW)
    issuer = root.below("sentry", now=NOW)
    _, leaf = issuer.issue("somebody", SERVER, now=NOW)
    assert verify(leaf, [issuer.certificate], root) == [leaf, issuer.certificate, root.certificate]


def test_another_root_of_the_same_name_is_not_taken_for_it() -> None:
    _, leaf = Authority.new("meterpark broker CA", now=NOW).issue("broker", SERVER, now=NOW)
    with pytest.raises(VerificationError):
        verify(leaf, [], Authority.new("meterpark broker CA", now=NOW))


def test_what_is_signed_for_a_service_signs_nothing_itself() -> None:
    root = Authority.new("meterpark broker CA", now=NOW)
    key, certificate = root.issue("broker", SERVER, now=NOW)
    _, leaf = Authority(key=key, certificate=certificate).issue("forged", SERVER, now=NOW)
    with pytest.raises(VerificationError):
        verify(leaf, [certificate], root)
