"""What to do next about a finding of the method comparison, by its code."""

from __future__ import annotations

_NEXT = {
    "MET001": "look at filter, order and limit of the target's method first; the same call shows it again",
    "MET002": "convert where the row leaves the data layer, or pass --allow-drift where no caller can tell",
    "MET003": "raise, or put into the envelope, the kind of error that the source gives",
    "MET004": "call the target's method alone with this case: its statement does not work there",
    "MET005": "the target accepts what the source refuses: a check or a constraint is missing",
    "MET006": "compare the statements that write: columns, defaults, triggers, transactions",
    "MET007": "the data layer must use the dsn, or the rest_url, that its factory is given, and nothing else",
    "MET008": "write a case for it, or let cases be generated (--generate)",
    "MET009": "write the method, or take it off the other data layer",
    "MET010": "ask for fewer rows, or page through them: the rest was not compared",
    "MET011": "write a case with a key that exists",
    "MET014": "ask for all rows in one statement",
    "MET017": "look at the target's plan with EXPLAIN, or raise --max-slowdown",
    "MET018": "mend the difference, or look at it again and set a new date under [[methods.expected]]",
    "MET019": "let the database decide: one statement, a unique index, or a lock",
}


def advice(code: str) -> str:
    """What mends it, or where to look first; '' where there is nothing to add to the finding."""
    return _NEXT.get(code, "")
