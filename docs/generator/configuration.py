"""docs/configuration.md: every key of pgparity.toml, from the models."""

from __future__ import annotations

import re
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.core.configuration import Configuration

_MODULE = re.compile(r"\b(?:harness\.core\.\w+|typing)\.")


def configuration_page() -> str:
    """The page."""
    lines = [
        "# Configuration",
        "",
        "`pgparity.toml`, or `[tool.pgparity]` in `pyproject.toml`. A flag beats an environment variable, which beats",
        "the file. An unknown key is an error that names the nearest known one. `pgparity init` writes a file.",
        "",
        "Environment: `PGPARITY_SOURCE`, `PGPARITY_TARGET` (a DSN), `PGPARITY_CONFIG` (a file), `PGPARITY_REPORT_DIR`,",
        "`PGPARITY_FAIL_ON`, `PGPARITY_MAX_CONNECTIONS`, `PGPARITY_PG_BIN` (folders of PostgreSQL programs).",
    ]
    inner: dict[str, type[BaseModel]] = {}
    for name, info in Configuration.model_fields.items():
        section = info.annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            continue
        lines += _section(f"[{info.alias or name}]", section)
        inner |= _models(section)
    lines += ["", "## Keys inside keys", "", "What a key holds whose type is one of these."]
    for name, model in inner.items():
        lines += _section(name, model, "###")
    return "\n".join(lines) + "\n"


def _section(heading: str, model: type[BaseModel], level: str = "##") -> list[str]:
    text = (model.__doc__ or "").strip().splitlines()[0]
    lines = ["", f"{level} {heading}", "", text, "", "| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    for key, field in model.model_fields.items():
        lines.append(f"| `{field.alias or key}` | {_type(field)} | {_default(field)} | {_meaning(field)} |")
    return lines


def _models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The models that the keys of this one hold, at any depth."""
    found: dict[str, type[BaseModel]] = {}
    for field in model.model_fields.values():
        for kind in _kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__name__ not in found:
                found |= {kind.__name__: kind, **_models(kind)}
    return found


def _kinds(annotation: object) -> list[object]:
    inner = get_args(annotation)
    return [each for argument in inner for each in _kinds(argument)] if inner else [annotation]


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    text = str(annotation) if get_args(annotation) else getattr(annotation, "__name__", str(annotation))
    return f"`{_MODULE.sub('', text).replace('|', 'or')}`"


def _meaning(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True) if not field.is_required() else None
    return "" if value in (None, "", (), {}) or isinstance(value, BaseModel) else f"`{value}`"
