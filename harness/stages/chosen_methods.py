"""Chosen methods: data layers of which a run sees no other method than those that were asked for by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core.generation.signatures import MethodSignature
from harness.core.record import Side
from harness.errors import CaseError
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Called, Layer, LayerContext, LayerFactory
from harness.stages.subjects import Subjects


def only(subjects: Subjects, methods: Collection[str]) -> Subjects:
    """The subjects with these methods and their cases alone; all of them where none is named.

    CaseError, when both data layers are built, where neither has one of the methods.
    """
    if not methods:
        return subjects
    wanted = _Wanted(frozenset(methods))
    return replace(
        subjects,
        source=_ChosenFactory(subjects.source, wanted),
        target=_ChosenFactory(subjects.target, wanted),
        cases=tuple(case for case in subjects.cases if case.method in wanted.names),
    )


@dataclass(slots=True)
class _Wanted:
    """The names, and what was seen of both data layers."""

    names: frozenset[str]
    known: dict[Side, frozenset[str]] = field(default_factory=dict)

    def saw(self, side: Side, methods: frozenset[str]) -> None:
        self.known[side] = methods
        if len(self.known) < len(Side):
            return
        everything = frozenset[str]().union(*self.known.values())
        for name in sorted(self.names - everything):
            near = difflib.get_close_matches(name, everything, n=1)
            raise CaseError(
                f"no data layer has a method {name}",
                hint=f"Did you mean {near[0]}?" if near else "Public methods do not begin with an underscore.",
            )


@dataclass(frozen=True, slots=True)
class _ChosenFactory:
    """A factory whose layers are narrowed."""

    _factory: LayerFactory
    _wanted: _Wanted

    @property
    def side(self) -> Side:
        return self._factory.side

    @property
    def name(self) -> str:
        return self._factory.name

    def build(self, context: LayerContext, thread: LayerThread) -> Layer:
        layer = self._factory.build(context, thread)
        try:
            self._wanted.saw(layer.side, layer.methods)
        except CaseError:
            layer.close()
            raise
        return _ChosenLayer(layer, self._wanted.names)


@dataclass(frozen=True, slots=True)
class _ChosenLayer:
    """A layer that shows some of its methods."""

    _layer: Layer
    _names: frozenset[str]

    @property
    def side(self) -> Side:
        return self._layer.side

    @property
    def methods(self) -> frozenset[str]:
        return self._layer.methods & self._names

    def signature(self, method: str) -> MethodSignature:
        return self._layer.signature(method)

    def misfit(self, method: str, arguments: dict[str, Any]) -> str:
        return self._layer.misfit(method, arguments)

    def call(self, method: str, arguments: dict[str, Any]) -> Called:
        return self._layer.call(method, arguments)

    def close(self) -> None:
        self._layer.close()
