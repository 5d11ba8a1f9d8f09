"""Policies by name or file: those that ship with pgparity, and those that users keep."""

from __future__ import annotations

from pathlib import Path

from harness.core.policy import ManagedPolicy, read_policy
from harness.errors import ConfigurationError
from harness.shipped import shipped


def policy_names() -> tuple[str, ...]:
    """The policies that ship."""
    return tuple(sorted(each.stem for each in shipped("schemas", "policies").glob("*.toml")))


def policy_text(name: str) -> str:
    """The file of a policy that ships. ConfigurationError where there is none of that name."""
    if name not in policy_names():
        known = ", ".join(policy_names())
        raise ConfigurationError(
            f"there is no policy {name}", hint=f"Known are {known}; a file of yours ends in .toml."
        )
    return shipped("schemas", "policies", f"{name}.toml").read_text(encoding="utf-8")


def policy_of(chosen: str | None) -> ManagedPolicy | None:
    """The policy that a user chose, by name or by file; None for none."""
    if chosen is None:
        return None
    if "." not in chosen and "/" not in chosen:
        return read_policy(policy_text(chosen), f"policy {chosen}")
    path = Path(chosen).expanduser()
    try:
        return read_policy(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the policy {path.name} cannot be read: {type(error).__name__}",
            hint="`pgparity schema policy supabase` prints one to start from.",
        ) from None
