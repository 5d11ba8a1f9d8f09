"""Writes what follows from the code: JSON Schemas of the contracts, and the reference pages of docs/.

`python docs/generate.py` shows which files are out of date (exit code 1), `--write` writes them (`make contracts`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness import errors
from harness.core.change import Change
from harness.core.codes import ABOUT_COVERAGE, CODES
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage
from harness.core.digest import DigestDocument, DigestRequest
from harness.core.document import RunDocument
from harness.core.event_line import EventLine
from harness.core.findings import Finding
from harness.core.ledger import Ledger
from harness.core.mapping import Mapping
from harness.core.migration_plan import MigrationPlan
from harness.core.model.catalog import catalog_json_schema
from harness.core.outcomes import Case, OutcomePair
from harness.core.plan import Plan
from harness.core.policy import ManagedPolicy

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_BY_US: dict[str, type[BaseModel]] = {
    "run": RunDocument,
    "change": Change,
    "plan": Plan,
    "ledger": Ledger,
    "event-line": EventLine,
    "migration-plan": MigrationPlan,
    "outcome": OutcomePair,
    "finding": Finding,
    "coverage": Coverage,
    "digest": DigestDocument,
    "digest-request": DigestRequest,
}
WRITTEN_BY_USERS: dict[str, type[BaseModel]] = {
    "mapping": Mapping,
    "configuration": Configuration,
    "case": Case,
    "policy": ManagedPolicy,
}
FAMILIES = {
    "TAB": "Tables",
    "COL": "Columns",
    "CON": "Constraints",
    "IDX": "Indexes",
    "SEQ": "Sequences",
    "VIE": "Views",
    "FUN": "Functions",
    "TRG": "Triggers",
    "TYP": "Types",
    "POL": "Policies",
    "EXT": "Extensions",
    "SCH": "Schemas",
    "OBJ": "Other objects",
    "PRV": "Privileges",
    "OWN": "Owners",
    "CMT": "Comments",
    "PUB": "Publications",
    "PLT": "What depends on a platform",
    "UNM": "What is not compared",
    "ENV": "The databases themselves",
    "CTR": "Statements of the data layer",
    "PLN": "Plans",
    "MIG": "Migration",
    "ROW": "Rows",
    "MET": "Methods",
    "COV": "Coverage",
}


def generated() -> dict[Path, str]:
    """Every generated file and its text."""
    files = {
        ROOT / "schemas" / "contracts" / f"{name}.v1.json": _schema(name, model.model_json_schema(mode="serialization"))
        for name, model in WRITTEN_BY_US.items()
    }
    files |= {
        ROOT / "schemas" / "contracts" / f"{name}.v1.json": _schema(name, model.model_json_schema(mode="validation"))
        for name, model in WRITTEN_BY_USERS.items()
    }
    files[ROOT / "schemas" / "contracts" / "catalog.v1.json"] = _schema("catalog", catalog_json_schema())
    files[ROOT / "docs" / "findings.md"] = _findings()
    files[ROOT / "docs" / "configuration.md"] = _configuration()
    files[ROOT / "docs" / "errors.md"] = _errors()
    return files


def _schema(name: str, schema: dict[str, Any]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"pgparity/{name}.v1.json"}
    return json.dumps(head | schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _findings() -> str:
    lines = [
        "# Finding codes",
        "",
        "Every finding of a report has one of these codes. They are stable: a code never changes its meaning.",
        "Codes marked † say what was *not* checked: they make a verdict INCOMPLETE, not NO-GO.",
    ]
    family = ""
    for code in CODES.values():
        if code.code[:3] != family:
            family = code.code[:3]
            lines += ["", f"## {FAMILIES[family]}", "", "| code | title | meaning |", "| --- | --- | --- |"]
        mark = " †" if code.code in ABOUT_COVERAGE else ""
        lines.append(f'| <a id="{code.code}"></a>{code.code}{mark} | {code.title} | {code.sentence} |')
    return "\n".join(lines) + "\n"


def _errors() -> str:
    lines = [
        "# Errors",
        "",
        "A command that could not do what it was asked prints one line with a code, a line with a hint, and ends with",
        "exit code 2. Nothing is written then, but what the ledger on the target says of rows that had already moved.",
        "",
        "| code | meaning |",
        "| --- | --- |",
    ]
    for each in (errors.PgparityError, *errors.PgparityError.__subclasses__()):
        lines.append(f"| {each.code} | {(each.__doc__ or '').strip().splitlines()[0]} |")
    return "\n".join(lines) + "\n"


def _configuration() -> str:
    lines = [
        "# Configuration",
        "",
        "`pgparity.toml`, or `[tool.pgparity]` in `pyproject.toml`. A flag beats an environment variable, which beats",
        "the file. An unknown key is an error that names the nearest known one. `pgparity init` writes a file.",
        "",
        "Environment: `PGPARITY_SOURCE`, `PGPARITY_TARGET` (a DSN), `PGPARITY_CONFIG` (a file), `PGPARITY_REPORT_DIR`,",
        "`PGPARITY_FAIL_ON`, `PGPARITY_MAX_CONNECTIONS`, `PGPARITY_PG_BIN` (folders of PostgreSQL programs).",
    ]
    for name, info in Configuration.model_fields.items():
        section = info.annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            continue
        heading = info.alias or name
        text = (section.__doc__ or "").strip().splitlines()[0]
        lines += [
            "",
            f"## [{heading}]",
            "",
            text,
            "",
            "| key | type | default | meaning |",
            "| --- | --- | --- | --- |",
        ]
        for key, field in section.model_fields.items():
            lines.append(f"| `{key}` | {_type(field)} | {_default(field)} | {field.description or ''} |")
    return "\n".join(lines) + "\n"


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    text = str(annotation) if get_args(annotation) else getattr(annotation, "__name__", str(annotation))
    for long, short in (("harness.core.record.", ""), ("harness.core.mapping.", ""), ("typing.", ""), ("|", "or")):
        text = text.replace(long, short)
    return f"`{text}`"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True) if not field.is_required() else None
    return "" if value in (None, "", (), {}) else f"`{value}`"


def main() -> int:
    """Compare or write; the exit code says whether something was out of date."""
    stale = [path for path, text in generated().items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        if "--write" in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated()[path], encoding="utf-8")
        print(("wrote " if "--write" in sys.argv else "out of date: ") + str(path.relative_to(ROOT)))  # noqa: T201
    return 0 if "--write" in sys.argv else bool(stale)


if __name__ == "__main__":
    sys.exit(main())
