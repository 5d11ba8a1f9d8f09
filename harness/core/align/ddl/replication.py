"""DDL of publications and subscriptions; a subscription is made and dropped without a word to the publisher."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.replication import Publication, Subscription
from harness.core.names import literal, quote

_CONTENT = frozenset({"tables", "columns", "row_filter", "schemas"})
_NEWER = (
    "binary", "streaming", "two_phase", "disable_on_error", "password_required", "run_as_owner", "origin", "failover",
)  # fmt: skip
"""Options of subscriptions that came behind PostgreSQL 13"""
_DEFAULTS = {"binary": "false", "two_phase": "false", "disable_on_error": "false", "password_required": "true",
             "run_as_owner": "false", "origin": "any", "failover": "false"}  # fmt: skip


def _named(each: Publication) -> str:
    return f"PUBLICATION {quote(each.name)}"


def _create(each: Publication, _: Catalog) -> Made:
    content = " FOR ALL TABLES" if each.all_tables else ""
    if not each.all_tables and (each.tables or each.schemas):
        content = f" FOR {_content(each)}"
    options = [f"publish = {literal(', '.join(each.publish))}"]
    if each.publish_via_partition_root:
        options.append("publish_via_partition_root = true")
    if each.publish_generated_columns != "none":
        options.append(f"publish_generated_columns = {each.publish_generated_columns}")
    return [Statement(sql=f"CREATE {_named(each)}{content} WITH ({', '.join(options)});")]


def _content(each: Publication) -> str:
    """The tables and schemas, as FOR and SET take them; ONLY, since what a table has below it is named itself."""
    tables: list[str] = []
    for table in each.tables:
        columns = next((told for told in each.columns if told.startswith(f"{table} (")), None)
        row_filter = next((told for told in each.row_filter if told.startswith(f"{table} WHERE ")), None)
        words = [f"ONLY {columns or table}"]
        if row_filter is not None:
            words.append(row_filter.removeprefix(f"{table} "))
        tables.append(" ".join(words))
    parts = [f"TABLE {', '.join(tables)}"] if tables else []
    if each.schemas:
        parts.append(f"TABLES IN SCHEMA {', '.join(quote(schema) for schema in each.schemas)}")
    return ", ".join(parts)


def _alter(now: Publication, wanted: Publication, attributes: frozenset[str], _: Sides) -> Made | None:
    """ALL TABLES is for life; all else is set anew."""
    if "all_tables" in attributes:
        return None
    made: Made = []
    if attributes & _CONTENT:
        if wanted.tables or wanted.schemas:
            made.append(Statement(sql=f"ALTER {_named(now)} SET {_content(wanted)};"))
        else:
            made += _emptied(now)
    options = [
        f"{name} = {literal(', '.join(value)) if isinstance(value, tuple) else str(value).lower()}"
        for name in ("publish", "publish_via_partition_root", "publish_generated_columns")
        if name in attributes and (value := getattr(wanted, name)) is not None
    ]
    if options:
        made.append(Statement(sql=f"ALTER {_named(now)} SET ({', '.join(options)});"))
    return made


def _emptied(now: Publication) -> Made:
    parts = [f"TABLE {', '.join(now.tables)}"] if now.tables else []
    if now.schemas:
        parts.append(f"TABLES IN SCHEMA {', '.join(quote(schema) for schema in now.schemas)}")
    return [Statement(sql=f"ALTER {_named(now)} DROP {', '.join(parts)};")]


def _subscription_named(each: Subscription) -> str:
    return f"SUBSCRIPTION {quote(each.name)}"


def _create_subscription(each: Subscription, _: Catalog) -> Made:
    """Not connected: its slot is for whoever cuts over to make."""
    options = ["connect = false", f"slot_name = {_slot(each)}"]
    if each.synchronous_commit not in (None, "off"):
        options.append(f"synchronous_commit = {literal(each.synchronous_commit)}")
    options += [f"{name} = {value}" for name in _NEWER
                if (value := getattr(each, name)) not in (None, _DEFAULTS.get(name))]  # fmt: skip
    sql = f"CREATE {_subscription_named(each)} CONNECTION {literal(_connection(each))}"
    sql += f" PUBLICATION {_publications(each)} WITH ({', '.join(options)});"
    made = [Statement(sql=sql)]
    if each.enabled and each.slot_name is not None:
        made.append(Statement(sql=f"ALTER {_subscription_named(each)} ENABLE;"))
    return made


def _connection(each: Subscription) -> str:
    return each.connection or ""


def _slot(each: Subscription) -> str:
    return "NONE" if each.slot_name is None else literal(each.slot_name)


def _publications(each: Subscription) -> str:
    return ", ".join(quote(name) for name in each.publication)


def _alter_subscription(now: Subscription, wanted: Subscription, attributes: frozenset[str], _: Sides) -> Made | None:
    """What the publisher's slot has to follow would ask the publisher: the subscription is made again instead."""
    if attributes & {"two_phase", "failover"}:
        return None
    head = f"ALTER {_subscription_named(now)}"
    made: Made = []
    if now.enabled and attributes & {"enabled", "slot_name"}:
        made.append(Statement(sql=f"{head} DISABLE;"))
    if "connection" in attributes:
        made.append(Statement(sql=f"{head} CONNECTION {literal(_connection(wanted))};"))
    if "publication" in attributes:
        made.append(Statement(sql=f"{head} SET PUBLICATION {_publications(wanted)} WITH (refresh = false);"))
    options = [f"slot_name = {_slot(wanted)}"] if "slot_name" in attributes else []
    options += [
        f"{name} = {literal(value) if name == 'synchronous_commit' else value}"
        for name in ("synchronous_commit", *_NEWER)
        if name in attributes and (value := getattr(wanted, name)) is not None
    ]
    if options:
        made.append(Statement(sql=f"{head} SET ({', '.join(options)});"))
    if wanted.enabled and wanted.slot_name is not None and attributes & {"enabled", "slot_name"}:
        made.append(Statement(sql=f"{head} ENABLE;"))
    return made


def _drop_subscription(each: Subscription, _: Catalog) -> Made:
    """Without its slot, which stays on the publisher until it is dropped there."""
    named = _subscription_named(each)
    made = [Statement(sql=f"ALTER {named} DISABLE;")] if each.enabled else []
    if each.slot_name is not None:
        made.append(Statement(sql=f"ALTER {named} SET (slot_name = NONE);"))
    return [*made, Statement(sql=f"DROP {named};")]


DDL: dict[str, Ddl] = {
    Publication.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), alter=_alter),
    Subscription.kind: Ddl(
        named=_subscription_named, create=_create_subscription, drop=_drop_subscription, alter=_alter_subscription
    ),
}
