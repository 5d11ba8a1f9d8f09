"""Laws of reading a view's stored query: only the outermost columns count, whatever names and subqueries are around."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.cache.schema_cache import Name
from harness.gateway.cache.view_columns import View, follow
from harness.gateway.cache.view_definitions import ColumnOrigin, column_origins

NASTY = st.sampled_from(
    [
        "{",
        "}",
        "(",
        ")",
        "\\",
        " ",
        ":targetList",
        ":targetList (",
        ":resno 5",
        ":resorigtbl 7 :resorigcol 7 ",
        "<>",
        '"',
    ]
)
NAMES = st.lists(NASTY | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))).map("".join)


@dataclass(frozen=True)
class Column:
    name: str
    relation: int
    column: int
    junk: bool
    expression: str


def _token(text: str) -> str:
    """A string as PostgreSQL's outToken writes it."""
    if not text:
        return '""'
    escaped = re.sub(r"[ \n\t(){}\\]", lambda found: "\\" + found.group(), text)
    return "\\" + escaped if re.match(r'[<"]|\d|[+-]?\.?\d', text) else escaped


def _query(columns: list[Column], inside: str) -> str:
    entries = " ".join(
        f"{{TARGETENTRY :expr {one.expression} :resno {number} :resname {_token(one.name)} :ressortgroupref 0"
        f" :resorigtbl {one.relation} :resorigcol {one.column} :resjunk {'true' if one.junk else 'false'}}}"
        for number, one in enumerate(columns, start=1)
    )
    aliases = " ".join(f'"{_token(one.name)}"' for one in columns)
    return (
        f"{{QUERY :commandType 1 :cteList <> :rtable ({{RTE :alias {{ALIAS :aliasname x :colnames ({aliases})}}"
        f" :rtekind 1 :subquery {inside} :selectedCols (b 8 9)}}) :jointree {{FROMEXPR :fromlist <> :quals {inside}}}"
        f" :targetList ({entries}) :override 0 :havingQual {inside} :setOperations <> :stmt_len 0}}"
    )


def _columns(expressions: st.SearchStrategy[str]) -> st.SearchStrategy[list[Column]]:
    column = st.builds(Column, NAMES, st.integers(0, 4), st.integers(-6, 40), st.booleans(), expressions)
    return st.lists(column, min_size=1, max_size=4)


_LEAF = st.sampled_from(["<>", "{VAR :varno 1 :varattno 2 :location 45}", "{CONST :constvalue 4 [ 1 0 0 0 ]}"])
_NESTED = st.recursive(_LEAF, lambda inner: st.builds(_query, _columns(inner), inner), max_leaves=4)


@given(_columns(_NESTED), _NESTED)
def test_the_outermost_columns_with_an_origin_are_read_and_no_others(columns: list[Column], inside: str) -> None:
    assert column_origins(f"({_query(columns, inside)})") == tuple(
        ColumnOrigin(number, one.relation, one.column)
        for number, one in enumerate(columns, start=1)
        if one.relation and not one.junk
    )


@given(st.text())
def test_any_text_is_read_without_failing(text: str) -> None:
    assert isinstance(column_origins(text), tuple)


@given(st.lists(st.builds(ColumnOrigin, st.integers(1, 3), st.integers(1, 5), st.integers(1, 3)), max_size=12))
def test_views_that_go_in_circles_are_followed_to_an_end(origins: list[ColumnOrigin]) -> None:
    views = [View(oid, Name("api", str(oid)), ("a", "b", "c"), origins) for oid in (1, 2, 3)]
    shown = follow(views, {(4, 1): (Name("data", "t"), "key")})
    assert all(one.table == Name("data", "t") and set(one.columns) == {"key"} for one in shown)
