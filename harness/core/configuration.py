"""Configuration: what pgparity.toml may say, with a description of every key; reading it is harness.project's work."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from harness.core.backup_section import BackupSection
from harness.core.cutover.section import CutoverSection
from harness.core.ledger import WantedMode
from harness.core.mapping import Mapping
from harness.core.record import Severity
from harness.core.section import Section as Section
from harness.core.serve_section import ServeSection
from harness.core.watch_section import WatchSection

StageName = Literal["diff", "align", "contract", "migrate", "rows", "methods"]


class EndpointSection(Section):
    """One of the two databases."""

    dsn: str | None = Field(default=None, description="A DSN, service=NAME, or env:NAME")
    label: str | None = Field(default=None, description="What to call it in reports")


class ScopeSection(Section):
    """Which tables the run is about."""

    schemas: tuple[str, ...] = Field(default=("public",), description="Schemas that are compared")
    tables: tuple[str, ...] = Field(default=(), description="schema.table, …; none: all of the source's schemas")
    exclude: dict[str, str] = Field(
        default_factory=dict, description="schema.table to the reason it is left out: a decision, and reported as one"
    )


class SchemaSection(Section):
    """How the schemas are compared."""

    renames: dict[str, str] = Field(default_factory=dict, description="Identity on the source to the target's")
    ignore: dict[str, str] = Field(
        default_factory=dict, description="Pattern (kind:identity or identity, with *) to the reason it is ignored"
    )
    policy: str | None = Field(
        default=None, description="What a platform manages by itself and is left out: supabase, or a .toml file"
    )


class TableMigrateSection(Section):
    """How the rows of one table move: [migrate.tables.\"schema.table\"], by its identity on the source."""

    where: str = Field(min_length=1, description="SQL condition on the source's rows: only these move")


class MigrateSection(Section):
    """How rows are moved."""

    enabled: bool = Field(default=False, description="Let `run` move rows without --yes: consent to write")
    batch_rows: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Rows a chunk, one transaction each; not set: by migrate.batch_bytes",
    )
    batch_bytes: int = Field(
        default=16 * 2**20,
        ge=8192,
        le=2**40,
        description="About how many bytes of the source's pages a chunk has, one transaction each",
    )
    mode: WantedMode = Field(
        default="auto",
        description="copy: only into tables that are empty; upsert: by INSERT … ON CONFLICT into every table; auto: by "
        "what each table of the target holds",
    )
    throttle: int | None = Field(
        default=None, ge=1024, description="Bytes of rows a second that are sent on, over all sessions together"
    )
    tables: dict[str, TableMigrateSection] = Field(
        default_factory=dict, description="By identity of the source's table"
    )
    large_objects: Literal["auto", "all", "referred"] = Field(
        default="auto",
        description="all: every large object of the source moves; referred: those that columns of type oid, or of a "
        "domain over it, of the tables refer to; auto: all where no table was chosen, else referred",
    )
    leave_large_objects: str | None = Field(
        default=None, description="Why large objects stay behind; not set: they are moved"
    )


class Tolerance(Section):
    """How far two values of one column may lie apart without being a difference; any of the bounds suffices."""

    absolute: float = Field(default=0, ge=0, description="For numbers: |source - target| at most this")
    relative: float = Field(default=0, ge=0, description="For numbers: at most this share of the larger magnitude")
    seconds: float = Field(default=0, ge=0, description="For times, dates and intervals: at most so many seconds apart")


class TableRowsSection(Section):
    """How the rows of one table are compared: [rows.tables.\"schema.table\"], by its identity on the source."""

    key: tuple[str, ...] = Field(
        default=(), description="Columns of the target that rows are matched by: for views, and where no key says it"
    )
    columns: tuple[str, ...] = Field(
        default=(), description="Only these columns, by name on the target, besides the key; none: all"
    )
    where: str | None = Field(default=None, description="SQL condition on the rows of both sides")
    source_where: str | None = Field(default=None, description="SQL condition on the source's rows alone")
    target_where: str | None = Field(default=None, description="SQL condition on the target's rows alone")
    tolerances: dict[str, Tolerance] = Field(default_factory=dict, description="By column of the target")


class RowCheck(Section):
    """A SELECT that both sides answer: an invariant that must give no rows, or figures that must be alike."""

    name: str = Field(min_length=1, description="What it is called in findings")
    sql: str = Field(min_length=1, description="One SELECT, read only; it runs on both sides in their snapshots")
    target_sql: str | None = Field(default=None, description="The same for the target, where names differ there")
    expect: Literal["equal", "no rows"] = Field(
        default="equal", description="equal: both answers are alike; no rows: neither side has an answer"
    )
    tolerances: dict[str, Tolerance] = Field(default_factory=dict, description="By column of the answer")


class RowsSection(Section):
    """How rows are compared."""

    limit: int = Field(default=1000, ge=1, description="Differences listed a table; the counts are always of all")
    stop_after: int | None = Field(
        default=None, ge=1, description="Stop a table at so many differences: it is incomplete then (--limit)"
    )
    ignore_columns: dict[str, str] = Field(
        default_factory=dict, description="schema.table.column to the reason it is not compared"
    )
    tables: dict[str, TableRowsSection] = Field(
        default_factory=dict, description="By identity of the source's table or view"
    )
    checks: tuple[RowCheck, ...] = Field(default=(), description="SQL that both sides answer: [[rows.checks]]")
    sample: int | None = Field(
        default=None, ge=1, description="Compare about so many rows a table, drawn by the hash of their key"
    )
    max_read: int | None = Field(
        default=None, ge=1, description="Bytes of each side, of tables that are scanned and of what is sent, at most"
    )
    max_latency: float | None = Field(
        default=None, gt=0, description="Milliseconds that a side may take for SELECT 1 before reading slows down"
    )
    max_active: int | None = Field(
        default=None, ge=1, description="Active connections of a side above which reading slows down"
    )
    settle_seconds: float = Field(
        default=5, ge=0, description="How long differences of a side that is written are read again; 0: not at all"
    )
    state: str | None = Field(
        default=None, description="File that finished segments are kept in: an interrupted comparison goes on from it"
    )
    show_values: bool = Field(default=False, description="Show both values of differing cells, masked")


class ExpectedDifference(Section):
    """A difference between the two data layers that somebody has looked at and accepts until a date."""

    method: str = Field(default="*", description="The method's name, or a pattern with *")
    path: str = Field(default="*", description="Where in the answer or the rows left behind; [*] for any index, or *")
    code: str = Field(default="*", description="The finding's code it would be told under, as MET002, or *")
    reason: str = Field(min_length=1, description="Why it is accepted; the report shows it")
    expires: date = Field(description="The last day on which it is accepted, as 2027-01-31")


class MethodsSection(Section):
    """The data layers and their cases."""

    source_layer: str | None = Field(default=None, description="module:factory of the data layer on the source")
    target_layer: str | None = Field(default=None, description="module:factory of the data layer on the target")
    cases: str | tuple[str, ...] | None = Field(
        default=None,
        description="A .toml file of cases, a .jsonl file of recorded calls, or module:function; several: a list",
    )
    python_path: tuple[str, ...] = Field(default=(".",), description="Folders to import from, relative to the file")
    ignore_fields: tuple[str, ...] = Field(
        default=(),
        description="Field names of answers and columns that are not compared; moments of the call need none",
    )
    api_role: Literal["service_role", "anon"] = Field(
        default="service_role", description="Whose key the source layer gets for the gateway"
    )
    source_command: str | tuple[str, ...] = Field(
        default=(), description="Program that serves the source's data layer over JSON-RPC, in place of source_layer"
    )
    target_command: str | tuple[str, ...] = Field(default=(), description="The same for the target")
    call_timeout: float = Field(default=60.0, gt=0, description="Seconds that one call of a data layer may take")
    generate: int = Field(default=24, ge=0, le=1000, description="Cases that are generated for each method; 0: none")
    sequences: int = Field(
        default=20, ge=0, le=10_000, description="Sequences of calls that are generated for all methods; 0: none"
    )
    concurrency: int = Field(
        default=2,
        ge=0,
        le=16,
        description="Equal calls made at the same moment, of each method that writes; below 2: none",
    )
    min_coverage: float = Field(
        default=0.0, ge=0, le=100, description="Per cent of methods x kinds of case below which the run is incomplete"
    )
    max_slowdown: float = Field(
        default=2.0, ge=0, description="Times that a method may take longer on the target than on the source; 0: any"
    )
    slowdown_floor: float = Field(default=25.0, ge=0, description="Milliseconds of difference that are never a finding")
    expected: tuple[ExpectedDifference, ...] = Field(
        default=(), description="Differences that are accepted until a date: [[methods.expected]]"
    )
    source_rest_url: str | None = Field(
        default=None, description="URL of a real project; reads of the source layer go there"
    )
    source_api_key: str | None = Field(default=None, description="Its key, as env:NAME")
    allow_writes: bool = Field(
        default=False, description="Let write cases write marked test rows to the real project; they are removed after"
    )
    test_ids: tuple[int, int] = Field(default=(9_900_000, 9_999_999), description="Ids that mark a test row")
    clone_in_place: bool = Field(
        default=False, description="Make the target's clones on its own server by CREATE DATABASE … TEMPLATE"
    )
    show_values: bool = Field(default=False, description="Show values, masked, beside the types that differ")


class ContractSection(Section):
    """Statements that are checked against both catalogs."""

    statements: tuple[str, ...] = Field(
        default=(), description="Glob patterns of .sql, .py, .ts and .js files, relative to the file"
    )
    rehearse: bool = Field(default=True, description="Call every case on empty databases to learn the statements")


class PersonalSection(Section):
    """What must not be readable in a report."""

    columns: tuple[str, ...] = Field(default=(), description="schema.table.column that holds personal data")


class RunSection(Section):
    """The run as a whole."""

    title: str = Field(default="", description="Heading of the report")
    fail_on: Severity = Field(default=Severity.RISK, description="The least severity that is NO-GO")
    allow_drift: bool = Field(default=False, description="Drift is cosmetic instead of a risk")
    exclude_stages: dict[StageName, str] = Field(
        default_factory=dict, description="Stage to the reason it is left out: a decision, and reported as one"
    )
    align: Literal["plan", "recreate", "add-missing"] = Field(
        default="plan", description="plan: only show the plans; else apply that one (with --yes, hazards allowed)"
    )
    max_connections: int = Field(default=4, ge=1, le=64, description="Connections a side, at most")
    statement_timeout: int = Field(default=600, ge=1, description="Seconds that one statement on a side may take")


class Configuration(Section):
    """pgparity.toml, or [tool.pgparity] in pyproject.toml."""

    source: EndpointSection = EndpointSection()
    target: EndpointSection = EndpointSection()
    scope: ScopeSection = ScopeSection()
    schema_: SchemaSection = Field(default=SchemaSection(), alias="schema")
    mapping: Mapping = Field(default=Mapping(), description="By source table: how rows become rows of the target")
    migrate: MigrateSection = MigrateSection()
    rows: RowsSection = RowsSection()
    methods: MethodsSection = MethodsSection()
    contract: ContractSection = ContractSection()
    personal: PersonalSection = PersonalSection()
    run: RunSection = RunSection()
    watch: WatchSection = WatchSection()
    serve: ServeSection = ServeSection()
    cutover: CutoverSection = CutoverSection()
    backup: BackupSection = BackupSection()

    model_config = Section.model_config | {"populate_by_name": True}
