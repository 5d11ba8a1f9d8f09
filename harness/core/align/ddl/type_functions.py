"""Functions that cannot be made without their type, nor it without them: those that read and write its values."""

from __future__ import annotations

from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.model.programs import Routine
from harness.core.model.types import BaseType, RangeType


def of_type(routine: Routine, catalog: Catalog) -> tuple[Address, ...]:
    """Address of the type that a function is made with, and dropped with."""
    types: tuple[BaseType | RangeType, ...] = (*catalog.base_types, *catalog.range_types)
    return tuple(each.address for each in types if routine.identity in each.functions)
