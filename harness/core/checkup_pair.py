"""The doctor's judgement of a pair: what has to be alike on both servers, or be known not to be."""

from __future__ import annotations

from harness.core.checkup import Check, Judged, as_check, listed
from harness.core.names import quote
from harness.core.server_state import ServerState


def pair_checks(source: ServerState, target: ServerState) -> tuple[Check, ...]:
    """What has to be alike on two servers, or be known not to be."""
    judged = (
        _versions(source, target),
        _locale(source, target),
        _time_zones(source, target),
        _extensions(source, target),
    )
    return tuple(as_check(None, each) for each in judged)


def _versions(source: ServerState, target: ServerState) -> Judged:
    text = f"source {source.major}, target {target.major}"
    if target.major < source.major:
        return (
            "versions",
            "warning",
            f"{text}: the target is older",
            "Features of the source's version may be missing there.",
        )
    return "versions", "ok", text, ""


def _locale(source: ServerState, target: ServerState) -> Judged:
    labels = ("encoding", "collate", "ctype", "locale_provider")
    differing = [
        f"{label.replace('_', ' ')} {getattr(source, label)} on the source and {getattr(target, label)} on the target"
        for label in labels
        if getattr(source, label) != getattr(target, label)
    ]
    if not differing:
        text = f"{source.encoding}, {source.collate}, {source.locale_provider} on both sides"
        return "collation", "ok", text, ""
    hint = (
        "Sort order, upper and lower case, and unique text may differ: create the target's database with the source's."
    )
    return "collation", "warning", "; ".join(differing), hint


def _time_zones(source: ServerState, target: ServerState) -> Judged:
    if source.timezone == target.timezone:
        return "time zones", "ok", f"{source.timezone} on both sides", ""
    text = f"{source.timezone} on the source, {target.timezone} on the target"
    return "time zones", "warning", text, "Values without a zone mean other moments: set both to UTC."


def _extensions(source: ServerState, target: ServerState) -> Judged:
    wanted, theirs = source.extensions.installed, target.extensions
    lacking = sorted(name for name in wanted if name not in theirs.installed and name not in theirs.offered)
    offered = sorted(name for name in wanted if name not in theirs.installed and name in theirs.offered)
    other = sorted(name for name in wanted if theirs.installed.get(name, wanted[name]) != wanted[name])
    versions = [f"{each} {wanted[each]}, {theirs.installed[each]}" for each in other]
    parts = [
        *([f"the target's server does not offer {listed(lacking)}"] if lacking else []),
        *([f"offered and not installed on the target: {listed(offered)}"] if offered else []),
        *([f"of another version there: {listed(versions)}"] if other else []),
    ]
    if not parts:
        text = f"those of the source are on the target: {listed(sorted(wanted))}" if wanted else "the source has none"
        return "extensions", "ok", text, ""
    hints = [
        *(["Install the packages on the target's server, or do without what they give."] if lacking else []),
        *([" ".join(f"CREATE EXTENSION {quote(each)};" for each in offered)] if offered else []),
        *(["See whether what the data layer uses is the same in both versions."] if other else []),
    ]
    return "extensions", "warning", "; ".join(parts), " ".join(hints)
