"""Which backups may go, what those that stay promise, and what a listing lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from harness.core.backup import BackedUpTable, BackupManifest, BackupVerification
from harness.core.backup_listing import lacking
from harness.core.backup_retention import expired, relied_on, status
from harness.core.document import ServerFacts
from harness.core.record import Side

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
VERIFIED = BackupVerification(listing=True)
FAILED = BackupVerification(listing=True, failed=("public.t: 2 rows were dumped and 1 are there",))


def backup(
    days: float,
    *,
    verified: BackupVerification = VERIFIED,
    database: str = "salon",
    system: str | None = "7",
    left_out: tuple[str, ...] = (),
    tables: tuple[str, ...] = ("public.t",),
) -> BackupManifest:
    server = ServerFacts(
        label="",
        address="127.0.0.1:5432",
        database=database,
        role="owner",
        version="18.1",
        system_identifier=system,
        encoding="UTF8",
        collation="C",
    )
    return BackupManifest(
        id=f"{database}{days}",
        pgparity="0",
        side=Side.TARGET,
        dump=f"{database}-{days}.dump",
        server=server,
        pg_dump_version="18.1",
        started_at=(NOW - timedelta(days=days)).isoformat(),
        snapshot="1:1:",
        seconds=1,
        bytes=1,
        sha256="",
        tables=tuple(BackedUpTable(table=each, rows=2) for each in tables),
        left_out=dict.fromkeys(left_out, "decided"),
        verified=verified,
    )


def gone(*backups: BackupManifest, unsound: frozenset[str] = frozenset(), keep_days: int = 7) -> list[str]:
    return [each.dump for each in expired(backups, unsound, NOW, keep_days)]


def test_older_ones_go_oldest_first() -> None:
    assert gone(backup(8), backup(0), backup(9), backup(6)) == ["salon-9.dump", "salon-8.dump"]


def test_one_that_is_exactly_as_old_as_is_kept_stays() -> None:
    assert gone(backup(0), backup(7)) == []


def test_the_last_verified_one_stays_however_old() -> None:
    assert gone(backup(40)) == []
    assert gone(backup(40), backup(30)) == ["salon-40.dump"]


def test_one_that_failed_its_rehearsal_is_not_what_is_kept_instead() -> None:
    assert gone(backup(0, verified=FAILED), backup(30), backup(40)) == ["salon-40.dump"]


def test_one_whose_file_is_not_what_it_was_is_not_what_is_kept_instead() -> None:
    assert gone(backup(0), backup(30), unsound=frozenset({"salon0"})) == []


def test_a_backup_that_failed_goes_when_it_is_old() -> None:
    assert gone(backup(0), backup(30, verified=FAILED)) == ["salon-30.dump"]


def test_the_last_verified_one_of_each_database_stays() -> None:
    assert gone(backup(40), backup(0, database="other"), backup(1, system="8")) == []


def test_one_that_leaves_out_more_is_not_what_is_kept_instead() -> None:
    assert gone(backup(0, left_out=("audit",)), backup(8)) == []
    assert gone(backup(0, left_out=("audit",)), backup(1, left_out=("vault",)), backup(8)) == []
    assert gone(backup(0, left_out=("audit",)), backup(8, left_out=("audit", "vault"))) == ["salon-8.dump"]
    assert gone(backup(0, left_out=("audit",)), backup(2), backup(8)) == ["salon-8.dump"]


def test_what_is_relied_on_is_the_newest_that_holds_as_much_as_what_goes() -> None:
    full, partly, old = backup(2), backup(0, left_out=("audit",)), backup(8)
    assert relied_on([partly, full, old], [old], frozenset(), NOW) == (full,)
    assert relied_on([partly, full, old], [old], frozenset({full.id}), NOW) == ()


def test_a_backup_that_everything_was_left_out_of_is_no_verified_one() -> None:
    emptied = backup(0, left_out=("public",), tables=())
    assert not emptied.restorable
    found = status([(emptied, None)], [], NOW)
    assert (found.safe, found.backups[0].verified) == (False, False)
    assert found.backups[0].problem == "every table was left out of it"
    assert backup(0, tables=()).restorable, "a database without a table is backed up whole"


def test_what_the_newest_leaves_out_is_as_old_as_the_newest_that_has_it() -> None:
    found = status([(backup(0, left_out=("audit", "vault")), None), (backup(3, left_out=("vault",)), None)], [], NOW)
    (one,) = found.recovery
    assert (one.recovery_point_seconds, one.left_out) == (3 * 86_400, ("vault",))
    assert found.backups[0].left_out == {"audit": "decided", "vault": "decided"}


def test_the_recovery_point_is_the_age_of_the_newest_verified_one() -> None:
    found = status(
        [(backup(2), None), (backup(1, verified=FAILED), None), (backup(0), "the dump is not there")], [], NOW
    )
    assert [each.file for each in found.backups] == ["salon-0.dump", "salon-1.dump", "salon-2.dump"]
    assert [each.verified for each in found.backups] == [False, False, True]
    assert [each.recovery_point_seconds for each in found.recovery] == [2 * 86_400]
    assert found.safe


def test_the_recovery_time_is_that_of_the_newest_that_was_restored() -> None:
    one, other = (BackupVerification(listing=True, rehearsed=True, restore_seconds=each) for each in (5.0, 9.0))
    found = status([(backup(3, verified=one), None), (backup(2, verified=other), None), (backup(1), None)], [], NOW)
    assert [each.recovery_time_seconds for each in found.recovery] == [9.0]


def test_a_database_with_no_verified_backup_is_not_safe() -> None:
    found = status([(backup(1), None), (backup(1, database="other", verified=FAILED), None)], [], NOW)
    assert [(each.database, each.recovery_point_seconds is None) for each in found.recovery] == [
        ("salon", False),
        ("other", True),
    ]
    assert not found.safe
    assert not status([], [], NOW).safe


LISTING = """;
; Archive created at 2026-03-31 12:00:00 UTC
;
215; 1259 16385 TABLE public t owner
3361; 0 16385 TABLE DATA public t owner
3362; 0 16390 TABLE DATA Odd "one t 1 owner
3370; 2613 16400 BLOB METADATA - 16400 owner
3371; 0 0 BLOBS - BLOBS
""".splitlines()


def test_a_listing_with_every_table_lacks_nothing() -> None:
    assert lacking(LISTING, {16385: "public.t", 16390: '"Odd ""one"."t 1"'}, large_objects=True) == ()


def test_a_table_whose_definition_alone_is_listed_is_lacking() -> None:
    entries = [each for each in LISTING if not each.startswith("3361")]
    assert lacking(entries, {16385: "public.t"}, large_objects=False) == ("public.t",)


def test_a_table_of_the_same_name_and_another_number_is_not_taken_for_it() -> None:
    assert lacking(LISTING, {16386: "public.t"}, large_objects=False) == ("public.t",)


def test_large_objects_without_their_data_are_lacking() -> None:
    entries = [each for each in LISTING if "BLOB" not in each]
    assert lacking(entries, {}, large_objects=True) == ("large objects",)
