"""The grammar of filters and trees (docs: "Horizontal Filtering", "Logical operators", "Reserved characters")."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.filtering import QUANTIFIED_OPERATORS, SIMPLE_OPERATORS
from harness.core.postgrest.model import (
    Comparison,
    Condition,
    Distinct,
    Field,
    Filter,
    FullText,
    JsonStep,
    Logic,
    Membership,
    Operation,
    Placed,
    Truth,
)
from harness.core.postgrest.parse import parse_query


def _only(query: str) -> Placed[Condition]:
    (placed,) = parse_query(query).conditions
    return placed


def _operation(text: str) -> Operation:
    condition = _only(f"c={quote(text)}").value
    assert isinstance(condition, Filter)
    return condition.operation


@pytest.mark.parametrize("operator", [*SIMPLE_OPERATORS, *QUANTIFIED_OPERATORS])
def test_every_operator_takes_the_rest_as_its_value(operator: str) -> None:
    assert _operation(f"{operator}.a.b,(c)") == Comparison(operator, "a.b,(c)")


@pytest.mark.parametrize("operator", QUANTIFIED_OPERATORS)
@pytest.mark.parametrize("quantifier", ["any", "all"])
def test_comparisons_can_be_quantified(operator: str, quantifier: str) -> None:
    asked = _operation(f"{operator}({quantifier}).{{a,b}}")
    assert isinstance(asked, Comparison)
    assert (asked.operator, asked.quantifier, asked.value) == (operator, quantifier, "{a,b}")


@pytest.mark.parametrize("operator", ["fts", "plfts", "phfts", "wfts"])
def test_full_text_search_may_name_its_language(operator: str) -> None:
    assert _operation(f"{operator}.cat") == FullText(operator, "cat")  # type: ignore[arg-type]
    assert _operation(f"{operator}(russian).cat") == FullText(operator, "cat", "russian")  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["null", "not_null", "true", "false", "unknown"])
def test_is_takes_its_words_in_any_case(word: str) -> None:
    assert _operation(f"is.{word}") == _operation(f"is.{word.upper()}") == Truth(word)  # type: ignore[arg-type]


def test_isdistinct_takes_a_value() -> None:
    assert _operation("isdistinct.1") == Distinct("1")


def test_not_negates_any_operator() -> None:
    assert _only("c=not.eq.1").value == Filter(Field("c"), Comparison("eq", "1"), negated=True)
    assert _only("c=not.in.(1)").value == Filter(Field("c"), Membership(("1",)), negated=True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("in.(1,2)", ("1", "2")),
        ("in.()", ("",)),
        ('in.("a,b","c)d")', ("a,b", "c)d")),
        (r'in.("say \"hi\"","back\\slash")', ('say "hi"', "back\\slash")),
        ('in.(a"b)', ('a"b',)),
        ("in.(a b, c)", ("a b", " c")),
    ],
)
def test_a_list_has_quoted_and_bare_members(text: str, values: tuple[str, ...]) -> None:
    assert _operation(text) == Membership(values)


def test_a_filter_is_placed_by_the_dots_of_its_key() -> None:
    placed = _only("clients.staff.data->>a=eq.1")
    assert placed.path == ("clients", "staff")
    assert placed.value == Filter(Field("data", (JsonStep("a", as_text=True),)), Comparison("eq", "1"))


def test_a_quoted_key_is_one_column_whatever_it_holds() -> None:
    assert _only('"a.b"=eq.1').value == Filter(Field("a.b"), Comparison("eq", "1"))
    assert _only('"order"=eq.1').value == Filter(Field("order"), Comparison("eq", "1"))


def test_trees_nest_and_negate() -> None:
    expected = Logic(
        "or",
        (
            Filter(Field("age"), Comparison("lt", "18")),
            Logic(
                "and",
                (Filter(Field("a"), Truth("null"), negated=True), Filter(Field("b"), Membership(("1", "2")))),
                negated=True,
            ),
        ),
    )
    assert _only("or=(age.lt.18,not.and(a.not.is.null,b.in.(1,2)))").value == expected


def test_a_tree_may_be_negated_and_placed_by_its_key() -> None:
    assert _only("not.or=(a.eq.1)").value == Logic("or", (Filter(Field("a"), Comparison("eq", "1")),), negated=True)
    placed = _only("clients.not.and=(a.eq.1)")
    assert placed.path == ("clients",)
    assert placed.value == Logic("and", (Filter(Field("a"), Comparison("eq", "1")),), negated=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [('name.eq."a,b)"', "a,b)"), ("tags.cs.{a,b}", "{a,b}"), ("name.eq.a b", "a b"), ("name.eq.", "")],
)
def test_in_a_tree_quotes_and_braces_hold_a_value_together(text: str, value: str) -> None:
    tree = _only(f"or=({quote(text)})").value
    assert isinstance(tree, Logic)
    (member,) = tree.members
    assert isinstance(member, Filter)
    assert isinstance(member.operation, Comparison)
    assert member.operation.value == value


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("id=val", '"failed to parse filter (val)" (line 1, column 1)'),
        ("id=eq", '"failed to parse filter (eq)" (line 1, column 3)'),
        ("id=in.1", '"failed to parse filter (in.1)" (line 1, column 4)'),
        ("id=is.maybe", '"failed to parse filter (is.maybe)" (line 1, column 4)'),
        ("id=noop.1", '"failed to parse filter (noop.1)" (line 1, column 1)'),
        ("or=()", '"failed to parse logic tree (())" (line 1, column 4)'),
        ("or=(id.in.1,2)", '"failed to parse logic tree ((id.in.1,2))" (line 1, column 10)'),
    ],
)
def test_a_mistake_in_a_filter_is_pgrst100_with_its_place(query: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_query(query)
    assert (caught.value.status, caught.value.code) == (400, "PGRST100")
    assert caught.value.message == message


def test_a_comma_from_user_input_in_an_unquoted_tree_is_pgrst100() -> None:
    """or_() of supabase-py quotes nothing."""
    with pytest.raises(RequestError) as caught:
        parse_query("or=" + quote("(name.eq.Smith, John,phone.eq.1)"))
    assert caught.value.code == "PGRST100"


def test_what_follows_the_closing_parenthesis_is_not_looked_at() -> None:
    """PostgREST's parser does not ask for the end of a list or tree either."""
    assert _operation("in.(1,2)rest") == Membership(("1", "2"))
    assert _only("or=(a.eq.1)rest").value == Logic("or", (Filter(Field("a"), Comparison("eq", "1")),))
