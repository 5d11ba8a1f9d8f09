"""The end of a certificate's validity, beside what the cryptography package reads."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.core.certificate import NotACertificate, not_after
from tests.postgres.tls_front import certificate


@pytest.mark.parametrize(
    "end",
    [
        dt.datetime(1999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        dt.datetime(2029, 2, 28, 1, 2, 3, tzinfo=dt.UTC),
        dt.datetime(2049, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        dt.datetime(2050, 1, 1, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    ],
)
def test_the_end_is_read_in_both_forms_of_time(end: dt.datetime) -> None:
    pem, _ = certificate(end, not_before=dt.datetime(1990, 1, 1, tzinfo=dt.UTC))
    parsed = x509.load_pem_x509_certificate(pem)
    assert not_after(parsed.public_bytes(Encoding.DER)) == parsed.not_valid_after_utc == end


def test_bytes_that_are_no_certificate_are_refused_wherever_they_break_off() -> None:
    pem, _ = certificate(dt.datetime(2050, 1, 1, tzinfo=dt.UTC))
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    for length in range(len(der)):
        with pytest.raises(NotACertificate):
            not_after(der[:length])


@pytest.mark.parametrize(
    "data", [b"", b"0", b"\x30\x80", b"\x30\x85\x01", b"\x02\x01\x01", b"\x30\x02\x30\x00", bytes(40)]
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(NotACertificate):
        not_after(data)
