"""Subject: one side's data layer on its stand; it is called, watched while it answers, and renewed after it wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.core.effects import NO_EFFECTS, Effects
from harness.core.observations import Observation
from harness.core.outcomes import Attestation, Case
from harness.core.statements import CapturedStatement
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Layer, LayerFactory
from harness.stages.scratch import ROW_CAP
from harness.stages.stand import Stand
from harness.wire import Exchange, Relay


class Subject:
    """One data layer. Every clone gets one of its own: the factory is called again after the clone was reset."""

    def __init__(self, stand: Stand, factory: LayerFactory) -> None:
        """Build the data layer. DataLayerFailed where the factory raises."""
        self.stand = stand
        self.side = stand.side
        self._factory = factory
        self._thread = LayerThread(self._cut)
        self._gave_up = False
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
            self._thread.close()
            raise

    def _build(self) -> Layer:
        now = dt.datetime.now(dt.UTC)
        self._renewed, _ = self.stand.in_time(now, now)
        if self._thread.lost:
            self._thread = LayerThread(self._cut)
        layer = self._factory.build(self.stand.context, self._thread)
        self._since, _ = self.stand.slot.position()
        self._position = self._since
        self._dirty = self._gave_up = False
        return layer

    def _cut(self) -> None:
        for relay in self.stand.relays:
            relay.cut()

    def ask(self) -> None:
        """Ask the server whether anything was written, before `touched` wants to know: it answers meanwhile."""
        self.stand.slot.ask_position()

    @property
    def spoilt(self) -> bool:
        """Whether the clone is known not to be as its template is; nobody is asked."""
        return self._gave_up or self._dirty

    @property
    def touched(self) -> bool:
        """Whether the clone is not as its template is: something was written, or is being written."""
        return self.spoilt or self._effects().touched

    def _effects(self) -> Effects:
        """What was written since the clone was made. Nearly always nothing, which one short query tells."""
        position, writers = self.stand.slot.position()
        if position == self._position and not writers:
            return NO_EFFECTS
        effects = self.stand.effects(self._since, open_transaction=writers > 0)
        self._dirty = effects.touched
        self._position = position
        return effects

    def another_layer(self, thread: LayerThread) -> Layer:
        """One more data layer on the clone, for a caller beside others. DataLayerFailed where the factory raises."""
        return self._factory.build(self.stand.context, thread)

    def written(self) -> Effects:
        """Everything that was written since the clone was made, by whichever call."""
        _, writers = self.stand.slot.position()
        return self.stand.effects(self._since, open_transaction=writers > 0)

    def observe(self, case: Case, other: Sequence[Relay]) -> Observation:
        """Call a method, and see what passed the relays of both sides and what was written."""
        own = [(relay, relay.marker()) for relay in self.stand.relays]
        foreign = [(relay, relay.marker()) for relay in other]
        began = dt.datetime.now(dt.UTC)
        called = self.layer.call(case.method, case.kwargs)
        ended = dt.datetime.now(dt.UTC)
        began, ended = self.stand.in_time(began, ended)
        # How far a call had come when it was given up is chance: what it wrote until then is not looked at.
        self._gave_up = self._gave_up or called.gave_up
        if not called.gave_up:
            self.ask()
        passed: list[Exchange] = []
        attestations: tuple[Attestation, ...] = ()
        for relay, marker in own:
            asking, attested = relay.asked(marker)
            passed += asking
            attestations += attested
        elsewhere = tuple([each for relay, marker in foreign for each in relay.attest(marker)])
        statements = tuple([self.captured(case, each) for each in passed])
        requests = [each.request for each in passed if each.request is not None]
        through_rest = bool(requests)
        secured = self.stand.secured(through_rest=through_rest)
        # The server answers this while the above is done.
        effects = NO_EFFECTS if called.gave_up else self._effects()
        self.used = self.used or bool(attestations)
        if attestations and not effects.touched and called.exception is None:
            quickest = self._warm_up[0] if self._warm_up else float("inf")
            if called.milliseconds < quickest:
                self._warm_up = (called.milliseconds, case)
        seen = Observation(
            side=self.side,
            database=self.stand.slot.name,
            answer=called.answer,
            exception=called.exception,
            milliseconds=called.milliseconds,
            attestations=attestations,
            elsewhere=elsewhere,
            through_rest=through_rest,
            effects=effects,
            began=began,
            ended=ended,
            renewed=self._renewed,
            secured=secured,
            statements=statements,
            gave_up=called.gave_up,
        )
        if len(requests) == 1 and ROW_CAP in seen.list_lengths:
            # The answer may be cut off there; how many rows there are can be told where one request was made for it.
            return replace(seen, total=self.stand.number_of_rows(requests[0]))
        return seen

    def exchanges(self) -> Iterator[Exchange]:
        """What passed to the server since it was last forgotten, but for BEGIN, COMMIT, SET and their like."""
        for relay in self.stand.relays:
            for each in relay.since(0):
                if not each.control:
                    yield each

    def said(self, case: Case) -> Iterator[CapturedStatement]:
        """The same, as said by the case's method."""
        return (self.captured(case, each) for each in self.exchanges())

    def captured(self, case: Case, exchange: Exchange) -> CapturedStatement:
        """An exchange, as said by the case's method."""
        return CapturedStatement(
            side=self.side,
            origin=case.method,
            case=case.id,
            sql=exchange.sql,
            types=exchange.types,
            request=exchange.request,
        )

    def rehearse(self, case: Case) -> tuple[CapturedStatement, ...]:
        """Call a method for what it says to its server, whatever comes of it."""
        self.forget()
        gave_up = self.layer.call(case.method, case.kwargs).gave_up
        said = tuple(self.said(case))
        if gave_up:
            self._anew()
        return said

    def leave(self) -> None:
        """Close the data layer, so that its clone can be dropped."""
        self.layer.close()
        if self._thread.lost:
            # What it still does leads nowhere from now on.
            self.stand.move()

    def _anew(self) -> None:
        self.leave()
        self.stand.reset()
        self.layer = self._build()

    def rebuild(self, *, warm_up: bool = True) -> None:
        """Build the data layer anew on a clone that was reset, and let it open its connections.

        The first call of a new layer pays for connections; the time of the second is that of the method. Where the
        state of the data layer itself is looked at, no call but those of the case may come before: no `warm_up`.
        """
        self.layer = self._build()
        if warm_up and self._warm_up is not None:
            _, case = self._warm_up
            if self.layer.call(case.method, case.kwargs).gave_up:
                self._warm_up = None
                self._anew()

    def forget(self) -> None:
        """Drop the record of past traffic."""
        for relay in self.stand.relays:
            relay.forget()

    def close(self) -> None:
        """Close the data layer and its event loop. The stand is closed by whoever opened it."""
        self.layer.close()
        self._thread.close()
