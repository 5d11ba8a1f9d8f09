"""`pgparity data digest`, and `data diff` with a recorded side, as a user drives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.embedded.server import Server
from tests.cli.conftest import Pgparity
from tests.data_pair import Pair, pair_of


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        pair.on_both("CREATE TABLE t (id int PRIMARY KEY, name text)", "INSERT INTO t VALUES (1, 'Анна'), (2, 'Борис')")
        yield pair


def test_a_side_is_recorded_compared_asked_for_rows_and_compared_again(
    pair: Pair, here: Pgparity, tmp_path: Path
) -> None:
    target = ("--target", pair.target_dsn, "--format", "json")
    done = here("data", "digest", "--source", pair.source_dsn, "--output", "old.digest.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 rows of 1 tables of the source recorded, no value" in done.stderr
    done = here("data", "diff", "--source", "old.digest.json", *target)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    assert (table["table"], table["status"], table["source_rows"]) == ("public.t", "identical", 2)

    pair.on_target("UPDATE t SET name = 'Анна ' WHERE id = 1")
    done = here("data", "diff", "--source", "old.digest.json", *target, "--ask", "wanted.json")
    assert done.returncode == 3, done.stderr
    assert "1 of 2 segments differ" in json.loads(done.stdout)["tables"][0]["reason"]
    answer = ("data", "digest", "--source", pair.source_dsn, "--for", "wanted.json", "--output", "rows.jsonl")
    done = here(*answer)
    assert done.returncode == 0, done.stderr
    assert "keys and hashes, no other value" in done.stderr
    assert "Анна" not in (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    told = ("data", "diff", "--source", "old.digest.json", "--source-rows", "rows.jsonl", *target)
    done = here(*told)
    assert done.returncode == 1, done.stderr
    (difference,) = json.loads(done.stdout)["tables"][0]["differences"]
    assert (difference["key"], difference["status"]) == ({"id": 1}, "different")
    assert [(cell["column"], cell["class"]) for cell in difference["cells"]] == [("name", "unclassified")]

    assert "VALUES" in here(*answer, "--with-values").stderr
    done = here(*told)
    (difference,) = json.loads(done.stdout)["tables"][0]["differences"]
    assert [cell["class"] for cell in difference["cells"]] == ["white space"]
    assert "Анна" not in done.stdout + done.stderr


def test_two_tables_one_with_bytes_as_its_key_go_the_whole_round(pair: Pair, here: Pgparity, tmp_path: Path) -> None:
    pair.on_both(
        "CREATE TABLE blobs (id bytea PRIMARY KEY, raw bytea, n int)",
        "INSERT INTO blobs SELECT decode(lpad(to_hex(g), 4, '0'), 'hex'), decode(repeat('00ff', g % 7), 'hex'), g"
        " FROM generate_series(1, 300) g",
        "CREATE TABLE files (id int PRIMARY KEY, raw bytea, name text)",
        "INSERT INTO files SELECT g, decode(lpad(to_hex(g), 6, '0'), 'hex'), 'f' || g FROM generate_series(1, 300) g",
    )
    try:
        chosen = ("--table", "public.blobs", "--table", "public.files")
        for side, dsn in (("source", pair.source_dsn), ("target", pair.target_dsn)):
            assert here("data", "digest", f"--{side}", dsn, *chosen, "--output", f"{side}.digest.json").returncode == 0
        recorded = ("data", "diff", "--source", "source.digest.json", "--target", "target.digest.json")
        done = here(*recorded, "--format", "json")
        assert done.returncode == 0, done.stderr
        assert {each["status"] for each in json.loads(done.stdout)["tables"]} == {"identical"}

        pair.on_target(
            "UPDATE blobs SET raw = '\\x00fe' WHERE id = '\\x0011'",
            "DELETE FROM blobs WHERE id = '\\x0012'",
            "UPDATE files SET raw = raw || '\\x00' WHERE id = 21",
        )
        live = ("data", "diff", "--source", "source.digest.json", "--target", pair.target_dsn, "--format", "json")
        done = here(*live, "--ask", "wanted.json")
        assert done.returncode == 1, done.stderr
        answered = here("data", "digest", "--source", pair.source_dsn, "--for", "wanted.json", "--output", "rows.jsonl")
        assert answered.returncode == 0, answered.stderr
        done = here(*live, "--source-rows", "rows.jsonl")
        assert done.returncode == 1, done.stderr
        found = {
            (table["table"], str(next(iter(delta["key"].values()))), delta["status"]): [
                cell["column"] for cell in delta["cells"]
            ]
            for table in json.loads(done.stdout)["tables"]
            for delta in table["differences"]
        }
        assert found == {
            ("public.blobs", "\\x0011", "different"): ["raw"],
            ("public.blobs", "\\x0012", "missing_on_target"): [],
            ("public.files", "21", "different"): ["raw"],
        }
    finally:
        pair.on_both("DROP TABLE blobs, files")


def test_what_is_written_is_for_its_owner_alone_and_there_only_once_it_is_whole(
    pair: Pair, here: Pgparity, tmp_path: Path
) -> None:
    (tmp_path / "old.digest.json").write_text("before", encoding="utf-8")
    assert here("data", "digest", "--source", pair.source_dsn, "--output", "old.digest.json").returncode == 0
    assert (tmp_path / "old.digest.json").stat().st_mode & 0o777 == 0o600
    refused = ("--table", "public.missing", "--output", "old.digest.json")
    before = (tmp_path / "old.digest.json").read_bytes()
    assert here("data", "digest", "--source", pair.source_dsn, *refused).returncode == 2
    assert (tmp_path / "old.digest.json").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["old.digest.json"]


def test_what_cannot_be_done_is_one_line_and_exit_code_2(pair: Pair, here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "later.json").write_text('{"format": "pgparity/digest", "version": 7}', encoding="utf-8")
    source, target = ("--source", pair.source_dsn), ("--target", pair.target_dsn)
    rest = ("--source-rest-url", "http://127.0.0.1:9")
    for arguments, message in (
        (("digest", *source), "no file to write is given"),
        (("digest", *source, *target, "--output", "x"), "one side is recorded at a time"),
        (("digest", *source, "--output", "x", "--with-values"), "without --for"),
        (("digest", *source, "--output", "x", "--for", "missing.json"), "missing.json cannot be read"),
        (("digest", *source, "--output", "x", "--table", "public.tt"), "table public.tt exists on neither side"),
        (("diff", "--source", "later.json", *target), "later.json has format version 7"),
        (("diff", "--source", "missing.json", *target), "missing.json cannot be read"),
        (("diff", *rest, *target, "--sample", "5"), "--sample has no effect where a side is a file or REST"),
        (("diff", *source, *target, "--ask", "x"), "neither side is recorded"),
        (("diff", *source, *target, "--read-twice"), "--read-twice is given without --source-rest-url"),
        (("diff", *rest, "--target", "later.json"), "later.json has format version 7"),
        (("diff", *rest, *target, "--target-rows", "x"), "the source is REST and the target a recorded side"),
        (("digest", *source, "--output", "x", "--for", "y", "--as-text"), "--as-text has no effect with --for"),
        (("diff", *source, *target, "--source-rows", "x"), "the source is not a recorded side"),
        (("diff", *rest, *target), "not named as env:NAME"),
        (("diff", *rest, *source, *target, "--source-api-key", "env:HOME"), "--source and --source-rest-url"),
        (("diff", *rest, *target, "--source-api-key", "env:HOME"), "cannot be reached"),
    ):
        done = here("data", *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert message in done.stderr, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_two_recorded_sides_whose_types_differ_are_never_identical(pair: Pair, here: Pgparity) -> None:
    pair.on_source("CREATE TABLE kinds (id int PRIMARY KEY, v int)", "INSERT INTO kinds VALUES (1, 7)")
    pair.on_target("CREATE TABLE kinds (id bigint PRIMARY KEY, v text)", "INSERT INTO kinds VALUES (1, '7')")
    try:
        for side, dsn in (("source", pair.source_dsn), ("target", pair.target_dsn)):
            chosen = ("--table", "public.kinds", "--as-text", "--output", f"{side}.digest.json")
            assert here("data", "digest", f"--{side}", dsn, *chosen).returncode == 0
        diff = ("data", "diff", "--source", "source.digest.json", "--target", "target.digest.json", "--format", "json")
        done = here(*diff)
        assert done.returncode == 2, done.stdout
        assert "public.kinds: v was recorded as integer and is text on the target" in done.stderr
        pair.on_target("ALTER TABLE kinds ALTER v TYPE bigint USING v::bigint")
        assert here("data", "digest", "--target", pair.target_dsn, *chosen).returncode == 0
        done = here(*diff)
        assert done.returncode == 1, done.stderr
        (table,) = json.loads(done.stdout)["tables"]
        assert (table["status"], table["type_drift"]) == ("drift", ["id", "v"])
    finally:
        pair.on_both("DROP TABLE kinds")
