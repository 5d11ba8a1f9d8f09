"""Questions of a test suite that nothing could be called for: they say so, and do not pass in silence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.outcomes import Case
from harness.embedded.server import Server
from harness.stages.suite_methods import MethodQuestions
from tests.data_pair import pair_of
from tests.method_bench import MethodBench, bench_of
from tests.method_pair import CASES, opened


@pytest.fixture(scope="module")
def bench(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodBench]:
    with pair_of(server, newer_server) as pair:
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            with bench_of(methods) as made:
                yield made


@pytest.mark.parametrize(
    ("ids", "sequences", "concurrent"),
    [
        (["no name"], "no sequence of calls: no case that was alike alone", "no method that was alike alone wrote"),
        (["new", "one"], "", ""),
    ],
    ids=["only a call that fails", "a write and a read"],
)
def test_sequences_and_calls_at_once_say_where_nothing_was_called(
    bench: MethodBench, ids: list[str], sequences: str, concurrent: str
) -> None:
    written = [Case.model_validate(case) for case in CASES if case["id"] in ids]
    settings = {"sequences": 2, "concurrency": 2, "generate": 0}
    with bench.run() as run:
        configuration = bench.methods.configuration(methods=settings)
        catalog = bench.methods.pair.catalogs()[0]
        questions = MethodQuestions(run, written, catalog, tuple(catalog.table_by_identity), configuration)
        in_turn, at_once = questions.sequences(), questions.concurrent()
    assert (in_turn.findings, in_turn.gap, at_once.findings, at_once.gap) == ((), "", (), "")
    assert sequences in in_turn.nothing
    assert bool(in_turn.nothing) == bool(sequences)
    assert concurrent in at_once.nothing
    assert bool(at_once.nothing) == bool(concurrent)
