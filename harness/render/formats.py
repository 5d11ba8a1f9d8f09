"""The output formats by name, as --format takes them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from harness.core.document import RunDocument
from harness.render.secrets import blotted_document


def _loaded(module: str) -> Callable[[RunDocument], str]:
    """The function that renders a format; its module is loaded where that format is asked for."""

    def render(document: RunDocument) -> str:
        found: Callable[[RunDocument], str] = getattr(
            import_module(f"harness.render.{module}"), f"render_{'text' if module == 'terminal' else module}"
        )
        return found(blotted_document(document))

    return render


FORMATS: dict[str, Callable[[RunDocument], str]] = {
    "text": _loaded("terminal"),
    **{name: _loaded(name) for name in ("json", "jsonl", "junit", "markdown", "github", "html")},
}
