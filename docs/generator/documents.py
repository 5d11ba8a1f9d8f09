"""docs/json.md: the fields of what pgparity writes as JSON, from the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEAD = Path(__file__).with_name("json_head.md")
LEFT_OUT = ("catalog", "configuration")
"""One is a list of every kind of object, the other has a page of its own"""


def documents_page(schemas: dict[str, str]) -> str:
    """The page; `schemas` is the text of each schema by the name of its contract."""
    parsed = {name: json.loads(text) for name, text in schemas.items() if name not in LEFT_OUT}
    contracts = {str(schema.get("title")): f"{name}v1" for name, schema in parsed.items()}
    lines = [HEAD.read_text(encoding="utf-8").rstrip(), "", "## Contracts"]
    parts: dict[str, dict[str, Any]] = {}
    for name in sorted(parsed, key=lambda each: (each != "run", each)):
        schema = parsed[name]
        parts |= {key: part for key, part in schema.get("$defs", {}).items() if key not in parts}
        lines += ["", f"### {name}.v1", "", f"{_sentence(schema)} [Schema](../schemas/contracts/{name}.v1.json).", ""]
        lines += _table(schema, parts, contracts) if "properties" in schema else _one_of(schema, contracts)
    lines += ["", "## Parts", "", "What contracts are made of, in the order of their names."]
    for name in sorted(parts):
        if name in contracts or name == "JsonValue":
            continue
        lines += ["", f"### {name}", "", _sentence(parts[name]), ""]
        lines += _table(parts[name], parts, contracts) if "properties" in parts[name] else _values(parts[name])
    return "\n".join(lines).rstrip() + "\n"


def _sentence(schema: dict[str, Any]) -> str:
    return " ".join(str(schema.get("description", "")).split("\n\n")[0].split())


def _table(schema: dict[str, Any], parts: dict[str, dict[str, Any]], contracts: dict[str, str]) -> list[str]:
    required = set(schema.get("required", ()))
    lines = ["| field | type | meaning |", "| --- | --- | --- |"]
    for name, field in schema.get("properties", {}).items():
        always = "" if name in required else " *"
        meaning = _sentence(field) or _sentence(parts.get(_part(field), {}))
        meaning = meaning.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{name}`{always} | {_type(field, contracts)} | {meaning} |")
    if any(name not in required for name in schema.get("properties", {})):
        lines += ["", "\\* may be absent."]
    return lines


def _one_of(schema: dict[str, Any], contracts: dict[str, str]) -> list[str]:
    by = schema.get("discriminator", {}).get("propertyName", "")
    return [f"One of {_type(schema, contracts).replace(' or ', ', ')}, told by the field `{by}`."]


def _part(field: dict[str, Any]) -> str:
    """The part that a field, or each element of it, is; empty where it is none."""
    inner = next((each for each in field.get("anyOf", ()) if "$ref" in each), field)
    return str((inner.get("items") or inner).get("$ref", "")).rsplit("/", 1)[-1]


def _values(schema: dict[str, Any]) -> list[str]:
    return ["One of " + ", ".join(f"`{each}`" for each in schema.get("enum", ())) + "."]


def _type(field: dict[str, Any], contracts: dict[str, str]) -> str:
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return "any JSON value" if name == "JsonValue" else f"[{name}](#{contracts.get(name, name.lower())})"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if alternatives := field.get("anyOf") or field.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(each, contracts) for each in alternatives))
    if field.get("type") == "array":
        inner = field.get("items") or field.get("prefixItems", [{}])[0]
        return f"list of {_type(inner, contracts)}"
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"object: name to {_type(field['additionalProperties'], contracts)}"
    return {"integer": "integer", "number": "number", "boolean": "true or false"}.get(
        str(field.get("type")), str(field.get("type", "any value"))
    )
