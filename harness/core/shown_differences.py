"""Differences with their values beside the types, masked: what --show-values adds to a pair."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from harness.core.answers import differing_values
from harness.core.masking import personal_hash, shown_value
from harness.core.outcomes import AnswerDelta


def with_values(
    deltas: Sequence[AnswerDelta],
    source: Any,
    target: Any,
    *,
    ordered: bool,
    ignore: Collection[str],
    personal: Collection[str],
) -> tuple[AnswerDelta, ...]:
    """The differences of two answers with what stands there. `personal`: names of fields that appear as a hash.

    Texts appear by their shape (letters as a and A, digits as 9): case, blanks and lengths can be read, no more.
    """
    values = differing_values(source, target, ordered=ordered, ignore=ignore)
    shown = []
    for delta in deltas:
        if delta.path in values:
            hidden = delta.path.rpartition(".")[2].partition("[")[0] in personal
            one, other = (personal_hash(each) if hidden else shown_value(each) for each in values[delta.path])
            delta = delta.model_copy(update={"source": f"{delta.source} {one}", "target": f"{delta.target} {other}"})
        shown.append(delta)
    return tuple(shown)
