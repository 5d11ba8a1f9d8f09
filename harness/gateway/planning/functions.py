"""Which of the functions of a name a call means, by the names of its arguments."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import MediaType
from harness.gateway.cache.schema_cache import Function, Name, SchemaCache
from harness.gateway.cache.suggestions import LOOSE, nearest

_SINGLE_BODY_TYPES = {
    "application/json": ("json", "jsonb"),
    "text/plain": ("text",),
    "text/xml": ("xml",),
    "application/octet-stream": ("bytea",),
}
_NOT_JSON = frozenset(_SINGLE_BODY_TYPES) - {"application/json"}


def takes_whole_body(function: Function, media: MediaType) -> bool:
    """Whether the function has one unnamed argument, of the type that a body of this media type becomes."""
    if len(function.parameters) != 1 or function.parameters[0].name:
        return False
    return function.parameters[0].type in _SINGLE_BODY_TYPES.get(media.text, ())


def _takes(function: Function, arguments: frozenset[str], media: MediaType, *, has_body: bool) -> bool:
    names = {one.name for one in function.parameters}
    required = {one.name for one in function.parameters if one.required}
    if not names:
        return not arguments and not (has_body and media.text in _NOT_JSON)
    return required <= arguments <= names


def choose(cache: SchemaCache, name: Name, arguments: Collection[str], media: MediaType, *, has_body: bool) -> Function:
    """The function that a call means (https://docs.postgrest.org/en/v16/references/api/functions.html).

    :param has_body: whether the arguments come in a body (POST), which one unnamed argument may take as a whole.
    :raises RequestError: PGRST202 where no function fits, PGRST203 where several do.
    """
    given = frozenset(arguments)
    known = cache.functions.get(name, ())
    by_name = [one for one in known if _takes(one, given, media, has_body=has_body)]
    by_body = [one for one in known if one not in by_name and has_body and takes_whole_body(one, media)]
    found = by_name or by_body
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(found)
    raise _unknown(cache, name, sorted(given), media, has_body=has_body)


def _place(function: Function) -> tuple[int, list[tuple[str, str, bool, bool]]]:
    """Where a function stands among its overloads: the one with the fewest arguments first, then by their names."""
    arguments = [(one.name, one.declared_type, one.required, one.variadic) for one in function.parameters]
    return len(arguments), arguments


def _signature(function: Function) -> str:
    arguments = ", ".join(f"{one.name} => {one.declared_type}" for one in function.parameters)
    return f"{function.name.schema}.{function.name.name}({arguments})"


def _ambiguous(found: Sequence[Function]) -> RequestError:
    signatures = map(_signature, sorted(found, key=_place))
    return RequestError(
        300,
        "PGRST203",
        f"Could not choose the best candidate function between: {', '.join(signatures)}",
        hint=(
            "Try renaming the parameters or the function itself in the database so function overloading can be resolved"
        ),
    )


def _hint(cache: SchemaCache, name: Name, arguments: Sequence[str]) -> str | None:
    overloads = cache.functions.get(name, ())
    if overloads:
        signatures = [f"({', '.join(sorted(arg.name for arg in one.parameters))})" for one in overloads]
        close = nearest(f"({', '.join(arguments)})", signatures, likeness=LOOSE)
        meant = f"{name.name}{close}" if close else None
    else:
        meant = nearest(name.name, [one.name for one in cache.functions if one.schema == name.schema])
    return f"Perhaps you meant to call the function {name.schema}.{meant}" if meant else None


def _unknown(
    cache: SchemaCache, name: Name, arguments: Sequence[str], media: MediaType, *, has_body: bool
) -> RequestError:
    called = f"{name.schema}.{name.name}"
    single = has_body and media.text in _NOT_JSON
    if single:
        looked_for, said = f" with a single unnamed {_SINGLE_BODY_TYPES[media.text][0]} parameter", ""
    elif arguments:
        plural = "s" if len(arguments) > 1 else ""
        looked_for, said = f" with parameter{plural} {', '.join(arguments)}", f"({', '.join(arguments)})"
    else:
        looked_for = said = " without parameters"
    alternative = " or with a single unnamed json/jsonb parameter" if has_body and media.kind == "json" else ""
    return RequestError(
        404,
        "PGRST202",
        f"Could not find the function {called}{said} in the schema cache",
        details=(
            f"Searched for the function {called}{looked_for}{alternative},"
            " but no matches were found in the schema cache."
        ),
        hint=None if single else _hint(cache, name, arguments),
    )
