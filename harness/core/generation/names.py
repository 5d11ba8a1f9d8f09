"""Names of methods and parameters: their words, one of several, and what a name alone says of its meaning."""

from __future__ import annotations

import functools
import re


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


LIMITS = word_set(
    """
    amount_of_rows count first how_many k last lim limit max_count max_results max_rows maximum n num
    number_of_rows page_size per_page size take top
    """
)
OFFSETS = word_set(
    """
    from_row off offset skip start_at start_index
    """
)
PAGES = word_set(
    """
    page page_index page_no page_number
    """
)
LOWER = word_set(
    """
    after begin begins date_from earliest from from_date gte low lower min since start starting
    """
)
UPPER = word_set(
    """
    before date_to end ending ends high latest lte max till to to_date until up_to upper
    """
)
RECORDS = word_set(
    """
    attributes attrs body change changes columns data details doc document entry fields input item new obj patch
    payload properties props record row update values values_by_name
    """
)
RECORD_LISTS = word_set(
    """
    batch docs entries inputs items lines objects payloads records rows values_list
    """
)
FILTERS = word_set(
    """
    conditions criteria filter filters match options opts params query where
    """
)
SEARCHES = word_set(
    """
    fragment like name_part needle part pattern prefix q query s search substring term text
    """
)
HIDING = word_set(
    """
    active archived cancelled deleted disabled enabled hidden inactive removed visible void
    """
)
"""Words of columns that a row is hidden by"""


@functools.cache
def words(name: str) -> tuple[str, ...]:
    """The words of snake_case or camelCase, in lower case."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(word for word in parted.lower().split("_") if word)


@functools.cache
def singular(name: str) -> str:
    """One of several: clients -> client, companies -> company, statuses -> status, ids -> id."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "shes", "ches", "xes", "uses")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return name


def is_plural(name: str) -> bool:
    """Whether the last word means several."""
    last = words(name)[-1:] or ("",)
    return singular(last[0]) != last[0]


def is_limit(name: str) -> bool:
    """limit, max_rows, page_size."""
    return _plain(name) in LIMITS or words(name)[-1:] == ("limit",) or words(name)[:1] == ("limit",)


def is_offset(name: str) -> bool:
    """offset, skip."""
    return _plain(name) in OFFSETS or words(name)[-1:] == ("offset",)


def is_page(name: str) -> bool:
    """page, page_number."""
    return _plain(name) in PAGES


def bound_of(name: str) -> str:
    """'lower' or 'upper' where the name says an end of a range, else ''."""
    plain = _plain(name)
    parts = {plain, *words(name)}
    ends = {words(name)[0], words(name)[-1]} if words(name) else set()
    if plain in LOWER or ends & LOWER:
        return "lower"
    if plain in UPPER or (parts & ends & UPPER):
        return "upper"
    return ""


def _plain(name: str) -> str:
    return "_".join(words(name))
