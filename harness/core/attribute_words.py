"""Attribute words: what people call an attribute, and how they say that it is not the same on both sides."""

from __future__ import annotations

from harness.core.record import JsonValue

_NAMES = {
    "not_null": "NOT NULL",
    "not_null_no_inherit": "NOT NULL NO INHERIT",
    "identity_kind": "identity",
    "generated": "generation expression",
    "generated_kind": "way of generation",
    "using": "USING",
    "check": "WITH CHECK",
    "partition_of": "parent or bound",
    "inherits": "parents",
    "publish": "published statements",
    "security_definer": "SECURITY DEFINER",
    "cycle": "CYCLE",
    "with_grant_option": "GRANT OPTION",
    "force_row_security": "forced row security",
}
_OF_KINDS = {("domain", "check"): "constraints"}
_MANY = frozenset(
    {
        "columns", "constraints", "kinds", "labels", "members", "options", "parameters", "parents",
        "published statements", "roles", "rules", "schemas", "settings", "tables", "tags",
    }
)  # fmt: skip
_BEING = frozenset(
    {
        "clustered", "deferrable", "deferred", "deterministic", "enabled", "enforced", "leakproof", "materialized",
        "permissive", "populated", "preferred", "strict", "trusted", "valid", "validated",
    }
)  # fmt: skip
"""What an object is or is not; the rest it has"""


def attribute_words(attribute: str, kind: str = "") -> str:
    """The name of an attribute as people write it."""
    return _OF_KINDS.get((kind, attribute)) or _NAMES.get(attribute, attribute.replace("_", " "))


def differs(kind: str, attribute: str, source: JsonValue) -> str:
    """What follows the object's name in a sentence: has another type on the target, is valid on the source only."""
    words = attribute_words(attribute, kind)
    if isinstance(source, bool):
        side = "source" if source else "target"
        return f"{'is' if attribute in _BEING else 'has'} {words} on the {side} only"
    return f"has {'other' if words in _MANY else 'another'} {words} on the target"
