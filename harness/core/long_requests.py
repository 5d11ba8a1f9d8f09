"""Lists that are too long for an address: PostgREST takes filters in the URL, which clients and proxies limit.

httpx refuses a URL of more than 65,536 characters by itself (InvalidURL), servers and proxies answer 414 or 431.
"""

from __future__ import annotations

from harness.core.observations import Observation, envelope_of
from harness.core.outcomes import Case

LONG = 1000
"""Values in one list, below which no other reason is to be looked for"""
_REFUSALS = frozenset({"414", "431"})
_TYPE = "InvalidURL"
_SAID = "url too long"


def too_long_for_a_url(case: Case, source: Observation, target: Observation) -> str:
    """What the source's interface does not take and the target does; '' where that is not so.

    Nothing is known of the data layers then: the source was never asked what the target was.
    """
    longest = max((len(each) for each in case.kwargs.values() if isinstance(each, list | tuple | set)), default=0)
    if longest < LONG or source.error is None or target.error is not None or not _refused(source):
        return ""
    return f"the source's interface takes no URL with {longest:,} values, and the target has no such limit"


def _refused(source: Observation) -> bool:
    if source.error is not None and (source.error.code in _REFUSALS or source.error.kind == _TYPE):
        return True
    error: BaseException | None = source.exception
    while error is not None:
        if type(error).__name__ == _TYPE:
            return True
        error = error.__cause__ or error.__context__
    envelope = envelope_of(source.answer)
    return envelope is not None and not source.exchanges and _SAID in str(envelope.get("error")).lower()
