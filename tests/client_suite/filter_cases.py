"""Every filter of the client, on rows that tell right from wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.client_suite.case import Builder, Case, Client, gives, refuses


def _ids(name: str, chosen: Callable[[Builder], Builder], ids: Sequence[int], *, table: str = "clients") -> Case:
    def ask(client: Client) -> Builder:
        return chosen(client.table(table).select("id")).order("id")

    return gives(f"filter: {name}", ask, [{"id": number} for number in ids])


def _refused(name: str, chosen: Callable[[Builder], Builder], code: str) -> Case:
    return refuses(f"filter: {name}", lambda client: chosen(client.table("clients").select("id")), code)


COMPARISONS = (
    _ids("eq", lambda q: q.eq("name", "Анна"), [1]),
    _ids("eq of an integer", lambda q: q.eq("yclients_id", 101), [1, 3]),
    _ids("eq of a boolean inside json", lambda q: q.eq("document->vip", True), [1]),
    _ids("eq of a list, sent as json", lambda q: q.eq("document->at->k", [10, 20]), [1]),
    _ids("eq of text with a plus and blanks", lambda q: q.eq("phone", "+7 (000) 555-00-03"), [3]),
    _ids("eq of text with reserved characters", lambda q: q.eq("name", 'o_\\x "q"'), [4]),
    _ids("eq of digits in text", lambda q: q.eq("phone", "80005550001"), [1]),
    _refused("eq of None sends the word null, which is no integer", lambda q: q.eq("yclients_id", None), "22P02"),
    _ids("eq of None is the text null", lambda q: q.eq("name", None), []),
    _ids("neq", lambda q: q.neq("id", 1), [2, 3, 4]),
    _ids("neq leaves null out", lambda q: q.neq("phone", "80005550001"), [2, 3]),
    _ids("gt", lambda q: q.gt("id", 2), [3, 4]),
    _ids("gte", lambda q: q.gte("visited_on", "2024-02-29"), [1, 3]),
    _ids("lt", lambda q: q.lt("visited_on", "2024-02-29"), [4]),
    _ids("lte", lambda q: q.lte("id", 2), [1, 2]),
    _ids("two filters on one column are both meant", lambda q: q.gt("id", 1).lt("id", 4), [2, 3]),
    _ids("match of several columns", lambda q: q.match({"yclients_id": 101, "company_id": 900200}), [3]),
    _ids("filter with an operator of the caller's", lambda q: q.filter("id", "in", "(1,4)"), [1, 4]),
    _ids("filter with isdistinct", lambda q: q.filter("phone", "isdistinct", "80005550001"), [2, 3, 4]),
    _ids("filter with eq(any)", lambda q: q.filter("id", "eq(any)", "{1,3}"), [1, 3]),
    _refused("filter with an unknown operator", lambda q: q.filter("id", "equals", "1"), "PGRST100"),
    _refused("a filter on an unknown column", lambda q: q.eq("active", 1), "42703"),
    _refused("a value of a wrong type", lambda q: q.eq("id", "one"), "22P02"),
    _refused("a value that is no date", lambda q: q.eq("visited_on", "soon"), "22007"),
)
PATTERNS = (
    _ids("like with a percent sign", lambda q: q.like("name", "А%"), [1]),
    _ids("like with a star", lambda q: q.like("name", "*р*"), [2]),
    _ids("like is about case", lambda q: q.like("name", "анна"), []),
    _ids("like of a live underscore", lambda q: q.like("name", "o_*"), [4]),
    _ids("like of an escaped percent sign", lambda q: q.like("name", r"Anna 100\%"), [3]),
    _ids("ilike", lambda q: q.ilike("name", "*ANNA*"), [3]),
    _ids("like_any_of", lambda q: q.like_any_of("name", "А*,Б*"), [1, 2]),
    _ids("like_all_of", lambda q: q.like_all_of("name", "*n*,*a*"), [3]),
    _ids("ilike_any_of", lambda q: q.ilike_any_of("name", "anna*,О*"), [3]),
    _ids("ilike_all_of", lambda q: q.ilike_all_of("name", "anna*,*100*"), [3]),
    _ids("filter with match, a regular expression", lambda q: q.filter("phone", "match", "^8000"), [1, 2]),
    _ids("filter with imatch", lambda q: q.filter("name", "imatch", "^ANNA"), [3]),
)
NULLS_AND_LISTS = (
    _ids("is_ None", lambda q: q.is_("phone", None), [4]),
    _ids("is_ the word null", lambda q: q.is_("phone", "null"), [4]),
    _ids("is_ not_null", lambda q: q.is_("phone", "not_null"), [1, 2, 3]),
    _ids("is_ true", lambda q: q.is_("t_bool", True), [1], table="kinds"),
    _ids("is_ false", lambda q: q.is_("t_bool", False), [2], table="kinds"),
    _ids("is_ unknown", lambda q: q.is_("t_bool", "unknown"), [3, 4], table="kinds"),
    _refused("is_ something else", lambda q: q.is_("phone", "nothing"), "PGRST100"),
    _ids("in_", lambda q: q.in_("id", [1, 3]), [1, 3]),
    _ids("in_ of text that has to be quoted", lambda q: q.in_("name", ['o_\\x "q"', "Анна", "a,b)"]), [1, 4]),
    _ids("in_ of digits in text", lambda q: q.in_("phone", ["80005550001", "80005550002"]), [1, 2]),
    _ids("in_ of text with a plus", lambda q: q.in_("phone", ["+7 (000) 555-00-03"]), [3]),
    _ids("in_ of nothing", lambda q: q.in_("id", []), []),
    _ids("in_ of one empty text is in_ of nothing", lambda q: q.in_("t_text", [""]), [], table="kinds"),
    _ids("in_ of an empty text and another", lambda q: q.in_("t_text", ["", "x"]), [2], table="kinds"),
    _refused("in_ of None sends the word null", lambda q: q.in_("yclients_id", [None, 101]), "22P02"),
)
NEGATION_AND_TREES = (
    _ids("not_ eq", lambda q: q.not_.eq("id", 1), [2, 3, 4]),
    _ids("not_ is_ null", lambda q: q.not_.is_("phone", "null"), [1, 2, 3]),
    _ids("not_ in_", lambda q: q.not_.in_("id", [1, 2, 3]), [4]),
    _ids("not_ like", lambda q: q.not_.like("name", "А%"), [2, 3, 4]),
    _ids("not_ is for the next filter alone", lambda q: q.not_.eq("id", 1).eq("id", 2), [2]),
    _ids("or_", lambda q: q.or_("id.eq.1,name.eq.Борис"), [1, 2]),
    _ids("or_ with nesting", lambda q: q.or_("id.eq.1,and(id.gt.2,not.or(id.eq.4,phone.is.null))"), [1, 3]),
    _ids("or_ with a list and quotes", lambda q: q.or_('id.in.(1,2),name.eq."o_\\\\x \\"q\\""'), [1, 2, 4]),
    _ids("not_ or_", lambda q: q.not_.or_("id.eq.1,id.eq.2"), [3, 4]),
    _ids("or_ twice is both", lambda q: q.or_("id.eq.1,id.eq.2").or_("id.eq.2,id.eq.3"), [2]),
    _refused("or_ quotes nothing: a comma", lambda q: q.or_("name.eq.Ivanova, Anna"), "PGRST100"),
    _ids("or_ quotes nothing: what follows a parenthesis is lost", lambda q: q.or_("id.eq.1,name.eq.Борис)x"), [1, 2]),
)
ARRAYS_AND_JSON = (
    _ids("contains", lambda q: q.contains("tags", ["b"]), [1, 2]),
    _ids("contains an element with a comma", lambda q: q.contains("tags", ["c,d"]), [2]),
    _ids("contains of json", lambda q: q.contains("document", {"vip": True}), [1]),
    _ids("contains of a range", lambda q: q.contains("slots", "[2,3)"), [1]),
    _ids("contained_by", lambda q: q.contained_by("tags", ["a", "b", "x"]), [1, 3]),
    _ids("contained_by of json", lambda q: q.contained_by("document", {"n": None, "m": 1}), [4]),
    _ids("contained_by of a range", lambda q: q.contained_by("slots", "[0,11)"), [1, 2]),
    _ids("overlaps", lambda q: q.overlaps("tags", ["a", "c,d"]), [1, 2]),
    _ids("ov of a range", lambda q: q.ov("slots", "[4,6)"), [1, 2]),
    _ids("ov", lambda q: q.ov("tags", ["a"]), [1]),
    _ids("cs", lambda q: q.cs("tags", ["a"]), [1]),
    _ids("cd", lambda q: q.cd("tags", ["a", "b"]), [1, 3]),
    _ids("not_ contains", lambda q: q.not_.contains("tags", ["b"]), [3]),
    _ids("a JSON path as text", lambda q: q.eq("document->>n", "2"), [2]),
    _ids("a deep JSON path", lambda q: q.eq("document->at->k->>1", "20"), [1]),
    _ids("an element of an array", lambda q: q.eq("tags->>0", "b"), [2]),
)
RANGES = (
    _ids("sl", lambda q: q.sl("slots", (5, 10)), [1]),
    _ids("sr", lambda q: q.sr("slots", (4, 10)), [3]),
    _ids("nxl", lambda q: q.nxl("slots", (4, 10)), [2, 3]),
    _ids("nxr", lambda q: q.nxr("slots", (4, 10)), [1, 2]),
    _ids("adj", lambda q: q.adj("slots", (9, 11)), [2]),
    _ids("range_gt", lambda q: q.range_gt("slots", (4, 10)), [3]),
    _ids("range_gte", lambda q: q.range_gte("slots", (4, 10)), [2, 3]),
    _ids("range_lt", lambda q: q.range_lt("slots", (4, 10)), [1]),
    _ids("range_lte", lambda q: q.range_lte("slots", (4, 10)), [1, 2]),
    _ids("range_adjacent", lambda q: q.range_adjacent("slots", (9, 11)), [2]),
)
CODES = ("+80005550001", "1.10", "0x10", "null", "9007199254740993", "007", "true", "1e3")
"""Texts that look like something else; a table has them in this order"""


def _eq(code: str) -> Callable[[Builder], Builder]:
    return lambda q: q.eq("code", code)


def _in(code: str) -> Callable[[Builder], Builder]:
    return lambda q: q.in_("code", [code])


TEXT_IS_TEXT = tuple(
    _ids(f"{name} of the text {code}", chosen(code), [number], table="codes")
    for number, code in enumerate(CODES, start=1)
    for name, chosen in (("eq", _eq), ("in_", _in))
)
FULL_TEXT = (
    _ids("fts", lambda q: q.fts("lexemes", "cat & sat"), [1], table="words"),
    _ids("fts on plain text", lambda q: q.fts("body", "rat"), [2, 3], table="words"),
    _ids("plfts", lambda q: q.plfts("lexemes", "fat rats"), [2], table="words"),
    _ids("phfts", lambda q: q.phfts("lexemes", "fat rats"), [2], table="words"),
    _ids("wfts", lambda q: q.wfts("lexemes", "cat -sat"), [3], table="words"),
    _ids("not_ wfts", lambda q: q.not_.wfts("lexemes", "cat"), [2], table="words"),
    _ids("text_search", lambda q: q.text_search("lexemes", "cat"), [1, 3], table="words"),
    _ids("text_search, plain", lambda q: q.text_search("lexemes", "a rat", {"type": "plain"}), [2, 3], table="words"),
    _ids("text_search, phrase", lambda q: q.text_search("lexemes", "fat rat", {"type": "phrase"}), [2], table="words"),
    _ids(
        "text_search, as on the web, with a configuration",
        lambda q: q.text_search("body", "cats or fat", {"type": "web_search", "config": "english"}),
        [1, 2, 3],
        table="words",
    ),
    _refused("a malformed text search", lambda q: q.fts("name", "a & & b"), "42601"),
)
CASES = (
    *COMPARISONS,
    *PATTERNS,
    *NULLS_AND_LISTS,
    *NEGATION_AND_TREES,
    *ARRAYS_AND_JSON,
    *RANGES,
    *TEXT_IS_TEXT,
    *FULL_TEXT,
)
