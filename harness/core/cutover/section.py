"""[cutover] of pgparity.toml: who is fenced, how the application is switched, what has to hold before."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.section import Section


class CutoverSection(Section):
    """Who is fenced, how the application is switched, what has to hold before."""

    source_roles: tuple[str, ...] = Field(
        default=(), description="Roles that the application writes to the source as: their writes are revoked"
    )
    target_roles: tuple[str, ...] = Field(
        default=(), description="Roles that the application will write to the target as: they wait until it is opened"
    )
    keep_roles: dict[str, str] = Field(
        default_factory=dict,
        description="Role that may go on being able to write, on either side, to the reason: a decision, and reported",
    )
    keep_functions: dict[str, str] = Field(
        default_factory=dict,
        description="SECURITY DEFINER function, as schema.name(types), that may go on being able to write, on either "
        "side, to the reason: a decision, and reported",
    )
    large_objects: str | None = Field(
        default=None,
        description="Why nobody writes to large objects during the cutover, which no fence is around: a decision, and "
        "reported",
    )
    fence: Literal["revoke", "hook"] = Field(
        default="revoke", description="revoke: privileges are taken in the databases; hook: fence_command does it"
    )
    fence_command: tuple[str, ...] = Field(
        default=(), description="With fence = hook: program and arguments that stop writes to the source"
    )
    unfence_command: tuple[str, ...] = Field(
        default=(), description="With fence = hook: program and arguments that let them go on"
    )
    no_fence_check: str | None = Field(
        default=None,
        description="With fence = hook: why nobody asks if source_roles can still write: a decision, and reported",
    )
    run: str | None = Field(
        default=None,
        description="Run document whose verdict has to be GO; not set: the newest of this pair under reports/runs",
    )
    max_age_hours: float = Field(default=24, gt=0, description="Age of that run, and of the backup, at most")
    backup: str | None = Field(default=None, description="Folder with a backup of the source, by `pgparity backup`")
    no_backup: str | None = Field(default=None, description="Why no backup is asked for: a decision, and reported")
    backup_rehearsed: bool = Field(default=False, description="Ask for a backup that was restored and compared")
    min_free_bytes: int = Field(
        default=256 * 2**20, ge=0, description="Disk that has to be free here, and at the target where it can be seen"
    )
    warm_up_passes: int = Field(
        default=5, ge=0, description="Catch-ups while the source is live, at most, before the one under the fence"
    )
    max_final_seconds: float = Field(
        default=5.0, gt=0, description="Seconds that the last of them may take: a longer one stops the cutover"
    )
    drain_seconds: float = Field(
        default=30.0, gt=0, description="How long transactions that may have written are waited for"
    )
    switch_command: tuple[str, ...] = Field(
        default=(),
        description="Program and arguments that lead the application to the target; it may be run again: idempotent",
    )
    switch_back_command: tuple[str, ...] = Field(
        default=(), description="Program and arguments that lead it back to the source; idempotent"
    )
    switched_command: tuple[str, ...] = Field(
        default=(), description="Program that ends with 0 where the application uses the target, with 1 where not"
    )
    open_command: tuple[str, ...] = Field(default=(), description="Program that runs once the target is open")
    hook_seconds: float = Field(default=30.0, gt=0, description="How long each program may take")
    switches_file: str | None = Field(
        default=None,
        description="File of environment variables with the data layer's switches, instead of switch_command",
    )
    switch_to: dict[str, str] = Field(
        default_factory=lambda: {
            "USE_REPOSITORY_PATTERN": "true",
            "TARGET_IS_PRIMARY": "true",
            "ENABLE_DUAL_WRITE": "false",
        },
        description="Variables of that file that lead the application to the target, with their values",
    )
    reload_command: tuple[str, ...] = Field(
        default=(), description="Program that lets the application read the switches file again"
    )
    smoke_cases: tuple[str, ...] = Field(
        default=(), description="Ids of cases that are called before opening; none: a reading case of each method"
    )
    smoke_seconds: float = Field(default=10.0, gt=0, description="How long the smoke comparison may take")
    no_smoke: str | None = Field(default=None, description="Why no method is called: a decision, and reported")
    state: str = Field(
        default="reports/cutover/cutover.jsonl", description="Journal of the steps, relative to the file"
    )
