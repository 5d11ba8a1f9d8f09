"""Writes what follows from the code: JSON Schemas of the contracts, and the reference pages of docs/.

`python docs/generate.py` shows which files are out of date (exit code 1), `--write` writes them (`make contracts`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from generator.commands import commands_page
from generator.configuration import configuration_page
from generator.contracts import contract_schemas
from generator.documents import documents_page
from generator.errors import error_pages, errors_page
from generator.finding_pages import finding_pages, findings_index

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
FINDINGS = DOCS / "findings"
ERRORS = DOCS / "errors"


def generated() -> dict[Path, str]:
    """Every generated file and its text."""
    schemas = contract_schemas()
    return {
        **{ROOT / "schemas" / "contracts" / f"{name}.v1.json": text for name, text in schemas.items()},
        **{FINDINGS / f"{code}.md": text for code, text in finding_pages().items()},
        **{ERRORS / f"{code}.md": text for code, text in error_pages().items()},
        DOCS / "findings.md": findings_index(),
        DOCS / "configuration.md": configuration_page(),
        DOCS / "commands.md": commands_page(),
        DOCS / "json.md": documents_page(schemas),
        DOCS / "errors.md": errors_page(),
    }


def main() -> int:
    """Compare or write; the exit code says whether something was out of date."""
    write = "--write" in sys.argv
    files = generated()
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    orphans = [path for folder in (FINDINGS, ERRORS) for path in folder.glob("*.md") if path not in files]
    for path in stale:
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        print(("wrote " if write else "out of date: ") + str(path.relative_to(ROOT)))  # noqa: T201
    for path in orphans:
        if write:
            path.unlink()
        print(("removed " if write else "of no code: ") + str(path.relative_to(ROOT)))  # noqa: T201
    return 0 if write else bool(stale or orphans)


if __name__ == "__main__":
    sys.exit(main())
