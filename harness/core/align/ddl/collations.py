"""DDL of collations and conversions, of which neither can be altered."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Statement
from harness.core.model.catalog import Catalog
from harness.core.model.collations import Collation, Conversion
from harness.core.names import literal


def _create_collation(each: Collation, _catalog: Catalog) -> Made:
    words = [f"provider = {each.provider}"]
    if each.lc_ctype is not None:
        words += [f"lc_collate = {literal(each.locale)}", f"lc_ctype = {literal(each.lc_ctype)}"]
    else:
        words.append(f"locale = {literal(each.locale)}")
    if not each.deterministic:
        words.append("deterministic = false")
    if each.rules is not None:
        words.append(f"rules = {literal(each.rules)}")
    return [Statement(sql=f"CREATE COLLATION {each.identity} ({', '.join(words)});")]


def _create_conversion(each: Conversion, _catalog: Catalog) -> Made:
    default = "DEFAULT " if each.default else ""
    sql = (
        f"CREATE {default}CONVERSION {each.identity} FOR {literal(each.source_encoding)}"
        f" TO {literal(each.destination_encoding)} FROM {each.function};"
    )
    return [Statement(sql=sql)]


DDL: dict[str, Ddl] = {
    Collation.kind: Ddl(
        named=lambda each: f"COLLATION {each.identity}",
        create=_create_collation,
        drop=lambda each, _: [Statement(sql=f"DROP COLLATION {each.identity};")],
    ),
    Conversion.kind: Ddl(
        named=lambda each: f"CONVERSION {each.identity}",
        create=_create_conversion,
        drop=lambda each, _: [Statement(sql=f"DROP CONVERSION {each.identity};")],
    ),
}
"""How collations and conversions are made"""
