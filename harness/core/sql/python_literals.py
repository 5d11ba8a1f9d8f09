"""The string literals of a Python program, joined where the program joins them; docstrings are none."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from harness.core.sql.embedded import ProgramError, ProgramText

_HOLE = "{}"


def python_literals(text: str) -> Iterator[ProgramText]:
    """Every text of the program, as far as it is known; a name that is given one text once is taken for it.

    f-strings, `+` and `%` are followed. ProgramError where it is no Python of this version.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise ProgramError(f"it is no Python that can be parsed{f' (line {line})' if line else ''}") from None
    known = _constants(tree)
    docstrings = {id(node) for node in _docstrings(tree)}
    yield from _found(tree, known, docstrings)


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts that stand as statements of their own: nothing is done with them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _constants(tree: ast.AST) -> Mapping[str, str]:
    """Names that are assigned one text, once in the whole program."""
    assigned: dict[str, list[str | None]] = {}
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.NamedExpr)):
            targets = [node.target]
        value = getattr(node, "value", None)
        text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
        for target in targets:
            if isinstance(target, ast.Name) and not isinstance(node, (ast.AugAssign, ast.For)):
                assigned.setdefault(target.id, []).append(text)
            else:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        assigned.setdefault(name.id, []).append(None)
        if isinstance(node, ast.arg):
            assigned.setdefault(node.arg, []).append(None)
    return {name: texts[0] for name, texts in assigned.items() if len(texts) == 1 and texts[0] is not None}


def _found(node: ast.AST, known: Mapping[str, str], docstrings: set[int]) -> Iterator[ProgramText]:
    if isinstance(node, ast.expr) and id(node) not in docstrings:
        text = _text(node, known)
        if text is not None:
            yield ProgramText(line=node.lineno, text=text)
            return
    for inner in ast.iter_child_nodes(node):
        yield from _found(inner, known, docstrings)


def _text(node: ast.expr, known: Mapping[str, str]) -> str | None:
    """The text that an expression comes to; None where it is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(part, known) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, known), _text(node.right, known)
        if left is None and right is None:
            return None
        return (_HOLE if left is None else left) + (_HOLE if right is None else right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _text(node.left, known)
    return None


def _part(part: ast.expr, known: Mapping[str, str]) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    return known.get(name, _HOLE)
