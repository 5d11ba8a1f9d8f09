"""Routines and extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import CatalogObject, measured
from harness.core.model.types import Enum as Enum
from harness.core.names import qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine(CatalogObject):
    """A function or a procedure; overloads are told apart by their argument types."""

    kind: ClassVar[str] = "routine"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments")
    schema: str
    name: str
    arguments: str
    """Types of the input arguments, without their names: text, integer"""
    type: str = "function"
    """function, procedure or window"""
    parameters: str = ""
    """With names, modes and defaults, as pg_get_function_arguments gives them"""
    returns: str | None = None
    language: str = ""
    body: str = ""
    """prosrc, or the deparsed body of a function in standard SQL"""
    definition: str = measured("")
    """The whole statement as pg_get_functiondef deparses it: for DDL; its facts are compared one by one"""
    volatility: str = "volatile"
    parallel: str = "unsafe"
    strict: bool = False
    leakproof: bool = False
    security_definer: bool = False
    cost: float = 0
    rows: float = 0
    settings: tuple[str, ...] = ()
    """name=value of its SET clauses"""
    support: str | None = None
    """Identity of its planner support function"""
    transform: tuple[str, ...] = ()
    """Types of TRANSFORM FOR TYPE, in order"""
    comment: str | None = None
    owner: str = ""
    argument_names: tuple[str, ...] = measured(())
    """Of all parameters, the empty text for one without a name; nothing where none has a name"""
    argument_modes: tuple[str, ...] = measured(())
    """i, o, b, v or t of all parameters; nothing where all are IN"""
    argument_types: tuple[str, ...] = measured(())
    """Of all parameters, where not all are IN"""
    defaults: int = measured(0)
    """How many parameters have a default"""

    @property
    def identity(self) -> str:
        """schema.name(argument types)."""
        return f"{qualified(self.schema, self.name)}({self.arguments})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(CatalogObject):
    """An aggregate function: normal, ordered-set or hypothetical-set; its attributes are CREATE AGGREGATE's words."""

    kind: ClassVar[str] = "aggregate"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments")
    schema: str
    name: str
    arguments: str
    """Types of all arguments, the direct ones first: text, integer"""
    parameters: str = ""
    """With modes, names and ORDER BY, as pg_get_function_identity_arguments gives them; empty: every row (*)"""
    direct_arguments: int | None = None
    """How many stand before ORDER BY; None: it is neither an ordered-set nor a hypothetical-set aggregate"""
    hypothetical: bool = False
    sfunc: str = ""
    """Functions are told by identity, without their arguments, which follow from the types"""
    stype: str = ""
    sspace: int = 0
    finalfunc: str | None = None
    finalfunc_extra: bool = False
    finalfunc_modify: str = "read_only"
    """read_only, shareable or read_write; None where there is no such function"""
    combinefunc: str | None = None
    serialfunc: str | None = None
    deserialfunc: str | None = None
    initcond: str | None = None
    msfunc: str | None = None
    minvfunc: str | None = None
    mstype: str | None = None
    msspace: int = 0
    mfinalfunc: str | None = None
    mfinalfunc_extra: bool = False
    mfinalfunc_modify: str = "read_only"
    minitcond: str | None = None
    sortop: str | None = None
    """schema.operator"""
    parallel: str = "unsafe"
    comment: str | None = None
    owner: str = ""
    returns: str = measured("")
    """It follows from the functions; CREATE OR REPLACE keeps it"""

    @property
    def identity(self) -> str:
        """schema.name(argument types)."""
        return f"{qualified(self.schema, self.name)}({self.arguments})"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger(CatalogObject):
    """An event trigger; it belongs to the database."""

    kind: ClassVar[str] = "event trigger"
    name: str
    event: str = ""
    """ddl_command_start, ddl_command_end, sql_drop, table_rewrite or login"""
    tags: tuple[str, ...] = ()
    """Of WHEN TAG IN, sorted; nothing: all commands"""
    written_tags: tuple[str, ...] = measured(())
    """As they were written, for DDL"""
    function: str = ""
    """Identity without the empty list of arguments"""
    enabled: str = "origin"
    """origin, replica, always or disabled"""
    comment: str | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(CatalogObject):
    """An installed extension."""

    kind: ClassVar[str] = "extension"
    name: str
    version: str = ""
    default_version: str = measured("")
    """What this server installs when no version is asked for"""
    schema: str = ""
    comment: str | None = None
    relocatable: bool = measured(False)
    """ALTER EXTENSION … SET SCHEMA takes it"""
    default_comment: str | None = measured(None)
    """What this server's control file says of it"""

    def attributes(self) -> dict[str, Any]:
        """The compared attributes; a comment from the control file is the same on every server, whatever it says."""
        told = CatalogObject.attributes(self)
        if self.comment is not None and self.comment == self.default_comment:
            told["comment"] = "as its control file says"
        return told
