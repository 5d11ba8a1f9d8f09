"""Environment findings: properties of the two databases that answers depend on, beside all objects."""

from __future__ import annotations

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import ServerInfo
from harness.core.record import Severity

_UTC = frozenset(
    {"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "etc/zulu", "uct", "etc/uct", "universal", "etc/universal"}
)


def environment_findings(source: ServerInfo, target: ServerInfo) -> tuple[Finding, ...]:
    """ENV001 where encoding, collation, character classes or their provider differ, ENV002 where the time zone does."""
    found: list[Finding] = []
    differing = [
        Evidence(label=label, source=ours, target=theirs)
        for label, ours, theirs in (
            ("encoding", source.encoding, target.encoding),
            ("locale provider", source.locale_provider, target.locale_provider),
            ("collation", source.collate, target.collate),
            ("character classes", source.ctype, target.ctype),
        )
        if spelled(ours) != spelled(theirs)
    ]
    if differing:
        names = ", ".join(evidence.label for evidence in differing)
        found.append(
            Finding(
                code="ENV001",
                severity=Severity.RISK,
                stage="introspect",
                object=FoundObject(kind="database", identity="collation"),
                title=f"the databases differ in {names}: order, case and unique checks of texts may differ",
                evidence=tuple(differing),
                fix=Fix(text="Create the target database anew with the source's encoding and locale."),
                query="SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_catalog.pg_database"
                " WHERE datname = current_database();",
            )
        )
    if not same_zone(source.timezone, target.timezone):
        found.append(
            Finding(
                code="ENV002",
                severity=Severity.RISK,
                stage="introspect",
                object=FoundObject(kind="database", identity="TimeZone"),
                title=f"times without a zone are read in {source.timezone} on the source,"
                f" in {target.timezone} on the target",
                evidence=(Evidence(label="TimeZone", source=source.timezone, target=target.timezone),),
                fix=Fix(text="Set the time zone of the target database, or of every session of the application."),
                query="SELECT name, reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone';",
            )
        )
    return tuple(found)


def same_zone(one: str, other: str) -> bool:
    """Whether two TimeZone settings are one zone; UTC has many names."""
    return one.lower() == other.lower() or {one.lower(), other.lower()} <= _UTC


def spelled(value: str) -> str:
    """en_US.utf8 and en_US.UTF-8 are one locale: operating systems spell it either way."""
    return value.lower().replace("-", "")
