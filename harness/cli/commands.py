"""Imports every module of commands: each registers its own with the application."""

from __future__ import annotations

from harness.cli import demo, doctor, gateway, init, methods, report, run, schema, stack

__all__ = ["demo", "doctor", "gateway", "init", "methods", "report", "run", "schema", "stack"]
