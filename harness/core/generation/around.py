"""Around: what is known about the argument that is changed, when other values for it are thought of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.generation.sampled import SampledColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known about the argument that is changed."""

    value: Any
    """The one that is there, as JSON; None: none is"""
    column: SampledColumn
    near: Sequence[Any] = ()
    """Other values of the column, in rows that agree with the other arguments"""
    foreign: Sequence[Any] = ()
    """Values of the column in rows that do not: another tenant's"""
    all: Sequence[Any] = ()
    """Every value of the column that was read"""
    rng: random.Random
    nulls: bool = False
    """None may be given"""
    key: bool = False
    """The column is part of a unique key"""
    written: bool = False
    """The argument is stored, not searched for"""
    sought: bool = False
    """A pattern is made of it: LIKE, ILIKE"""
    infinite: bool = False
    """Infinity may be given"""
