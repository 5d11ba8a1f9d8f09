"""Two stands that all tests of a module share: pairs of data layers are built on them in milliseconds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from harness.core.call_sequences import KnownCase, known_cases
from harness.core.method_results import JudgedPair
from harness.core.outcomes import Case
from harness.core.pairs import Rules
from harness.core.watching import watched_tables
from harness.stages.layers import hosting
from harness.stages.paired_run import PairedRun
from harness.stages.stand import Stand, stands
from harness.stages.subject import Subject
from harness.stages.subjects import load_subjects
from tests.method_pair import CASES, LAYER, MethodPair


class MethodBench:
    """Calls pairs of layers on stands that were made once, and remembers what an equal pair came to alone."""

    def __init__(self, methods: MethodPair, both: tuple[Stand, Stand], tables: Sequence[str], rules: Rules) -> None:
        self.methods = methods
        self._both = both
        self._tables = tuple(tables)
        self._rules = rules

    @contextlib.contextmanager
    def run(self, target: str = LAYER, *, source: str = LAYER, seed: int = 0) -> Iterator[PairedRun]:
        """Layers of two modules' texts on fresh clones."""
        subjects = load_subjects(self.methods.configuration(target, source=source), self.methods.folder)
        assert subjects is not None
        with hosting(subjects.folders), contextlib.ExitStack() as cleanup:
            built = []
            for stand, factory in zip(self._both, (subjects.source, subjects.target), strict=True):
                stand.reset()
                built.append(Subject(stand, factory))
                cleanup.callback(built[-1].close)
            yield cleanup.enter_context(PairedRun(built[0], built[1], self._rules, seed=seed))

    def alone(
        self, run: PairedRun, cases: Sequence[dict[str, Any]] = CASES
    ) -> tuple[tuple[KnownCase, ...], tuple[JudgedPair, ...]]:
        """What the cases came to one by one."""
        made = [Case.model_validate(case) for case in cases]
        pairs = tuple(run.run(made))
        return known_cases(made, pairs, run.statements, self._tables), pairs

    def altered(self, *changes: tuple[str, str], text: str = LAYER) -> str:
        """The layer in which each text was replaced by another."""
        for old, new in changes:
            assert old in text, f"the layer has no {old!r}"
            text = text.replace(old, new)
        return text


@contextlib.contextmanager
def bench_of(methods: MethodPair) -> Iterator[MethodBench]:
    """The stands of a pair of databases, with everything in them watched."""
    catalogs = methods.pair.catalogs()
    configuration = methods.configuration()
    watched = watched_tables(*catalogs, configuration.mapping, excluded=[])
    with stands(methods.pair.source, methods.pair.target, methods.stack, configuration) as both:
        for stand, tables in zip(both, watched, strict=True):
            stand.watch(tables)
        rules = replace(Rules(catalog=catalogs[0]), rows_like=both[0].rows_like)
        yield MethodBench(methods, both, tuple(catalogs[0].table_by_identity), rules)
