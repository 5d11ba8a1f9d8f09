"""The output formats by name, as --format takes them."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.document import RunDocument
from harness.render.github import render_github
from harness.render.json import render_json
from harness.render.jsonl import render_jsonl
from harness.render.junit import render_junit
from harness.render.markdown import render_markdown
from harness.render.terminal import render_text


def _html(document: RunDocument) -> str:
    # The template engine is loaded where a report is written.
    from harness.render.html import render_html

    return render_html(document)


FORMATS: dict[str, Callable[[RunDocument], str]] = {
    "text": render_text,
    "json": render_json,
    "jsonl": render_jsonl,
    "junit": render_junit,
    "markdown": render_markdown,
    "github": render_github,
    "html": _html,
}
