"""Calls of functions: named arguments from the body or from fields, or the whole body as the one argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg.sql import SQL, Composable

from harness.core.postgrest.model import Payload
from harness.gateway.cache.schema_cache import Function, Parameter
from harness.gateway.execution.bodies import Untyped
from harness.gateway.queries.fragments import Parameters, commas, identifier
from harness.gateway.queries.write_query import BODY, BodyColumn, from_body


def _callee(function: Function, arguments: Composable) -> Composable:
    call = SQL("{}({})").format(identifier(function.name.schema, function.name.name), arguments)
    if function.returns_scalar or function.returns_set_of_scalars:
        return SQL("(SELECT {} pgrst_scalar) pgrst_call").format(call)
    return SQL("{} pgrst_call").format(call)


def _named(parameter: Parameter, value: Composable) -> Composable:
    variadic = SQL("VARIADIC ") if parameter.variadic else SQL("")
    return SQL("{}{} := {}").format(variadic, identifier(parameter.name), value)


def _whole_body(parameter: Parameter, payload: Payload, parameters: Parameters) -> Composable:
    if parameter.type == "bytea":
        return parameters.add(bytes(payload.raw))
    return SQL("{}::{}").format(parameters.add(Untyped(payload.raw)), SQL(parameter.type))


def _from_body(function: Function, payload: Payload, parameters: Parameters) -> Composable:
    given = [one for one in function.parameters if one.name in payload.columns]
    if len(function.parameters) == 1 and not function.parameters[0].name:
        return SQL("FROM {}").format(_callee(function, _whole_body(function.parameters[0], payload, parameters)))
    if not given:
        return SQL("FROM {}").format(_callee(function, SQL("")))
    columns = [BodyColumn(one.name, one.type) for one in given]
    source = from_body(payload, columns, parameters, one_row=True)
    arguments = commas([_named(one, identifier(*BODY, one.name)) for one in given])
    return SQL("{}, LATERAL {}").format(source, _callee(function, arguments))


def _from_fields(function: Function, pairs: Sequence[tuple[str, str]], parameters: Parameters) -> Composable:
    values: Mapping[str, str] = dict(pairs)
    arguments: list[Composable] = []
    for one in function.parameters:
        if one.name not in values:
            continue
        # a variadic argument is every value that is given for it, others are the last one
        several = [value for key, value in pairs if key == one.name]
        value = parameters.add(several if one.variadic else values[one.name])
        arguments.append(_named(one, SQL("{}::{}").format(value, SQL(one.type))))
    return SQL("FROM {}").format(_callee(function, commas(arguments)))


def call(
    function: Function,
    payload: Payload | None,
    pairs: Sequence[tuple[str, str]],
    columns: Sequence[str],
    parameters: Parameters,
) -> Composable:
    """SELECT from a call.

    :param payload: the body of a POST; None for GET and for forms, whose arguments are `pairs`.
    :param columns: what is wanted of the returned rows; none or `*` is everything.
    """
    if function.returns_scalar or function.returns_set_of_scalars:
        wanted: Composable = SQL("pgrst_call.pgrst_scalar")
    elif not columns or "*" in columns:
        wanted = SQL("pgrst_call.*")
    else:
        wanted = commas([identifier("pgrst_call", name) for name in columns])
    source = _from_fields(function, pairs, parameters) if payload is None else _from_body(function, payload, parameters)
    return SQL("SELECT {} {}").format(wanted, source)
