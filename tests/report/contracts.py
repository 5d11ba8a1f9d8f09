"""The published schemas of what is written: JSON Schemas of schemas/contracts, and an XML Schema of JUnit."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import xmlschema
from jsonschema import Draft202012Validator

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parents[1] / "schemas" / "contracts"


@cache
def contract(name: str) -> Draft202012Validator:
    """The validator of a contract, by its name without version."""
    schema = json.loads((CONTRACTS / f"{name}.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def junit_schema() -> xmlschema.XMLSchema:
    """What CI systems take for JUnit."""
    return xmlschema.XMLSchema(HERE / "junit.xsd")
