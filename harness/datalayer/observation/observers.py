"""Tells several observers of one statement, since a database takes one."""

from __future__ import annotations

import logging
from typing import Final

from harness.datalayer.observation.observing import CallRecord, Observer

_LOG: Final = logging.getLogger(__name__)


class Observers:
    """An observer that hands each record on to others, in their order; one that raises keeps nothing from the rest."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def __call__(self, record: CallRecord, /) -> None:
        """Hand a record on."""
        for observer in self._observers:
            try:
                observer(record)
            except Exception as error:  # noqa: BLE001 - who observes a call cannot fail it, nor another observer
                _LOG.warning("An observer of the database failed (%s).", type(error).__name__)
