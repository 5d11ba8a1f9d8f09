"""Preflight of the fence: may it be put up, who could write past it, and what it is not around."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.cutover.fence_facts import Writers
from harness.core.cutover.record import CutoverCheck
from harness.core.projection import project
from harness.core.record import Side
from harness.errors import PgparityError
from harness.postgres.connect import session, snapshot
from harness.postgres.fence import fence_record, may_fence, writers_besides
from harness.stages.cutover import hook_fence
from harness.stages.cutover.hooks import executable
from harness.stages.cutover.request import CutoverRequest, Situation, decided, failed, judged, ok
from harness.stages.large_objects_chosen import chosen_objects

_AFTERWARDS = "after the opening nothing keeps it from writing to the source"


def fences(situation: Situation) -> Iterator[CutoverCheck]:
    """Both fences, and who can write all the same."""
    request, section = situation.request, situation.request.section
    for side, endpoint in ((Side.SOURCE, request.source), (Side.TARGET, request.target)):
        if side is Side.SOURCE and section.fence == "hook":
            yield from called("fence hook", section.fence_command, request, needed="cutover.fence_command")
            yield from called("unfence hook", section.unfence_command, request, needed="cutover.unfence_command")
            yield hook_fence.expected(request)
            if section.no_fence_check is None and section.source_roles:
                roles, tables = section.source_roles, situation.tables(side)
                yield from writers_past(situation, side, writers_besides(endpoint, roles=roles, tables=tables))
            continue
        roles, tables = situation.roles(side), situation.tables(side)
        if not roles:
            yield failed(
                f"roles of the {side}",
                "no role of the application is named",
                f"Set cutover.{side}_roles to the roles that the application writes as.",
            )
            continue
        try:
            standing = fence_record(endpoint)
            if standing is not None and standing.cutover != situation.cutover:
                yield failed(
                    f"fence of the {side}",
                    f"the cutover {standing.cutover} has fenced it since {standing.at}",
                    "`pgparity cutover rollback` takes it away.",
                )
                continue
            lacking = may_fence(endpoint, tables=tables, roles=roles)
            yield judged(
                f"right to fence the {side}", not lacking, "; ".join(lacking) or "the role may revoke and give back"
            )
            yield from writers_past(situation, side, writers_besides(endpoint, roles=roles, tables=tables))
        except PgparityError as error:
            yield failed(f"fence of the {side}", error.message, error.hint)


def called(name: str, command: tuple[str, ...], request: CutoverRequest, needed: str = "") -> Iterator[CutoverCheck]:
    """Whether a program can be called; `needed`: the key that has to name one."""
    if command:
        problem = executable(command, request.base)
        yield judged(name, not problem, problem or f"{command[0]} can be executed")
    elif needed:
        yield failed(name, f"{needed} is not set", "Set it in [cutover].")


def large_objects(situation: Situation) -> Iterator[CutoverCheck]:
    """Large objects that move: no right on a table is asked where they are written, and no lock holds them."""
    request, name = situation.request, "large objects"
    mapping = request.configuration.mapping
    source, target = situation.catalogs
    projections = [
        project(table, mapping, source, target)
        for table in situation.known.tables
        if table in source.table_by_identity and mapping.target_of(table) in target.table_by_identity
    ]
    with session(request.source, purpose="cutover") as connection, snapshot(connection):
        chosen = chosen_objects((connection, request.source), projections, request.configuration)
    if chosen.left is not None or not chosen.oids:
        return
    reason = request.section.large_objects
    told = f"{len(chosen.oids):,} of the source move, and no fence keeps anybody from writing to them"
    if reason is not None:
        yield decided(name, f"{reason} ({told}; they are compared last of all, right before the switch)")
    else:
        hint = "See that nobody does, and set cutover.large_objects to the reason why; or migrate.leave_large_objects."
        yield failed(name, told, hint)


def writers_past(situation: Situation, side: Side, found: Writers) -> Iterator[CutoverCheck]:
    """Anybody who is neither fenced nor named can write past the fence, pgparity's own role as well."""
    kept = situation.request.section.keep_roles
    name = f"other writers on the {side}"
    if side is Side.TARGET and found.own in situation.roles(side):
        yield failed(
            "role of pgparity on the target",
            f"{found.own} is to be fenced, and pgparity itself writes as it",
            "Give the application a role of its own there, or pgparity another one.",
        )
    others = [each for each in found.roles if each.role not in kept]
    superusers = [each for each in found.superusers if each not in kept]
    if others:
        shown = "; ".join(
            f"{each} (pgparity's own role: does anybody else log in as it?)" if each.role == found.own else str(each)
            for each in others[:5]
        )
        yield failed(
            name,
            f"these can write past the fence: {shown}" + (f" and {len(others) - 5} more" if len(others) > 5 else ""),
            f"Add them to cutover.{side}_roles, or to [cutover.keep_roles] with the reason.",
        )
    elif superusers:
        # No privilege binds them, and no list can be complete: the lock holds them off while it is held.
        yield ok(
            name, f"superusers, whom only the lock holds off, and only while the command lives: {', '.join(superusers)}"
        )
    else:
        yield ok(name, "nobody but the named roles")
    for each in sorted(kept):
        if each in {writer.role for writer in found.roles} | set(found.superusers):
            yield decided(f"{each} on the {side}", kept[each])
    if found.subscriptions:
        yield failed(
            f"subscriptions of the {side}",
            f"rows arrive by {', '.join(found.subscriptions)}, which no fence of roles stops",
            "Disable them for the cutover.",
        )
    yield from _functions(situation, side, found)


def _functions(situation: Situation, side: Side, found: Writers) -> Iterator[CutoverCheck]:
    """What fenced roles call writes as its owner: it waits while the lock is held, and commits once that is let go."""
    kept = situation.request.section.keep_functions
    named = {told.rpartition(", runs as ")[0]: told for told in found.functions}
    others = [told for function, told in named.items() if function not in kept]
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        yield failed(
            f"definers' functions of the {side}",
            f"fenced roles can write past the fence by {'; '.join(others[:5])}{more}",
            "REVOKE EXECUTE for the cutover, or name those that write to no table in scope under "
            "[cutover.keep_functions], with the reason.",
        )
    for function in sorted(named.keys() & kept.keys()):
        what = f" ({_AFTERWARDS})" if side is Side.SOURCE else ""
        yield decided(f"function {function} on the {side}", kept[function] + what)
