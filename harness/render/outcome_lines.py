"""A pair of outcomes in lines that a person reads in five seconds: the call, both answers, where they differ."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.outcomes import AnswerDelta, Outcome, OutcomePair
from harness.core.record import JsonValue
from harness.render.visible import clipped, one_line

PLACES_SHOWN = 6
NOTES_SHOWN = 4
_LONGEST = 160
_WIDTH = len("left behind")


def call_line(pair: OutcomePair) -> str:
    """method(argument=masked, …), and which case that is."""
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in pair.arguments.items())
    about = f"{pair.case}: {pair.purpose}" if pair.purpose and pair.purpose not in pair.case else pair.case
    return clipped(one_line(f"{pair.method}({arguments})   case {about}"), 2 * _LONGEST)


def outcome_lines(pair: OutcomePair) -> list[str]:
    """The call; both answers side by side; each differing place with both types; the rows that were changed."""
    lines = [call_line(pair), _beside("answers", pair.source.shape, pair.target.shape)]
    if pair.source.error or pair.target.error:
        lines.append(_beside("error", _error(pair.source), _error(pair.target)))
    lines += _places("differs", pair.deltas)
    if pair.effects or pair.source.effects or pair.target.effects:
        lines.append(_beside("rows changed", _rows(pair.source), _rows(pair.target)))
    lines += _places("left behind", pair.effects)
    if pair.verdict == "void":
        lines.append(_beside("answered by", _servers(pair.source), _servers(pair.target)))
    lines += [f"  {'note':<{_WIDTH}}  {clipped(one_line(note), 2 * _LONGEST)}" for note in pair.notes[:NOTES_SHOWN]]
    return lines


def _beside(label: str, source: str, target: str) -> str:
    one, other = (clipped(one_line(text), _LONGEST) for text in (source, target))
    return f"  {label:<{_WIDTH}}  source: {one} | target: {other}"


def _places(label: str, deltas: Sequence[AnswerDelta]) -> list[str]:
    lines = []
    for delta in deltas[:PLACES_SHOWN]:
        drift = ", drift" if delta.drift else ""
        kinds = f"source {delta.source or 'absent'} | target {delta.target or 'absent'}"
        lines.append(
            f"  {label:<{_WIDTH}}  {clipped(one_line(f'{delta.path}: {delta.cls}{drift}: {kinds}'), 2 * _LONGEST)}"
        )
        label = ""
    if len(deltas) > PLACES_SHOWN:
        lines.append(f"  {'':<{_WIDTH}}  and {len(deltas) - PLACES_SHOWN} more places")
    return lines


def _argument(value: JsonValue) -> str:
    return value if isinstance(value, str) else repr(value)


def _error(outcome: Outcome) -> str:
    if outcome.error is None:
        return "none"
    code = f" {outcome.error.code}" if outcome.error.code else ""
    return f"{outcome.error.kind}{code}" + (", raised" if outcome.error.raised else "")


def _rows(outcome: Outcome) -> str:
    return ", ".join(f"{what} {number}" for what, number in outcome.effects.items()) or "none"


def _servers(outcome: Outcome) -> str:
    seen = [f"{each.side} {each.database} at {each.address}" for each in outcome.attestations]
    return ", ".join(seen) or "no server"
