"""Which servers answered a pair of calls: one that went elsewhere proves nothing."""

from __future__ import annotations

from harness.core.observations import Observation


def wrong_server(source: Observation, target: Observation) -> str:
    """Why the pair was not answered by two servers; '' where it was.

    A call that fails, or finds nothing, need not have asked anyone: input is checked before a query is sent.
    """
    for each, other in ((source, target), (target, source)):
        if each.elsewhere:
            return f"the call on the {each.side} went to the server of the {other.side}"
        foreign = [seen.database for seen in each.attestations if _is_foreign(seen.database, each)]
        if foreign:
            return f"the call on the {each.side} asked another database of its server"
    silent = [each.side for each in (source, target) if each.has_content and not each.exchanges]
    if silent:
        return f"the {' and the '.join(silent)} answered without asking its server"
    return ""


def _is_foreign(database: str, observation: Observation) -> bool:
    expected = observation.database
    return bool(expected) and database != expected
