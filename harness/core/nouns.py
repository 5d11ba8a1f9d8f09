"""Nouns: what people call a kind of object, where it is not the kind's own name."""

from __future__ import annotations

from typing import Final

NOUNS: Final = {"routine": "function", "enum": "enum type"}
"""By kind"""
