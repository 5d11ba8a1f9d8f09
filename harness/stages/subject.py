"""Subject: one side's data layer on its stand; it is called, watched while it answers, and renewed after it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from harness.core.effects import NO_EFFECTS, Effects
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.statements import CapturedStatement
from harness.stages.layers import Layer, LayerFactory
from harness.stages.stand import Stand
from harness.wire import Relay


class Subject:
    """One data layer. Every clone gets one of its own: the factory is called again after the clone was reset."""

    def __init__(self, stand: Stand, factory: LayerFactory) -> None:
        """Build the data layer. DataLayerFailed where the factory raises."""
        self.stand = stand
        self.side = stand.side
        self._factory = factory
        self._runner = asyncio.Runner()
        self._position = ""
        self._since = ""
        self._dirty = False
        self._warm_up: tuple[float, Case] | None = None
        """The quickest read so far, in milliseconds, and its case"""
        self.used = False
        """Whether it ever asked its own server for anything"""
        try:
            self.layer = self._build()
        except BaseException:
            self._runner.close()
            raise

    def _build(self) -> Layer:
        layer = Layer(self._factory, self.stand.context, self._runner)
        self._since, _ = self.stand.slot.position()
        self._position = self._since
        self._dirty = False
        return layer

    @property
    def touched(self) -> bool:
        """Whether the clone is not as its template is: something was written, or is being written."""
        return self._dirty or self._effects().touched

    def _effects(self) -> Effects:
        """What was written since the clone was made. Nearly always nothing, which one short query tells."""
        position, writers = self.stand.slot.position()
        if position == self._position and not writers:
            return NO_EFFECTS
        effects = self.stand.effects(self._since, open_transaction=writers > 0)
        self._dirty = effects.touched
        self._position = position
        return effects

    def observe(self, case: Case, other: Sequence[Relay]) -> Observation:
        """Call a method, and see what passed the relays of both sides and what was written."""
        own = [(relay, relay.marker()) for relay in self.stand.relays]
        foreign = [(relay, relay.marker()) for relay in other]
        called = self.layer.call(case.method, case.kwargs)
        effects = self._effects()
        attestations = tuple(each for relay, marker in own for each in relay.attest(marker))
        self.used = self.used or bool(attestations)
        if attestations and not effects.touched and called.exception is None:
            quickest = self._warm_up[0] if self._warm_up else float("inf")
            if called.milliseconds < quickest:
                self._warm_up = (called.milliseconds, case)
        return Observation(
            side=self.side,
            database=self.stand.slot.name,
            answer=called.answer,
            exception=called.exception,
            milliseconds=called.milliseconds,
            attestations=attestations,
            elsewhere=tuple(each for relay, marker in foreign for each in relay.attest(marker)),
            through_rest=any(each.request is not None for relay, marker in own for each in relay.since(marker)),
            effects=effects,
        )

    def said(self, case: Case) -> Iterator[CapturedStatement]:
        """What was said to the server since it was last forgotten, as said by the case's method."""
        for relay in self.stand.relays:
            for each in relay.since(0):
                if not each.control:
                    yield CapturedStatement(
                        side=self.side, origin=case.method, case=case.id, sql=each.sql, request=each.request
                    )

    def rehearse(self, case: Case) -> tuple[CapturedStatement, ...]:
        """Call a method for what it says to its server, whatever comes of it."""
        self.forget()
        self.layer.call(case.method, case.kwargs)
        return tuple(self.said(case))

    def leave(self) -> None:
        """Close the data layer, so that its clone can be dropped."""
        self.layer.close()

    def rebuild(self) -> None:
        """Build the data layer anew on a clone that was reset, and let it open its connections.

        The first call of a new layer pays for connections; the time of the second is that of the method.
        """
        self.layer = self._build()
        if self._warm_up is not None:
            _, case = self._warm_up
            self.layer.call(case.method, case.kwargs)

    def forget(self) -> None:
        """Drop the record of past traffic."""
        for relay in self.stand.relays:
            relay.forget()

    def close(self) -> None:
        """Close the data layer and its event loop. The stand is closed by whoever opened it."""
        self.layer.close()
        self._runner.close()
