"""`pgparity sessions`: the chat-session store of the reference application, its health and the keys that are over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from harness.cli.app import app
from harness.cli.console import put, put_text
from harness.cli.options import Config, Target, Verbose, Yes
from harness.core.chat_sessions import KeysOfType, SessionsCleanUp, SessionsReport
from harness.core.health.documents import SessionsHealth
from harness.core.record import Side
from harness.datalayer.envelope import Envelope
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.errors import ConfigurationError, ConnectionFailed, DataLayerFailed, PgparityError, PrivilegeMissing
from harness.postgres.connect import session
from harness.project import endpoint, load_project
from harness.reference.session_store import SessionStore
from harness.render.chat_sessions import print_clean_up, print_health

sessions = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look after the chat sessions of the reference application."
)
app.add_typer(sessions, name="sessions")

_NO_SUCH_TABLE: Final = "42P01"
_WORST_LAST: Final[tuple[Literal["ok", "warning", "critical"], ...]] = ("ok", "warning", "critical")


class SessionsFormat(StrEnum):
    """Formats of what is told of sessions."""

    TEXT = "text"
    JSON = "json"


CompanyId = Annotated[
    int | None, typer.Option("--company-id", metavar="N", help="Only this company; default: every one with a session.")
]
Chosen = Annotated[SessionsFormat, typer.Option("--format", help="text to read, json for programs.")]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="File instead of stdout.")]


@sessions.command()
def health(
    company_id: CompanyId = None,
    target: Target = None,
    config: Config = None,
    chosen: Chosen = SessionsFormat.TEXT,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Tell how each company's chat session is: expired keys, last update, auth state.

    Exit codes: 0 ok or warning; 1 critical; 2 the store could not be asked; 3 no company has a session.

    Example: pgparity sessions health --target env:NEW_DB --company-id 962302
    """
    with _store(config, target) as store:
        wanted = [company_id] if company_id is not None else _data(store.companies())
        found = tuple(SessionsHealth.model_validate(_data(store.health(each))) for each in wanted)
    told = [each.status for each in found]
    worst = max((each for each in _WORST_LAST if each in told), key=_WORST_LAST.index, default=None)
    report = SessionsReport(status=worst, companies=found)
    if chosen is SessionsFormat.JSON:
        put(report.to_json(indent=2), output)
    else:
        put_text(lambda console, _terminal: print_health(report, console), output)
    if worst is None:
        return 3
    return 1 if worst == "critical" else 0


@sessions.command()
def cleanup(
    company_id: CompanyId = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would go, also beside --yes. The default without it.")
    ] = False,
    yes: Yes = False,
    target: Target = None,
    config: Config = None,
    chosen: Chosen = SessionsFormat.TEXT,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Delete the expired keys of chat sessions, 500 at a time; without --yes they are only counted.

    Example: pgparity sessions cleanup --target env:NEW_DB --company-id 962302 --yes
    """
    only_counted = dry_run or not yes
    with _store(config, target) as store:
        started = time.perf_counter()
        found = _data(store.clean_up(company_id, dry_run=only_counted))
        seconds = time.perf_counter() - started
    done = SessionsCleanUp(
        dry_run=only_counted,
        company_id=company_id,
        before={kind: KeysOfType.model_validate(counts) for kind, counts in found["before"].items()},
        after={kind: KeysOfType.model_validate(counts) for kind, counts in found["after"].items()},
        deleted=found["deleted"],
        deleted_in_all=found["deleted_in_all"],
        seconds=round(seconds, 6),
    )
    if chosen is SessionsFormat.JSON:
        put(done.to_json(indent=2), output)
    else:
        put_text(lambda console, _terminal: print_clean_up(done, console), output)
    return 0


@contextlib.contextmanager
def _store(config: Path | None, target: str | None) -> Iterator[SessionStore]:
    """The store in the target database."""
    point = endpoint(load_project(config), Side.TARGET, target)
    # The pool says less of why a server cannot be reached.
    with session(point, purpose="sessions"):
        pass
    # One connection is all that is wanted: that it is in use is no news.
    settings = PoolSettings(max_size=1, min_idle=1, warn_above=1.0)
    with contextlib.closing(PooledDatabase(point.dsn, settings=settings)) as database:
        yield SessionStore(database)


def _data(answer: Envelope) -> Any:
    """What the store answered. PgparityError: why it did not."""
    body = answer["error"]
    if body is None:
        return answer["data"]
    if body["code"] == _NO_SUCH_TABLE:
        raise ConfigurationError(
            "the target database has no chat-session store: there is no whatsapp_auth or whatsapp_keys",
            hint="Give the database of the reference application's own tables.",
        )
    kinds: dict[str, type[PgparityError]] = {
        "invalid_input": ConfigurationError,
        "connection": ConnectionFailed,
        "permission": PrivilegeMissing,
    }
    raise kinds.get(body["kind"], DataLayerFailed)(
        f"the chat-session store does not answer: {body['message'].rstrip('.')} ({body['code']})",
        hint="Check --company-id, and the role's rights on whatsapp_auth and whatsapp_keys.",
    )
