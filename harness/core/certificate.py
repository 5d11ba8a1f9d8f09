"""The end of a certificate's validity, read from its DER bytes (X.509: RFC 5280, section 4.1; DER: X.690)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


class NotACertificate(ValueError):
    """Bytes that are no X.509 certificate, or not a whole one."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    content: bytes


def _elements(data: bytes) -> list[_Element]:
    """The elements that follow each other in `data`."""
    found: list[_Element] = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise NotACertificate("it ends inside an element")
        tag, length = data[at], data[at + 1]
        at += 2
        if length >= 0x80:
            size = length - 0x80
            if not 1 <= size <= 4 or at + size > len(data):
                raise NotACertificate("an element has no sound length")
            length = int.from_bytes(data[at : at + size])
            at += size
        if at + length > len(data):
            raise NotACertificate("it ends inside an element")
        found.append(_Element(tag, data[at : at + length]))
        at += length
    return found


def _inside(element: _Element) -> list[_Element]:
    if element.tag != _SEQUENCE:
        raise NotACertificate("a sequence is missing")
    return _elements(element.content)


def not_after(der: bytes) -> dt.datetime:
    """The moment after which a certificate is no longer valid, in UTC. NotACertificate for anything else."""
    try:
        certificate = _elements(der)[0]
        fields = _inside(_inside(certificate)[0])
        if fields[0].tag == _VERSION:
            fields = fields[1:]
        # serialNumber, signature, issuer, validity, …
        end = _inside(fields[3])[1]
        return _moment(end)
    except IndexError:
        raise NotACertificate("a field is missing") from None


def _moment(element: _Element) -> dt.datetime:
    """A Time: two digits of the year until 2049, four from 2050 on (RFC 5280, section 4.1.2.5)."""
    text = element.content.decode("ascii", errors="replace")
    if element.tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif element.tag != _GENERALIZED_TIME:
        raise NotACertificate("the end of the validity is no time")
    try:
        return dt.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise NotACertificate("the end of the validity is no time") from None
