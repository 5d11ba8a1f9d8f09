"""What pgparity and three other tools say of the cases that comparisons of rows miss or invent, as a Markdown table.

    python -m benchmarks.rows.missed [--only TEXT] [--output docs/rows.md]

Plants each case on two servers of this machine (PostgreSQL 16 and 18; 15 of the system for collations of ICU, where it
is installed), runs the command of each tool, and writes the table between two marks of the page, or to stdout.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.rows import rivals
from benchmarks.rows.collations import with_icu
from benchmarks.rows.planted import CASES, Case
from harness.embedded.server import Server

BEGIN = "<!-- begin: python -m benchmarks.rows.missed -->"
END = "<!-- end: python -m benchmarks.rows.missed -->"
TOOLS = ("pgparity", *rivals.VERSIONS)
LARGE = Case(
    planted="a value of 100 MB, its last letter in another case",
    right="differs",
    source_rows="SELECT 1, repeat('x', 100000000) || 'a'",
    target_rows="SELECT 1, repeat('x', 100000000) || 'A'",
)
FILTERED = Case(
    planted="a source role that row-level security filters: it sees 1 of 2 rows, the target has that one",
    right="refused",
    source_rows="(1, 'a'), (2, 'b')",
    target_rows="(1, 'a')",
)
MOVING = Case(
    planted="rows that move on the source while they are compared, and a moment later on the target",
    right="identical",
    rows="SELECT g, '0' FROM generate_series(1, 2000) g",
)
_LAG = 0.05
_REASON = 60
_LIMIT_SECONDS = 120


def execute(dsn: str, *statements: str) -> None:
    """Run statements one by one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextlib.contextmanager
def planted(case: Case, dsns: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The case on both databases; yields the DSNs that the tools are given."""
    for dsn, statements in zip(dsns, case.statements(), strict=True):
        execute(dsn, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", *statements)
    execute(dsns[1], *(f"ALTER DATABASE postgres SET {setting}" for setting in case.setting))
    try:
        if case is FILTERED:
            yield _filtered(dsns[0]), dsns[1]
        elif case is MOVING:
            with _moving(dsns):
                yield dsns
        else:
            yield dsns
    finally:
        execute(dsns[1], "ALTER DATABASE postgres RESET ALL")


def _filtered(dsn: str) -> str:
    execute(
        dsn,
        "DROP ROLE IF EXISTS sees_less",
        "CREATE ROLE sees_less LOGIN PASSWORD 'x'",
        "GRANT USAGE ON SCHEMA public TO sees_less",
        "GRANT SELECT ON t TO sees_less",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY first_one ON t USING (id = 1)",
    )
    return re.sub(r"//[^@]*@", "//sees_less:x@", dsn)


@contextlib.contextmanager
def _moving(dsns: tuple[str, str]) -> Iterator[None]:
    """A tenth of the rows change on the source again and again, and on the target a moment later, as a replica's do."""
    over = threading.Event()

    def write() -> None:
        with psycopg.connect(dsns[0], autocommit=True) as left, psycopg.connect(dsns[1], autocommit=True) as right:
            for number in range(1_000_000):
                statement = f"UPDATE t SET v = '{number}' WHERE id % 10 = {number % 10}".encode()
                left.execute(statement)
                over.wait(_LAG)
                right.execute(statement)
                if over.wait(_LAG):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def answer(tool: str, case: Case, answered: rivals.Answered) -> str:
    """What a tool says, in bold where it is not so."""
    try:
        found = rivals.differing(tool, answered, case.key, keyed=case.keyed)
    except ValueError:
        return "**fails**: what it prints cannot be read"
    if found is None:
        reason = _complaint(answered)
        return f"refused: {reason}" if case.right == "refused" and answered.code else f"**fails**: {reason}"
    said = "differs" if found else "identical"
    if tool == "pgparity":
        (table,) = json.loads(answered.printed)["tables"]
        said = table["status"]
        classes = {cell["class"] for row in table["differences"] for cell in row["cells"]}
        told = f" ({', '.join(sorted(classes))})" if len(classes) == 1 and classes != {"other"} else ""
        if table.get("settled"):
            told += f" ({table['settled']} rows settled when read again)"
        elif table.get("moving"):
            told += f" ({table['moving']} rows keep moving)"
    else:
        told = ""
    if case.right == "differs" and said == "differs":
        return said + told if found == case.found else f"**{said}, but in {found} rows, not {case.found}**"
    right = said == case.right or (case.right == "drift" and said == "identical" and tool != "pgparity")
    return said + told if right else f"**{said}**{told}"


def _complaint(answered: rivals.Answered) -> str:
    if answered.code == -signal.SIGKILL:
        return f"no answer in {_LIMIT_SECONDS} s"
    lines = [line for line in answered.complained.splitlines() if line.strip() and "WARNING" not in line]
    errors = [line for line in lines if "error" in line.lower()] or lines or [f"exit {answered.code}"]
    text = re.sub(r"^\[[^]]*\] ERROR - |^parity: |^error [A-Z]\d+: ", "", errors[-1]).strip().replace("|", "\\|")
    return text if len(text) <= _REASON else text[: text.rfind(" ", 0, _REASON)] + " …"


def asked(case: Case, dsns: tuple[str, str], folder: Path) -> dict[str, str]:
    """The answer of each tool."""
    answers: dict[str, str] = {}
    with planted(case, dsns) as given:
        for tool in TOOLS:
            command = rivals.command(
                tool, given, "t", case.key, [n for n in case.compared if n not in case.key], folder
            )
            answers[tool] = answer(tool, case, rivals.run(command, _LIMIT_SECONDS))
    return answers


def table(cases: list[Case], folder: Path) -> str:
    """The Markdown table of these cases."""
    names = [requirement.replace("==", " ").split("[")[0] for requirement in rivals.VERSIONS.values()]
    versions = [
        f"{name} {each.rpartition('==')[2]}" for name, each in zip(names, rivals.VERSIONS.values(), strict=True)
    ]
    lines = [
        f"| planted | right | {' | '.join(['pgparity', *versions])} |",
        f"| --- | --- | {' | '.join(['---'] * len(TOOLS))} |",
    ]
    icu = with_icu()
    with contextlib.ExitStack() as stack:
        source, target = (stack.enter_context(Server.start(major=major)) for major in (16, 18))
        other = stack.enter_context(Server.start(installation=icu)) if icu is not None else None
        for case in cases:
            if case.icu and other is None:
                continue
            right = other if case.icu and other is not None else target
            answers = asked(case, (source.dsn(), right.dsn()), folder)
            lines.append(
                f"| {case.planted.replace('|', chr(92) + '|')} | {case.right} | {' | '.join(answers.values())} |"
            )
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    """Ask, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--output", type=Path, help="a page with the two marks")
    parser.add_argument("--environments", type=Path, default=rivals.ENVIRONMENTS)
    arguments = parser.parse_args()
    rivals.install(arguments.environments)
    written = table([case for case in (*CASES, LARGE, FILTERED, MOVING) if arguments.only in case.planted],
                    arguments.environments)  # fmt: skip
    if arguments.output is not None:
        page = arguments.output.read_text()
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        arguments.output.write_text(f"{before}{BEGIN}\n{written}\n{END}{after}")
    else:
        print(written)


if __name__ == "__main__":
    main()
