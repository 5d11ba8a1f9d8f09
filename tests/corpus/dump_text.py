"""Cuts the text that pg_dump prints into facts: one a statement, and one a line of a table, so that sets compare."""

from __future__ import annotations

import re
from collections.abc import Iterator

DATABASE = "the_database"
"""Stands for the name of the dumped database, which differs between two databases that are otherwise equal"""

_HEADER = re.compile(
    r"^--\n-- (?:Data for )?Name: (?P<name>.*?); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>.*?); Owner: .*\n--\n",
    re.MULTILINE,
)
_STATE = re.compile(r"^SET (default_tablespace|default_table_access_method) = (.*);$")
_AUTHORIZATION = ("SET SESSION AUTHORIZATION ", "RESET SESSION AUTHORIZATION")
_OPENING = ("--", "SET ", "\\", "SELECT pg_catalog.set_config(")
_OPTIONS = re.compile(r" WITH \((\w+=[^()]*)\)")
_DOLLAR = re.compile(r"\$[A-Za-z_0-9]*\$")

_BY_STATEMENT = frozenset({"TABLE", "FOREIGN TABLE", "ACL", "DEFAULT ACL", "DATABASE", "DATABASE PROPERTIES", "TYPE"})
"""Entries whose statements are facts of their own: pg_dump writes them in an order that means nothing"""
_STORED = {
    "TABLE": ("default_tablespace", "default_table_access_method"),
    "MATERIALIZED VIEW": ("default_tablespace", "default_table_access_method"),
    "INDEX": ("default_tablespace",),
    "CONSTRAINT": ("default_tablespace",),
}
"""Entries whose tablespace and access method stand in a SET before them, which holds until the next one"""


def facts(dump: str, database: str) -> frozenset[str]:
    """What a plain dump of this database says, in an order that does not matter."""
    found: set[str] = set()
    state = {"default_tablespace": "''", "default_table_access_method": "heap"}
    opening, *entries = _entries(dump)
    _settings(opening[2], state)
    for kind, label, text in entries:
        body, following = _without_trailing_settings(text)
        if kind.startswith("DATABASE"):
            label, body = DATABASE, _renamed(body, database)
        elif label.startswith("DATABASE "):
            label, body = _renamed(label, database), _renamed(body, database)
        found |= {f"{kind} {label}: {fact}" for fact in _of_entry(kind, body)}
        if body and "PARTITION BY" not in body:
            found |= {f"{kind} {label}: {name} = {state[name]}" for name in _STORED.get(kind, ())}
        _settings(following, state)
    return frozenset(found)


def _entries(dump: str) -> Iterator[tuple[str, str, str]]:
    """Type, name with schema, and text of each entry; first what stands before all of them."""
    headers = list(_HEADER.finditer(dump))
    yield "", "", dump[: headers[0].start()] if headers else dump
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        label = header["name"] if header["schema"] == "-" else f"{header['schema']}.{header['name']}"
        yield header["type"], label, dump[header.end() : following.start() if following else len(dump)]


def _without_trailing_settings(text: str) -> tuple[str, str]:
    """An entry's own text, and the settings behind it that speak of the next one."""
    lines = text.rstrip().split("\n")
    own = len(lines)
    while own and (not lines[own - 1].strip() or lines[own - 1].startswith(_OPENING)):
        own -= 1
    return "\n".join(lines[:own]).strip("\n"), "\n".join(lines[own:])


def _settings(text: str, state: dict[str, str]) -> None:
    for line in text.split("\n"):
        if setting := _STATE.match(line):
            state[setting[1]] = setting[2]


def _renamed(text: str, database: str) -> str:
    quoted = '"' + database.replace('"', '""') + '"'
    return re.sub(rf"\bDATABASE (?:{re.escape(quoted)}|{re.escape(database)})(?=[\s;]|$)", f"DATABASE {DATABASE}", text)


def _of_entry(kind: str, text: str) -> Iterator[str]:
    if kind not in _BY_STATEMENT or (kind == "TYPE" and " AS (" not in text):
        if text:
            said = "\n".join(line for line in text.split("\n") if not line.startswith(_AUTHORIZATION))
            yield _OPTIONS.sub(_sorted_options, said, count=1) if kind in ("INDEX", "CONSTRAINT") else said
        return
    for statement in cut(text, ";"):
        if statement.startswith(_AUTHORIZATION):
            continue
        opening, bracket, rest = statement.partition("(\n")
        if not statement.startswith("CREATE") or not bracket:
            yield statement
            continue
        elements, tail = _until_closed(rest)
        yield f"{opening.strip()} … {tail}".rstrip()
        for element in cut(elements, ","):
            yield f"{opening.strip()} ({element})"


def _sorted_options(found: re.Match[str]) -> str:
    """Storage parameters stand in the order in which they were given, which means nothing."""
    return f" WITH ({', '.join(sorted(found[1].split(', ')))})"


def cut(text: str, mark: str) -> list[str]:
    """The text in parts, at marks that stand outside of brackets, of quotes and of dollar quotes."""
    parts: list[str] = []
    begun = 0
    for place, character, depth in _outside_of_quotes(text):
        if character == mark and depth == 0:
            parts.append(text[begun:place].strip())
            begun = place + 1
    parts.append(text[begun:].strip())
    return [part for part in parts if part]


def _until_closed(text: str) -> tuple[str, str]:
    """What stands before the bracket that closes one which stands before the text, and what behind it."""
    for place, character, depth in _outside_of_quotes(text):
        if character == ")" and depth < 0:
            return text[:place], text[place + 1 :].strip()
    return text, ""


def _outside_of_quotes(text: str) -> Iterator[tuple[int, str, int]]:
    """Place and character of what is no quoted text, with the depth of brackets behind it."""
    place = depth = 0
    while place < len(text):
        character = text[place]
        if character in "'\"":
            place = _end_of_quoted(text, place, character)
        elif character == "$" and (dollar := _DOLLAR.match(text, place)):
            end = text.find(dollar[0], dollar.end())
            place = len(text) if end < 0 else end + len(dollar[0])
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
            yield place, character, depth
            place += 1


def _end_of_quoted(text: str, place: int, quote: str) -> int:
    """pg_dump doubles a quote inside of quotes, in E'' too."""
    end = text.find(quote, place + 1)
    while end >= 0 and text[end + 1 : end + 2] == quote:
        end = text.find(quote, end + 2)
    return len(text) if end < 0 else end + 1
