"""What a run takes that nothing happens to: the moments of faults are chosen from its seconds and its bytes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.faults.migrate import witness
from tests.faults.migrate.proxy import Proxy
from tests.faults.migrate.trial import Office, Trial

Which = Literal["source", "target"]


@dataclass(frozen=True)
class Measured:
    """The length of a run, and the bytes between it and each server, by way."""

    seconds: float
    sent: Mapping[Which, Mapping[str, int]]


def measured(office: Office) -> Measured:
    """Let one run go undisturbed, and see that it ends with all rows there."""
    with office.trial() as trial, through_proxy(trial, "source") as source, through_proxy(trial, "target") as target:
        started = time.monotonic()
        ended = trial.run()
        seconds = time.monotonic() - started
        assert ended.exit_code == 0, ended
        trial.assert_complete(ended)
        office.ledger = witness.ledger_relations(trial.target)
        return Measured(seconds, {"source": dict(source.sent), "target": dict(target.sent)})


@contextlib.contextmanager
def through_proxy(trial: Trial, which: Which) -> Iterator[Proxy]:
    """The command reaches one of its servers through a proxy."""
    direct = trial.source if which == "source" else trial.target
    proxy = Proxy(direct)
    if which == "source":
        trial.through_source = proxy.through
    else:
        trial.through_target = proxy.through
    try:
        yield proxy
    finally:
        proxy.close()
        if which == "source":
            trial.through_source = direct
        else:
            trial.through_target = direct
