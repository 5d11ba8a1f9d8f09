"""Placeholders of drivers (%s, %(name)s, :name, ?) and of texts ({}) as the parameters $1, $2, … of PostgreSQL."""

from __future__ import annotations

import itertools

from harness.core.sql.text import TextError, Token, tokens

_OPERANDS = frozenset({"word", "name", "number", "string", "parameter"})
_BEFORE_VALUES = frozenset({"LIKE", "ILIKE", "BETWEEN", "LIMIT", "OFFSET", "THEN", "ELSE"})
_BEFORE_PARAMETERS = _BEFORE_VALUES | frozenset(
    {"AND", "OR", "NOT", "IN", "VALUES", "WHERE", "WHEN", "ANY", "ALL", "SELECT", "RETURNING", "BY", "ON", "IS", "CASE"}
)


def numbered(text: str, *, percent: bool = False) -> str:
    """The statement with numbered parameters; the same text where it has none, or does not end.

    Braces that a text is put into stay where it may be a name or a clause: no such statement can be judged.

    Names that stand twice are one parameter. A question mark counts only where no operand stands before it: behind one
    it is an operator of jsonb. A colon behind a bracket's number is a slice of an array.

    :param percent: the text is one of Python's, in which a doubled percent sign stands for one.
    """
    try:
        found = list(tokens(text))
    except TextError:
        return text
    known = max((int(token.text[1:]) for token in found if token.kind == "parameter"), default=0)
    by_name: dict[str, int] = {}
    parts: list[str] = []
    at = position = 0
    while at < len(found):
        token = found[at]
        width, name = _placeholder(found, at)
        if width:
            number = by_name.get(name) if name else None
            if number is None:
                known = number = known + 1
                if name:
                    by_name[name] = number
            parts += [text[position : token.start], f"${number}"]
            position = found[at + width - 1].end
            if position < len(text) and (text[position].isalnum() or text[position] == "$"):
                parts.append(" ")
        at += width or 1
    parts.append(text[position:])
    shown = "".join(parts)
    return shown.replace("%%", "%") if percent else shown


def _placeholder(found: list[Token], at: int) -> tuple[int, str]:
    """How many tokens the placeholder has that begins here, and its name; 0 where none does."""
    texts = [token.text for token in found[at : at + 4]]
    first = found[at]
    if texts[0] == "%" and _joined(found, at, 2) and texts[1:2] in (["s"], ["b"], ["t"]):
        return 2, ""
    if texts[:2] == ["%", "("] and len(texts) == 4 and texts[3].startswith(")") and found[at + 2].kind == "word":
        letter = found[at + 4].text if at + 4 < len(found) else ""
        return (5, texts[2]) if letter in ("s", "b", "t") else (0, "")
    if texts[0] == ":" and _joined(found, at, 2) and found[at + 1].kind in ("word", "string", "name"):
        return (0, "") if at and found[at - 1].kind in ("number", "word") and _in_brackets(found, at) else (2, texts[1])
    if texts[0] == "?" and not (at and (found[at - 1].kind in _OPERANDS and not _key_word(found[at - 1]))):
        behind = found[at - 1].text if at else ""
        return (0, "") if behind in (")", "]", "?") or texts[1:2] in (["|"], ["&"]) else (1, "")
    if first.text == "{" and _is_value(found, at):
        end = next((place for place in range(at + 1, len(found)) if found[place].text == "}"), None)
        return (0, "") if end is None else (end - at + 1, "".join(token.text for token in found[at + 1 : end]))
    return 0, ""


def _is_value(found: list[Token], at: int) -> bool:
    """Whether a value can stand here, and no name and no clause: what is put into a text may be any of them."""
    before = found[at - 1] if at else None
    if before is None:
        return False
    if before.upper in _BEFORE_VALUES:
        return True
    if before.text not in ("(", ","):
        return before.kind == "sign" and before.text not in (")", "]", "}", ".", "::", '"', ";")
    opening = _opening(found, at)
    if opening is None:
        return False
    behind = found[opening - 1] if opening else None
    if behind is None or behind.upper == "CONFLICT":
        return False
    names_columns = opening >= 2 and any(token.upper == "INTO" for token in found[max(0, opening - 4) : opening - 1])
    return not (names_columns and behind.identifier is not None and behind.upper != "VALUES")


def _opening(found: list[Token], at: int) -> int | None:
    """Where the parenthesis opens that encloses a place."""
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(found[place].text, 0)
        if depth < 0:
            return place
    return None


def _joined(found: list[Token], at: int, number: int) -> bool:
    """Whether so many tokens stand without a blank between them."""
    part = found[at : at + number]
    return len(part) == number and all(left.end == right.start for left, right in itertools.pairwise(part))


def _in_brackets(found: list[Token], at: int) -> bool:
    depth = 0
    for token in reversed(found[:at]):
        depth += {"]": 1, "[": -1}.get(token.text, 0)
        if depth < 0:
            return True
    return False


def _key_word(token: Token) -> bool:
    return token.upper in _BEFORE_PARAMETERS
