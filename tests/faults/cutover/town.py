"""Two servers with the reference application, as it is on the morning of its cutover; trials are copies of them."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import psycopg
from psycopg import conninfo, sql

from harness.embedded.stack import API_ROLES, AUTHENTICATOR, OWNER
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, Keys, new_keys
from harness.reference.data_set import data_set
from harness.reference.seed import seed, seed_target_only
from tests.faults.migrate.mortal_server import MortalServer, mortal_server
from tests.faults.migrate.proxy import Proxy
from tests.faults.migrate.trial import ROOT
from tests.server_versions import MAJOR, NEWER_MAJOR

Which = Literal["source", "target"]
BOTH: Final[tuple[Which, ...]] = ("source", "target")
APPLICATION: Final = "salon_app"
"""The role of the application on the target"""
STATEMENT_TIMEOUT: Final = "3s"
"""Of the application on the source, as a Supabase project has one; nothing that nobody waits for is written later"""
DATABASES: Final[dict[Which, str]] = {"source": "salon_source", "target": "salon_target"}
TABLES: Final = ("companies", "clients", "services", "staff", "staff_schedules", "bookings", "dialog_contexts")


@dataclass
class Town:
    """The servers, a proxy before each that keeps its port, and the databases that every trial begins with."""

    servers: dict[Which, MortalServer]
    proxies: dict[Which, Proxy]
    passwords: dict[str, str] = field(repr=False)
    keys: Keys = field(repr=False)
    folder: Path = field(repr=False)
    run: Path = field(default=Path(), repr=False)
    """The run that said GO"""

    def dsn(self, which: Which, role: str = OWNER) -> str:
        """Of a role, straight to the server."""
        if role == "postgres":
            return self.servers[which].server.dsn(DATABASES[which])
        return self.servers[which].server.dsn(DATABASES[which], user=role, password=self.passwords[role])

    def through(self, which: Which) -> str:
        """What commands are given: the owner's, through the proxy."""
        host, port = conninfo.conninfo_to_dict(self.proxies[which].through)["host"], self.port(which)
        return conninfo.make_conninfo(self.dsn(which), host=str(host), port=port, sslmode="disable")

    def port(self, which: Which) -> str:
        return str(conninfo.conninfo_to_dict(self.proxies[which].through)["port"])

    def admin(self, which: Which, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.servers[which].server.dsn(database), autocommit=True)

    @functools.cached_property
    def environment(self) -> dict[str, str]:
        """What a command of a trial is run with."""
        return {"SALON_SOURCE": self.through("source"), "SALON_TARGET": self.through("target"), "PYTHONPATH": str(ROOT)}

    def copied(self) -> None:
        """Both databases as they were when the run said GO."""
        for which in BOTH:
            name, template = (sql.Identifier(DATABASES[which] + suffix) for suffix in ("", "_morning"))
            with self.admin(which) as admin:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
                admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(name, template, owner()))

    @contextlib.contextmanager
    def gateway(self) -> Iterator[GatewayServer]:
        """The REST gateway of the source."""
        settings = GatewaySettings(
            db_uri=self.dsn("source", AUTHENTICATOR),
            jwt_secret=self.keys.jwt_secret,
            anon_key=self.keys.anon_key,
            service_role_key=self.keys.service_role_key,
            safe_update=True,
            db_pool=8,
        )
        with GatewayServer.start(settings) as gateway:
            yield gateway


def owner() -> sql.Identifier:
    return sql.Identifier(OWNER)


@contextlib.contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Servers, roles, schemas, rows; the rows moved, and a run that compared them and said GO."""
    with contextlib.ExitStack() as stack:
        servers: dict[Which, MortalServer] = {
            "source": stack.enter_context(mortal_server(MAJOR)),
            "target": stack.enter_context(mortal_server(NEWER_MAJOR)),
        }
        proxies = {which: Proxy(servers[which].server.dsn()) for which in BOTH}
        for each in proxies.values():
            stack.callback(each.close)
        passwords = {role: secrets.token_urlsafe(18) for role in (OWNER, AUTHENTICATOR, APPLICATION, "intruder")}
        made = Town(servers, proxies, passwords, new_keys(), folder)
        _furnish(made)
        yield made


def _furnish(town: Town) -> None:
    for which in BOTH:
        with town.admin(which) as admin:
            for role in (OWNER, *((AUTHENTICATOR,) if which == "source" else (APPLICATION,))):
                create = sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}")
                admin.execute(create.format(sql.Identifier(role), sql.Literal(town.passwords[role])))
            for role in API_ROLES if which == "source" else ():
                bypass = sql.SQL("BYPASSRLS" if role == "service_role" else "NOBYPASSRLS")
                admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN {}").format(sql.Identifier(role), bypass))
                admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(AUTHENTICATOR)))
                timeout = sql.SQL("ALTER ROLE {} SET statement_timeout = {}")
                admin.execute(timeout.format(sql.Identifier(role), sql.Literal(STATEMENT_TIMEOUT)))
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            admin.execute(create.format(sql.Identifier(DATABASES[which]), owner()))
        with town.admin(which, DATABASES[which]) as admin:
            admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner()))
        with psycopg.connect(town.dsn(which)) as connection:
            name = "source" if which == "source" else "aligned"
            connection.execute((ROOT / f"schemas/reference/{name}.sql").read_text(encoding="utf-8").encode())
            if which == "source":
                seed(connection, data_set())
            else:
                seed_target_only(connection)
                _grant(connection)
    town.run = said_go(town)
    for which in BOTH:
        with town.admin(which) as admin:
            names = (sql.Identifier(DATABASES[which]), sql.Identifier(DATABASES[which] + "_morning"))
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def _grant(connection: psycopg.Connection[Any]) -> None:
    """The rights of the application on the target: some by table, some by column, one with the right to pass it on."""
    role = sql.Identifier(APPLICATION)
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "REVOKE UPDATE ON companies FROM {}",
        "GRANT UPDATE (title, updated_at) ON companies TO {}",
        "GRANT INSERT ON services TO {} WITH GRANT OPTION",
    ):
        connection.execute(sql.SQL(statement).format(role))


def said_go(town: Town) -> Path:
    """`pgparity run --yes`: the rows are moved and compared; its run.json."""
    reports = town.folder / "morning"
    config = town.folder / "morning.toml"
    config.write_text(configuration(run="", methods=False), encoding="utf-8")
    command = [sys.executable, "-m", "harness", "run", "--config", str(config), "--yes", "--no-progress", "--source"]
    command += ["env:SALON_SOURCE", "--target", "env:SALON_TARGET", "--report-dir", str(reports)]
    done = subprocess.run(
        command, env=os.environ | town.environment, cwd=town.folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return reports / "run.json"


def configuration(run: str, *, methods: bool, **cutover: object) -> str:
    """pgparity.toml of the reference application; without its methods where a trial is not about them."""
    text = (ROOT / "schemas" / "reference" / "pgparity.toml").read_text(encoding="utf-8")
    if not methods:
        head, _, tail = text.partition("[methods]\n")
        text = head + tail[tail.index("[personal]") :]
        reason = "this trial is about the rows; others call them"
        text += "\n[run.exclude_stages]\n" + "".join(f'{each} = "{reason}"\n' for each in ("methods", "contract"))
    reason = "a role of the target, whose rights its own team looks after"
    text += f'\n[schema.ignore]\n"privilege:*{APPLICATION}*" = "{reason}"\n'
    if not run:
        return text
    keep = f'keep_roles = {{ {OWNER} = "owns the tables, and nobody works with it today" }}\n'
    settings = {
        "source_roles": list(API_ROLES),
        "target_roles": [APPLICATION],
        "run": run,
        "no_backup": "a rehearsal",
        "max_final_seconds": 60.0,
        "switches_file": "switches.env",
        **({} if methods else {"no_smoke": "this trial is about the rows"}),
        **cutover,
    }
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value is not None)
    return text + "\n[cutover]\n" + keep + "".join(lines)
