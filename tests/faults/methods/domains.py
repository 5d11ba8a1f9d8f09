"""Domains: two data layers over a pair of databases, compared whole or by the methods that a fault is planted in."""

from __future__ import annotations

import ast
import contextlib
import random
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.codes import ABOUT_COVERAGE
from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.model.catalog import Catalog
from harness.core.record import Severity
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.methods import MethodsArtifact, methods_stage
from harness.stages.result import StageResult
from harness.stages.scratch import ScratchStack
from harness.stages.subjects import load_subjects
from tests.api_roles import API_ROLES
from tests.data_pair import Pair, pair_of
from tests.faults.methods import clinic, library, salon, shop
from tests.faults.methods.planted import Fault, faults_of
from tests.shared_stack import shared_stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A schema with rows, the text of a data layer for either side, and faults of the target's."""

    schema: str
    source: str
    target: str
    faults: dict[str, Fault]
    same_types: bool = True
    """Whether the answers of both layers have equal types; else drift is allowed"""


DOMAINS = {
    "salon": Domain(schema=salon.SCHEMA, source=salon.LAYER, target=salon.LAYER, faults=faults_of("salon")),
    "library": Domain(schema=library.SCHEMA, source=library.LAYER, target=library.LAYER, faults=faults_of("library")),
    "shop": Domain(
        schema=shop.SCHEMA, source=shop.SOURCE, target=shop.TARGET, faults=faults_of("shop"), same_types=False
    ),
    "clinic": Domain(
        schema=clinic.SCHEMA, source=clinic.SOURCE, target=clinic.TARGET, faults=faults_of("clinic"), same_types=False
    ),
}


def _methods(text: str) -> dict[str, tuple[int, int]]:
    """The methods of a layer's text for its callers, each with its first line and its last."""
    return {
        each.name: (min([each.lineno, *(decorator.lineno for decorator in each.decorator_list)]), each.end_lineno or 0)
        for kind in ast.parse(text).body
        if isinstance(kind, ast.ClassDef)
        for each in kind.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and not each.name.startswith("_")
        and each.name not in ("close", "aclose")
    }


def only(text: str, methods: tuple[str, ...]) -> str:
    """The text of a layer without its other public methods: a comparison of a few takes a fraction of the time."""
    gone: set[int] = set()
    for name, (first, last) in _methods(text).items():
        if name not in methods:
            gone |= set(range(first, last + 1))
    return "\n".join(line for number, line in enumerate(text.splitlines(), start=1) if number not in gone) + "\n"


@dataclass
class Trial:
    """The databases of a domain, and the stack that all comparisons share."""

    domain: Domain
    pair: Pair
    catalogs: tuple[Catalog, Catalog]
    stack: ScratchStack
    folder: Path
    _modules: list[str] = field(default_factory=list)

    def drawn(self, number: int, *, seed: int) -> tuple[str, ...]:
        """So many methods of the domain; equal seeds draw equal ones."""
        methods = sorted(_methods(self.domain.target))
        return tuple(sorted(random.Random(seed).sample(methods, min(number, len(methods)))))

    def _module(self, text: str) -> str:
        name = f"adversary_{uuid.uuid4().hex[:10]}"
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        self._modules.append(name)
        return f"{name}:create"

    def _forget(self) -> None:
        for name in self._modules:
            sys.modules.pop(name, None)
        self._modules.clear()

    def compare(
        self,
        fault: Fault | None = None,
        *,
        methods: tuple[str, ...] = (),
        seed: int = 0,
        written: Sequence[dict[str, Any]] = (),
        **settings: Any,
    ) -> StageResult[MethodsArtifact]:
        """Compare the layers by generated cases, with the defaults of [methods] but `settings`.

        `written` holds the arguments of more cases, of the first method.
        """
        target = fault.planted_in(self.domain.target) if fault else self.domain.target
        kept = methods or (fault.methods if fault else ())
        texts = [only(text, kept) if kept else text for text in (self.domain.source, target)]
        layers = dict(zip(("source_layer", "target_layer"), map(self._module, texts), strict=True))
        if written:
            cases = [{"id": str(n), "method": kept[0], "kwargs": each} for n, each in enumerate(written)]
            layers["cases"] = self._module(f"def create():\n    return {cases!r}\n")
        configuration = Configuration.model_validate(
            {"methods": layers | settings, "run": {"allow_drift": not self.domain.same_types}}
        )
        subjects = load_subjects(configuration, self.folder)
        assert subjects is not None
        tables = tuple(self.catalogs[0].table_by_identity)
        try:
            return methods_stage(
                self.pair.source,
                self.pair.target,
                *self.catalogs,
                tables,
                subjects,
                configuration,
                Silent(),
                stack=self.stack,
                seed=seed,
            )
        finally:
            self._forget()


def alarms(result: StageResult[MethodsArtifact]) -> list[Finding]:
    """Findings that say that something differs, at risk or worse; not those about what was not looked at."""
    return [
        each
        for each in result.findings
        if each.severity.at_least(Severity.RISK) and each.code not in ABOUT_COVERAGE and each.object.kind == "method"
    ]


@contextlib.contextmanager
def trial_of(domain: Domain, server: Server, newer_server: Server, folder: Path) -> Iterator[Trial]:
    """The domain's schema and rows on both servers."""
    with pair_of(server, newer_server) as pair:
        pair.on_both(API_ROLES, domain.schema)
        yield Trial(domain, pair, pair.catalogs(), shared_stack(), folder)
