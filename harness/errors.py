"""The exception tree: everything that pgparity raises for a person to read.

PgparityError                 exit code 2: the command could not run
├── ConfigurationError        pgparity.toml, an environment variable or a flag is wrong
├── ConnectionFailed          a server cannot be reached, or refuses
├── PrivilegeMissing          the role may not do what the stage needs
├── SameDatabase              source and target are one database
├── TableMissing              a table that was asked for exists on neither side
├── PlanRefused               a plan is stale, has a hazard without consent, or failed its pre-check
├── MigrationFailed           rows could not be moved; the ledger says how far it came
├── BackupFailed              a database could not be dumped, or a dump read back or restored
├── DataLayerFailed           a data layer cannot be imported, built or called
├── CaseError                 a case file is wrong
├── LocalStackError           an embedded server or the gateway did not start
│   └── CloneFailed           a database cannot be copied to the local stack
├── DocumentError             a run document, catalog or plan cannot be read
└── CutoverFailed             a cutover cannot begin, go on or go back

Every error has a `code` (stable, see docs/errors.md), a one-line `message` and a `hint`: what to do.
Messages never hold a password or a row's value: DSNs are scrubbed where connections are made.
"""

from __future__ import annotations

from typing import ClassVar


class PgparityError(Exception):
    """The command could not do what it was asked; `code`, `message` and `hint` say what, and what to do."""

    code: ClassVar[str] = "E000"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(PgparityError):
    """The configuration file, an environment variable or a flag is wrong."""

    code = "E100"


class ConnectionFailed(PgparityError):
    """A server cannot be reached, or refuses the role, the password or the database."""

    code = "E200"


class PrivilegeMissing(PgparityError):
    """The role may not do what the stage needs."""

    code = "E210"


class SameDatabase(PgparityError):
    """Source and target are one database: a comparison would compare it with itself."""

    code = "E220"


class TableMissing(PgparityError):
    """A table that was asked for exists on neither side."""

    code = "E230"


class PlanRefused(PgparityError):
    """A plan is stale, has a hazard that nobody allowed, or failed a check on the data."""

    code = "E300"


class MigrationFailed(PgparityError):
    """Rows could not be moved; what was moved is in the ledger and a rerun goes on from there."""

    code = "E400"


class BackupFailed(PgparityError):
    """A database could not be dumped, or a dump could not be read back or restored."""

    code = "E450"


class DataLayerFailed(PgparityError):
    """A data layer cannot be imported, built or called."""

    code = "E500"


class CaseError(PgparityError):
    """A case file cannot be read, or names a method or an argument that does not exist."""

    code = "E510"


class LocalStackError(PgparityError):
    """An embedded server or the gateway did not start."""

    code = "E600"


class CloneFailed(LocalStackError):
    """A database cannot be copied to the local stack, or a clone of it cannot be made."""

    code = "E610"


class DocumentError(PgparityError):
    """A run document, catalog or plan cannot be read, or is of a version this pgparity does not know."""

    code = "E700"


class CutoverFailed(PgparityError):
    """A cutover cannot begin, go on or go back: what stands in its way is said, and nothing was changed for it."""

    code = "E800"
