"""Whether two texts stand for one value, part by part; and which types count as one."""

from __future__ import annotations

import pytest

from harness.core.cell_classes import CellClass
from harness.core.cells import classify
from harness.core.row_forms import cell_form
from harness.core.row_types import DescribedType, TypeKind, definition, same_type
from harness.core.same_value import same_value
from harness.core.structured_texts import NotWritten, bounds, elements, fields, ranges


def builtin(name: str, oid: int = 25) -> DescribedType:
    return DescribedType(oid=oid, schema="pg_catalog", name=name, sql=name)


def made(
    kind: TypeKind, *parts: tuple[str, DescribedType], name: str = "made", labels: tuple[str, ...] = ()
) -> DescribedType:
    return DescribedType(oid=20000, schema="public", name=name, sql=name, kind=kind, parts=parts, labels=labels)


CITEXT = made("base", name="citext")
NUMBER, TEXT, INTERVAL = builtin("numeric", 1700), builtin("text"), builtin("interval", 1186)
PAIR = made("composite", ("a", NUMBER), ("b", TEXT))


def test_fields_are_read_as_record_out_writes_them() -> None:
    assert fields('(1,,"",a b,"x,(""y"")\\\\z")') == ["1", None, "", "a b", 'x,("y")\\z']
    assert fields("()") == [None]


def test_elements_are_read_as_array_out_writes_them() -> None:
    assert elements('{{1,NULL},{"NULL","a\\"b,\\\\"}}') == ("{{.,.},{.,.}}", ["1", None, "NULL", 'a"b,\\'])
    assert elements("[0:1]={a,b}") == ("[0:1]={.,.}", ["a", "b"])
    assert elements("{}") == ("{}", [])


def test_bounds_and_ranges_are_read_as_range_out_writes_them() -> None:
    assert bounds('["2026-01-01 10:00:00",)') == ("[)", ["2026-01-01 10:00:00", None])
    assert bounds("empty") == ("empty", [])
    assert ranges('{["a)","b"],(c,)}') == ['["a)","b"]', "(c,)"]
    assert ranges("{}") == []


@pytest.mark.parametrize(
    ("read", "text"),
    [(fields, "1,2"), (fields, '("a)'), (elements, "{1"), (elements, "x"), (bounds, "[1"), (ranges, "x")],
)
def test_what_is_written_otherwise_is_not_read(read: object, text: str) -> None:
    with pytest.raises(NotWritten):
        read(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "target", "kind", "same"),
    [
        ("(1.0,x)", "(1.00,x)", PAIR, True),
        ("(1.0,x)", "(1.00,X)", PAIR, False),
        ('(1,"")', "(1,)", PAIR, False),
        ("{1.0,NULL}", "{1.00,NULL}", made("array", ("", NUMBER)), True),
        ("{1.0}", "{{1.0}}", made("array", ("", NUMBER)), False),
        ("1 mon", "30 days", INTERVAL, True),
        ("1 mon", "31 days", INTERVAL, False),
        ("Анна", "АННА", CITEXT, True),
        ("Анна", "Анна ", CITEXT, False),
    ],
)
def test_values_of_one_type_are_the_same(source: str, target: str, kind: DescribedType, *, same: bool) -> None:
    assert same_value(source, target, kind, kind) is same
    assert same_value(target, source, kind, kind) is same


def test_fields_are_compared_by_their_names_where_both_have_them() -> None:
    turned = made("composite", ("b", TEXT), ("a", NUMBER))
    assert same_value("(1.0,x)", "(x,1)", PAIR, turned)
    assert not same_value("(1,2)", "(1,2)", PAIR, turned)
    renamed = made("composite", ("a", NUMBER), ("z", TEXT))
    assert same_value("(1,x)", "(1,x)", PAIR, renamed)


def test_types_of_users_are_one_by_name_and_by_what_they_are() -> None:
    moods = made("enum", name="mood", labels=("sad", "ok"))
    assert same_type(moods, made("enum", name="mood", labels=("sad", "ok")))
    assert not same_type(moods, made("enum", name="mood", labels=("ok", "sad")))
    assert not same_type(moods, made("enum", name="feeling", labels=("sad", "ok")))
    assert not same_type(moods, made("composite", ("sad", TEXT), name="mood"))
    assert definition(made("array", ("", moods), name="_mood")) == "mood enum('sad', 'ok')[]"


def test_rows_are_matched_by_case_insensitive_texts_in_latin_letters_and_compared_as_they_are() -> None:
    form = cell_form(CITEXT, CITEXT)
    assert (form.kind, form.type_drift, form.told_by_texts) == ("text", False, True)
    assert form.source.exact == "({})::text"
    assert form.source.key == 'pg_catalog.lower(({})::text COLLATE pg_catalog."C")'


def test_equal_texts_that_differ_in_case_are_drift_and_called_so() -> None:
    assert classify("Анна", "АННА", "text", equal=True) == CellClass("case", drift=True)
    assert classify("ab ", "ab", "text", equal=True) == CellClass("representation drift", drift=True)
