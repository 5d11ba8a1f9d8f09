"""What the methods stage hands on, as every run document has it; loads nothing of what calls methods."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.outcomes import Attestation, MethodResult, OutcomePair
from harness.core.prepared import UNPREPARED, Preparation
from harness.core.statements import CapturedStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsArtifact:
    """What the comparison of the methods came to."""

    results: tuple[MethodResult, ...] = ()
    """Of every method that both layers have, called or not"""
    pairs: tuple[OutcomePair, ...] = ()
    servers: tuple[Attestation, ...] = ()
    """Who answered, with the number of exchanges in all cases"""
    statements: tuple[CapturedStatement, ...] = ()
    """What the data layers said while rows were there: more than a rehearsal on empty clones can bring out"""
    prepared: Preparation = UNPREPARED
    """What both servers make of these statements"""

    @property
    def outcomes(self) -> tuple[OutcomePair, ...]:
        """The pairs that are not equal."""
        return tuple(pair for pair in self.pairs if pair.verdict != "equal")
