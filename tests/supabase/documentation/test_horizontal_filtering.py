"""Tables and views, sections Horizontal Filtering, Operators, Operator Modifiers, Pattern Matching and Full-Text Search
(https://docs.postgrest.org/en/v16/references/api/tables_views.html#horizontal-filtering).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = r"""
CREATE SCHEMA api;
CREATE TABLE api.clients (
    id int PRIMARY KEY, name text, phone text, visits int, vip boolean, since date, tags text[], numbers int[],
    notes text, extra jsonb, plain json, search tsvector
);
INSERT INTO api.clients VALUES
    (1, 'Anna', '80005550001', 5, true, '2024-02-29', '{a,b}', '{1}', 'The fat cat sat', '{"a": "a fat rat"}',
     '{"b": "cats"}', to_tsvector('english', 'The fat cat sat on a mat')),
    (2, 'ANTON', '80005550002', 12, false, '2023-01-31', '{b,"c,d"}', '{1,2}', 'Impossible is not possible', NULL,
     '{"b": "nothing"}', to_tsvector('english', 'It is impossible, but fun')),
    (3, 'o_\x "q"', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'Борис 100%', '70005550004', 3, true, '2024-12-31', '{}', '{1,2,3}', 'Кошки и собаки', '{"a": "rats"}', NULL,
     to_tsvector('french', 'C''est un peu amusant'));
CREATE TABLE api.periods (id int PRIMARY KEY, span int4range);
INSERT INTO api.periods VALUES (1, '[1,3]'), (2, '[3,6]'), (3, '[6,7]'), (4, '[9,11]'), (5, NULL);
CREATE DOMAIN tsvector_of_ours AS tsvector;
CREATE TABLE api.marked (id int PRIMARY KEY, words tsvector_of_ours);
INSERT INTO api.marked VALUES (1, 'cat:1'), (2, 'dog:1');
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of the clients of a salon."""
    return serve(DDL, db_schemas=("api",)).http


def ids(http: httpx.Client, query: str, table: str = "clients") -> list[int]:
    """The ids of the rows that a query finds."""
    answer = http.get(f"/{table}?select=id&order=id&{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


# Horizontal Filtering


def test_one_condition_chooses_rows(http: httpx.Client) -> None:
    assert ids(http, "visits=lt.6") == [1, 4]


def test_several_conditions_are_all_meant(http: httpx.Client) -> None:
    assert ids(http, "visits=gte.3&vip=is.true&name=like.A*") == [1]


def test_one_column_may_have_several_conditions(http: httpx.Client) -> None:
    assert ids(http, "visits=gt.3&visits=lt.12") == [1]


def test_a_column_need_not_be_selected_to_be_filtered(http: httpx.Client) -> None:
    assert http.get("/clients?select=name&id=eq.1").json() == [{"name": "Anna"}]


# Operators


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("visits=eq.5", [1]),
        ("visits=neq.5", [2, 4]),
        ("visits=gt.5", [2]),
        ("visits=gte.5", [1, 2]),
        ("since=lt.2024-02-29", [2]),
        ("since=lte.2024-02-29", [1, 2]),
        ("name=like.An*", [1]),
        ("name=like.*N", [2]),
        ("name=like.%25ri%25", []),
        ("name=ilike.an*", [1, 2]),
        ("name=like.*100\\%25", [4]),
        ("name=match.^An", [1]),
        ("name=match.n.*a$", [1]),
        ("name=imatch.^an", [1, 2]),
        ("id=in.(1,3,7)", [1, 3]),
        ("since=in.(2024-02-29,2023-01-31)", [1, 2]),
        ('name=in.(Anna,"o_\\\\x \\"q\\"")', [1, 3]),
        ("vip=is.null", [3]),
        ("vip=is.not_null", [1, 2, 4]),
        ("vip=is.true", [1, 4]),
        ("vip=is.false", [2]),
        ("vip=is.unknown", [3]),
        ("vip=is.NULL", [3]),
        ("vip=is.Not_Null", [1, 2, 4]),
        ("vip=is.FAlSe", [2]),
        ("visits=isdistinct.5", [2, 3, 4]),
        ("tags=cs.{b}", [1, 2]),
        ('tags=cs.{"c,d"}', [2]),
        ("numbers=cd.{1,2}", [1, 2]),
        ("numbers=ov.{2,3}", [2, 4]),
        ("numbers=eq.{1,2}", [2]),
        ("numbers=neq.{1,2}", [1, 4]),
        ("numbers=gt.{1,1}", [2, 4]),
        ('extra=cs.{"a":"rats"}', [4]),
    ],
)
def test_an_operator_chooses_its_rows(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("eq.[1,3]", [1]),
        ("neq.[1,3]", [2, 3, 4]),
        ("gt.[8,11]", [4]),
        ("cs.[1,2]", [1]),
        ("cd.[1,6]", [1, 2]),
        ("ov.[0,4]", [1, 2]),
        ("sl.[9,10]", [1, 2, 3]),
        ("sr.[3,4]", [3, 4]),
        ("nxr.[4,7]", [1, 2, 3]),
        ("nxl.[4,7]", [3, 4]),
        ("adj.(3,10]", [1]),
        ("isdistinct.[1,3]", [2, 3, 4, 5]),
    ],
)
def test_a_range_operator_chooses_its_rows(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, f"span={quote(query)}", "periods") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("visits=not.eq.5", [2, 4]),
        ("visits=not.lt.5", [1, 2]),
        ("id=not.in.(1,2)", [3, 4]),
        ("vip=not.is.null", [1, 2, 4]),
        ("vip=not.is.not_null", [3]),
        ("vip=not.is.true", [2, 3]),
        ("name=not.like.An*", [2, 3, 4]),
        ("name=not.ilike.an*", [3, 4]),
        ("name=not.match.^An", [2, 3, 4]),
        ("visits=not.isdistinct.5", [1]),
        ("tags=not.cs.{b}", [4]),
    ],
)
def test_not_negates_an_operator(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id=in.()", []),
        ("name=in.()", []),
        ("id=not.in.()", [1, 2, 3, 4]),
        ("id=in.( 1 , 3 )", [1, 3]),
        ("id=in.(1,2)))and more", [1, 2]),
    ],
)
def test_a_list_may_be_empty_and_hold_blanks(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


def test_an_empty_member_of_a_list_is_an_empty_text(http: httpx.Client) -> None:
    answer = http.get("/clients?id=in.( ,3)")
    assert (answer.status_code, answer.json()["code"]) == (400, "22P02")
    assert answer.json()["message"] == 'invalid input syntax for type integer: ""'


def test_a_value_has_the_type_of_its_column(http: httpx.Client) -> None:
    answer = http.get("/clients?id=eq.one")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "22P02",
        "message": 'invalid input syntax for type integer: "one"',
        "details": None,
        "hint": None,
    }


def test_an_operator_that_a_type_lacks_is_404_from_postgresql(http: httpx.Client) -> None:
    answer = http.get("/clients?visits=like.5*")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")


# Logical operators


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("or=(id.eq.1,id.eq.2)", [1, 2]),
        ("and=(id.gt.1,id.lt.4)", [2, 3]),
        ("not.or=(id.eq.1,id.eq.2)", [3, 4]),
        ("not.and=(id.gte.2,id.lte.3)", [1, 4]),
        ("or=(id.eq.1,id.eq.2)&vip=is.true", [1]),
        ("and=(id.eq.1,name.eq.Anna)&or=(id.eq.1,id.eq.2)", [1]),
        ("or=(and(name.eq.ANTON,id.eq.2),and(name.eq.Anna,id.eq.1))", [1, 2]),
        ("or=(not.and(name.eq.ANTON,id.eq.2),not.and(name.eq.Anna,id.eq.1))", [1, 2, 3, 4]),
        ("vip=is.true&or=(visits.eq.3,not.and(visits.gte.4,visits.lte.17))", [4]),
        ("or=(id.eq.1)", [1]),
        ("or=( id.eq.1, id.eq.2, and(id.in.(1,3), id.in.(2,3)), id.eq.9 )", [1, 2, 3]),
        ("and=( and ( id.in.( 1, 2, 3 ) , id.eq.3 ) , or ( id.eq.2 , id.eq.3 ) )", [3]),
        ("and=(id.eq.1,id.neq.2))", [1]),
    ],
)
def test_a_tree_chooses_its_rows(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ("name.like.An*,name.ilike.*ON", [1, 2]),
        ("id.in.(1,2),id.in.(3)", [1, 2, 3]),
        ("visits.is.null,vip.is.false", [2, 3]),
        ("tags.cs.{a,b},numbers.cd.{1}", [1]),
        ("visits.isdistinct.5", [2, 3, 4]),
        ("name.eq(any).{Anna,ANTON}", [1, 2]),
        ("notes.fts(english).cat,notes.plfts(english).possible", [1, 2]),
        ("numbers.not.cs.{1,2},id.not.neq.3", [1, 3]),
        ("id.not.in.(1,2,4),vip.not.is.null", [1, 2, 3, 4]),
        ("name.not.ilike.*n*", [3, 4]),
    ],
)
def test_every_operator_works_in_a_tree(http: httpx.Client, members: str, expected: list[int]) -> None:
    assert ids(http, f"or=({quote(members)})") == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (r'name.eq."o_\\x \"q\""', [3]),
        (r'name.in.("o_\\x \"q\"",Anna)', [1, 3]),
        ('tags.cs.{b,"c,d"}', [2]),
        ('name.like."*100%"', [4]),
        ('phone.in.("80005550001","70005550004")', [1, 4]),
        ("span", []),
    ],
)
def test_quotes_hold_reserved_characters_in_a_tree(http: httpx.Client, member: str, expected: list[int]) -> None:
    if member == "span":
        tree = quote('(span.adj."(3,10]",span.cs."[9,10]")')
        assert ids(http, f"or={tree}", "periods") == [1, 4]
    else:
        assert ids(http, f"or=({quote(member)})") == expected


def test_a_tree_without_members_is_refused(http: httpx.Client) -> None:
    answer = http.get("/clients?or=()")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST100",
        "details": 'unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator'
        " (and, or)",
        "hint": None,
        "message": '"failed to parse logic tree (())" (line 1, column 4)',
    }


# Operator Modifiers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=like(any).{An*,*N}", [1, 2]),
        ("name=like(all).{A*,*a}", [1]),
        ("name=ilike(any).{an*,%25q%25}", [1, 2, 3]),
        ("name=ilike(all).{an*,*n}", [2]),
        ("name=match(any).{^An,^AN}", [1, 2]),
        ("name=imatch(all).{^a,n$}", [2]),
        ("id=eq(any).{1,3}", [1, 3]),
        ("visits=gt(all).{3,5}", [2]),
        ("visits=gte(any).{5,12}", [1, 2]),
        ("visits=lt(all).{5,12}", [4]),
        ("visits=lte(any).{3,5}", [1, 4]),
        ("visits=not.eq(any).{5,12}", [4]),
    ],
)
def test_a_modifier_compares_with_a_list(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


# Pattern Matching


def test_a_pattern_keeps_the_wildcards_of_sql(http: httpx.Client) -> None:
    assert ids(http, "name=like.o__x*") == [3]
    assert ids(http, "name=like.o\\_*") == [3]
    assert ids(http, "name=like._nna") == [1]


def test_only_like_knows_the_star(http: httpx.Client) -> None:
    assert ids(http, "name=eq.An*") == []
    assert ids(http, "name=match.^An*a$") == [1], "a regular expression's star"


def test_a_wrong_regular_expression_is_postgresqls_error(http: httpx.Client) -> None:
    answer = http.get("/clients?name=match.(")
    assert (answer.status_code, answer.json()["code"]) == (400, "2201B")


# Full-Text Search


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=fts.cat", [1]),
        ("search=fts.fat%26cat", [1]),
        ("search=fts.cat%7Cfun", [1, 2]),
        ("search=fts.cat%26!mat", []),
        ("search=fts(french).amusant", [4]),
        ("search=plfts.The%20Fat%20Cats", [1]),
        ("search=plfts(french).amusant%20peu", [4]),
        ("search=phfts.fat%20cats", [1]),
        ("search=phfts.cats%20fat", []),
        ("search=wfts.cat%20or%20fun", [1, 2]),
        ("search=wfts.fun%20-impossible", []),
        ("search=wfts(english).%22fat%20cat%22", [1]),
        ("search=not.fts.cat", [2, 4]),
        ("search=not.phfts(english).The%20Fat%20Cats", [2, 4]),
        ("search=not.wfts(french).amusant", [1, 2]),
    ],
)
def test_full_text_search_finds_its_rows(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


def test_an_unknown_language_is_postgresqls_error(http: httpx.Client) -> None:
    answer = http.get("/clients?search=fts(klingon).cat")
    assert (answer.status_code, answer.json()["code"]) == (400, "42704")


# Automatic tsvector conversion


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("notes=fts(english).cats", [1]),
        ("notes=plfts(english).possible", [2]),
        ("notes=phfts(english).fat%20cats", [1]),
        ("notes=wfts(russian).кошка", [4]),
        ("notes=not.fts(english).cats", [2, 4]),
        ("extra=fts(english).rat", [1, 4]),
        ("extra->>a=fts(english).rat", [1, 4]),
        ("plain=not.phfts(english).cats", [2]),
    ],
)
def test_text_and_json_become_a_tsvector(http: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(http, query) == expected


def test_a_domain_over_tsvector_is_searched_as_it_is(http: httpx.Client) -> None:
    assert ids(http, "words=fts.cat", "marked") == [1]
