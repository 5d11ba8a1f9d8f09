"""What the method comparison costs: a case over the two calls that it consists of, and the whole reference suite.

    python -m benchmarks.methods [--rounds 1800] [--workers 2] [--generate 24]

The reference application's Supabase layer is compared with its repository layer on the local stack, as `pgparity run`
does it. The overhead of a case that reads is the time of the whole case (both calls through the relays, the questions
whether anything was written, the comparison) less that of the same two calls on the databases themselves, without a
relay: all cases one after the other as a run has them, then all calls alone, turn by turn. (Call by call in turn,
each would find the caches of the processor full of the other's work, which costs both some tenths of a millisecond.)
The suite is all written and generated cases of all methods in `--workers` processes, from the moment at which they
start to the last result; each has a scratch stack of its own, as a worker of pytest has. Medians; nothing is written.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.postgres.connect import Endpoint, session, snapshot
from harness.reference.data_set import data_set
from harness.reference.seed import seed
from harness.stages.chosen_methods import only
from harness.stages.demo import reference_configuration
from harness.stages.events import Silent
from harness.stages.introspect import introspect_stage
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import LayerContext
from harness.stages.methods import methods_stage, paired
from harness.stages.paired_run import PairedRun
from harness.stages.reference_stack import reference_stack
from harness.stages.scratch import ScratchStack
from harness.stages.subjects import Subjects, load_subjects

_TARGET_LAYER = "harness.reference.repository_layer:create"
_MEMORY = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Databases:
    """The reference application on both sides, with equal rows: plain values that a process can be given."""

    source: str
    target: str
    rest_url: str
    api_key: str

    @property
    def endpoints(self) -> tuple[Endpoint, Endpoint]:
        return Endpoint(Side.SOURCE, self.source, ""), Endpoint(Side.TARGET, self.target, "")


@contextmanager
def databases() -> Iterator[Databases]:
    with reference_stack("aligned", memory=_MEMORY) as stack:
        with psycopg.connect(stack.target.dsn) as connection:
            seed(connection, data_set())
        yield Databases(stack.source.dsn, stack.target.dsn, stack.gateway.url, stack.keys.service_role_key)


def configuration(**methods: object) -> Configuration:
    data = reference_configuration(_TARGET_LAYER).model_dump(mode="json", by_alias=True)
    data["methods"] |= methods
    return Configuration.model_validate(data)


def catalogs(pair: Databases, settings: Configuration) -> tuple[Catalog, Catalog]:
    source, target = pair.endpoints
    with (
        session(source, purpose="bench") as ours,
        session(target, purpose="bench") as theirs,
        snapshot(ours),
        snapshot(theirs),
    ):
        return introspect_stage(ours, theirs, settings).artifact


def subjects_of(settings: Configuration) -> Subjects:
    found = load_subjects(settings, Path.cwd())
    if found is None:
        raise SystemExit("the reference configuration names no data layers")
    return found


def _spent(run: PairedRun, case: Case) -> tuple[float, bool]:
    started = time.perf_counter()
    judged = run.pair(case)
    return (time.perf_counter() - started) * 1000, judged.wrote or judged.failed or judged.pair.verdict != "equal"


def measure_overhead(pair: Databases, rounds: int) -> None:
    settings = configuration(generate=0, sequences=0, concurrency=0)
    both = catalogs(pair, settings)
    subjects = subjects_of(settings)
    tables = tuple(both[0].table_by_identity)
    with (
        ScratchStack() as stack,
        LayerThread() as thread,
        paired(*pair.endpoints, *both, tables, subjects, settings, stack=stack) as run,
    ):
        contexts = (
            LayerContext(dsn=pair.source, rest_url=pair.rest_url, api_key=pair.api_key),
            LayerContext(dsn=pair.target),
        )
        alone = [
            factory.build(context, thread)
            for factory, context in zip((subjects.source, subjects.target), contexts, strict=True)
        ]
        reading = [case for case in subjects.cases if not _spent(run, case)[1]]
        every: list[tuple[float, float, float]] = []
        while len(every) < rounds:
            turn = []
            for case in reading:
                judged_started = time.perf_counter()
                judged = run.pair(case)
                whole = (time.perf_counter() - judged_started) * 1000
                turn.append((whole, judged.pair.source.milliseconds + judged.pair.target.milliseconds))
            for case, (whole, relayed) in zip(reading, turn, strict=True):
                direct = sum(layer.call(case.method, case.kwargs).milliseconds for layer in alone)
                every.append((whole, relayed, direct))
        for layer in alone:
            layer.close()
    print(f"{len(every)} calls of {len(reading)} cases that read, medians in ms")
    print(f"  whole case                           {statistics.median(each[0] for each in every):7.2f}")
    print(f"  both calls, through the relays       {statistics.median(each[1] for each in every):7.2f}")
    print(f"  both calls, on the databases         {statistics.median(each[2] for each in every):7.2f}")
    print(f"  comparison, without relays           {statistics.median(each[0] - each[1] for each in every):7.2f}")
    print(f"  overhead, with relays                {statistics.median(each[0] - each[2] for each in every):7.2f}")


def _part(pair: Databases, methods: tuple[str, ...], overrides: dict[str, object]) -> tuple[int, int, int, float]:
    """Cases, methods, findings and seconds of a worker's share."""
    started = time.perf_counter()
    settings = configuration(**overrides)
    both = catalogs(pair, settings)
    subjects = only(subjects_of(settings), methods)
    with ScratchStack() as stack:
        result = methods_stage(
            *pair.endpoints, *both, tuple(both[0].table_by_identity), subjects, settings, Silent(), stack=stack
        )
    cases = sum(each.cases for each in result.artifact.results)
    found = sum(each.different + each.drift + each.void for each in result.artifact.results)
    return cases, len(result.artifact.results), found, time.perf_counter() - started


def measure_suite(pair: Databases, workers: int, overrides: dict[str, object]) -> None:
    methods = sorted({case.method for case in subjects_of(configuration()).cases})
    shares = [tuple(methods[worker::workers]) for worker in range(workers)]
    started = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as executor:
        parts = list(executor.map(_part, [pair] * workers, shares, [overrides] * workers))
    seconds = time.perf_counter() - started
    cases = sum(part[0] for part in parts)
    print(f"{cases} cases of {sum(part[1] for part in parts)} methods in {workers} processes: {seconds:.1f} s")
    print(f"  a worker: {', '.join(f'{part[3]:.1f} s' for part in parts)}; {1000 * seconds / cases:.1f} ms a case")
    print(f"  pairs that are not equal: {sum(part[2] for part in parts)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1800)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--generate", type=int, default=24)
    parser.add_argument("--sequences", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=0)
    given = parser.parse_args()
    with databases() as pair:
        measure_overhead(pair, given.rounds)
        measure_suite(
            pair,
            given.workers,
            {"generate": given.generate, "sequences": given.sequences, "concurrency": given.concurrency},
        )


if __name__ == "__main__":
    main()
