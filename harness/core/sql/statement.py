"""Which names of a database one SQL statement uses: statement kinds, and what stands around their queries."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from harness.core.names import qualified
from harness.core.sql.found import Names, Unresolved
from harness.core.sql.queries import QueryReader
from harness.core.sql.sources import Scope
from harness.core.sql.text import TextError, Token, ready_to_parse, tokens, with_one_row
from harness.core.sql.tree import is_system
from harness.core.usage import FunctionUse, NotUnderstood, RelationRole, RelationUse, Usage


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SESSION = _words(
    """
    ABORT ANALYZE BEGIN CHECKPOINT CLOSE COMMIT DEALLOCATE DISCARD END FETCH LISTEN LOAD MOVE NOTIFY RELEASE RESET
    ROLLBACK SAVEPOINT SET SHOW START UNLISTEN VACUUM
    """
)
"""Statements about the session, a transaction or a cursor: they name nothing of the schema, or read none of it."""

_PARSED = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "("})
_NO_CALL = _words(
    """
    ALL AND ANY ARRAY AS BETWEEN BY CASE CAST CHECK CONFLICT CUBE DISTINCT ELSE EXCEPT EXISTS FILTER FROM GROUP
    HAVING IN INTERSECT INTERVAL INTO IS JOIN KEY LATERAL LIMIT LIKE ILIKE MATERIALIZED NOT OF OFFSET ON OPERATOR
    OR ORDER OVER PARTITION RETURNING ROLLUP ROW SELECT SET SETS SIMILAR SOME TABLE THEN TO UNION USING VALUES
    WHEN WHERE WITH WITHIN
    """
)
"""Words before a parenthesis that call nothing."""


def usage_of_sql(text: str, *, schema: str = "public") -> Usage | NotUnderstood:
    """The names that one statement uses.

    :param text: parameters stand as $1, $2 (or %s, %(name)s, :name).
    :param schema: where an unqualified table lives.
    """
    try:
        found = list(tokens(text))
        while found and found[-1].text == ";":
            found.pop()
        if any(token.kind == "sign" and token.text in "{}" for token in found):
            return NotUnderstood(reason="a part of it is put together while the program runs")
        return _usage(found, schema) if found else Usage()
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        place = f" at line {first['line']}, column {first['col']}" if "line" in first and "col" in first else ""
        return NotUnderstood(reason=f"it cannot be parsed{place}")
    except (TokenError, TextError, SqlglotError):
        return NotUnderstood(reason="it cannot be split into tokens: a string, a name or a comment does not end")
    except Unresolved as unresolved:
        return NotUnderstood(reason=str(unresolved))
    except RecursionError:
        return NotUnderstood(reason="it is nested too deeply")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # sqlglot also reads what PostgreSQL refuses, and then leaves out parts of the tree that are always there.
        return NotUnderstood(reason="it is no SQL that PostgreSQL would take, or of a form that is not known here")


def _usage(found: list[Token], schema: str) -> Usage:
    first = found[0].upper or found[0].text
    words = [token.upper for token in found]
    match first:
        case "EXPLAIN":
            start = next((at for at, word in enumerate(words) if word in _PARSED), None)
            return _usage(found[start:], schema) if start else _refused(first)
        case "DECLARE" if "FOR" in words:
            return _usage(found[words.index("FOR") + 1 :], schema)
        case "PREPARE" if "AS" in words:
            return _usage(found[words.index("AS") + 1 :], schema)
        case "CALL":
            return Usage(functions=_calls(found[1:], set()))
        case "COPY":
            return _copy(found, schema)
        case "LOCK":
            return _relations(_until(found[1:], "IN", "NOWAIT"), schema, "read")
        case "TRUNCATE":
            return _relations(_until(found[1:], "RESTART", "CONTINUE", "CASCADE", "RESTRICT"), schema, "write")
        case "TABLE":
            return _parsed([_word("SELECT"), Token("sign", "*", -1), _word("FROM"), *found[1:]], schema)
        case "CREATE" if words[1:2] in (["TEMP"], ["TEMPORARY"]) and words[2:3] == ["TABLE"]:
            return _temporary_table(found, schema)
        case _ if first in _PARSED:
            return _parsed(found, schema)
        case _ if first in _SESSION:
            return Usage()
    return _refused(first)


def _refused(first: str) -> Usage:
    raise Unresolved(f"{first if first.isalpha() else 'this'} is no statement that reads or writes rows")


def _word(text: str) -> Token:
    return Token("word", text, -len(text) - 1)


def _until(found: list[Token], *words: str) -> list[Token]:
    end = next((at for at, token in enumerate(found) if token.upper in words), len(found))
    return found[:end]


def _relations(found: list[Token], schema: str, role: RelationRole) -> Usage:
    """[TABLE] [ONLY] name [*], …"""
    uses: dict[RelationUse, None] = {}
    name: list[str] = []
    for token in [*(each for each in found if each.upper not in ("TABLE", "ONLY")), Token("sign", ",", -1)]:
        if token.text == ",":
            if not 1 <= len(name) <= 2:
                raise Unresolved("its list of tables is not one")
            if not is_system(name[0] if len(name) == 2 else None, name[-1]):
                uses[RelationUse(relation=qualified(*([schema] if len(name) == 1 else []), *name), role=role)] = None
            name = []
        elif token.identifier is not None:
            name.append(token.identifier)
        elif token.text not in (".", "*"):
            raise Unresolved("its list of tables is not one")
    return Usage(relations=tuple(uses))


def _top_level(found: list[Token], *words: str) -> int | None:
    """Where one of the words stands outside of all parentheses."""
    depth = 0
    for at, token in enumerate(found):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.upper in words:
            return at
    return None


def _copy(found: list[Token], schema: str) -> Usage:
    """COPY table (columns) FROM|TO … or COPY (query) TO …; its options name nothing."""
    end = _top_level(found, "FROM", "TO")
    if end is None:
        return _refused("COPY")
    if found[1].text == "(":
        return _parsed(found[2 : end - 1], schema)
    parts = found[1:end]
    if found[end].upper == "FROM":
        return _parsed([_word("INSERT"), _word("INTO"), *parts, _word("DEFAULT"), _word("VALUES")], schema)
    opening = next((at for at, token in enumerate(parts) if token.text == "("), len(parts))
    columns = parts[opening + 1 : -1] or [Token("sign", "*", 0)]
    return _parsed([_word("SELECT"), *columns, _word("FROM"), *parts[:opening]], schema)


def _temporary_table(found: list[Token], schema: str) -> Usage:
    rest = found[3:]
    if [token.upper for token in rest[:3]] == ["IF", "NOT", "EXISTS"]:
        rest = rest[3:]
    name = rest[0].identifier if rest else None
    if name is None:
        return _refused("CREATE")
    query = _top_level(rest, "AS")
    if query is None:
        return Usage(creates=(name,))
    body = rest[query + 1 :]
    if [token.upper for token in body[-1:]] == ["DATA"]:
        body = body[: max(at for at, token in enumerate(body) if token.upper == "WITH")]
    used = _parsed(body, schema)
    return Usage(
        relations=used.relations,
        columns=used.columns,
        conflicts=used.conflicts,
        functions=used.functions,
        creates=(name,),
    )


def _calls(found: list[Token], relations: set[str]) -> tuple[FunctionUse, ...]:
    """What is called: a name before a parenthesis that is no key word and no relation of the statement.

    They are taken from the text, because sqlglot's tree has other names for functions that it knows.
    """
    calls: dict[FunctionUse, None] = {}
    for at, token in enumerate(found[:-1]):
        name = token.identifier
        if name is None or found[at + 1].text != "(" or token.upper in _NO_CALL or name in relations:
            continue
        qualifier = found[at - 2].identifier if at >= 2 and found[at - 1].text == "." else None
        if qualifier is None and found[at - 1].upper in ("INTO", "AS") and at:
            continue
        calls[FunctionUse(name=name, schema=qualifier)] = None
    return tuple(call for call in calls if call.schema != "pg_catalog")


def _parsed(found: list[Token], schema: str) -> Usage:
    trees = sqlglot.parse(ready_to_parse(with_one_row(found)), dialect="postgres")
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise Unresolved("it holds several statements")
    names = Names(schema)
    QueryReader(names).rows(trees[0], Scope())
    return Usage(
        relations=tuple(names.relations),
        columns=tuple(names.columns),
        conflicts=tuple(names.conflicts),
        functions=_calls(found, names.not_functions),
        creates=tuple(names.creates),
    )
