"""The report: one self-contained HTML file that opens anywhere, with scripts or without, and asks nobody anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.core.document import RunDocument
from harness.core.record import JsonValue
from harness.render import figures
from harness.render.conclusion import strategy
from harness.render.finding_list import FindingView, finding_list
from harness.render.finding_pages import finding_page
from harness.render.plain_finding import sentence, title_of
from harness.render.secrets import NOT_WHOLE, blotted_document
from harness.render.sections import SECTIONS, filter_choices, section_values
from harness.render.visible import clipped, visible, visible_difference
from harness.shipped import shipped

SCRIPTS = ("page.js", "filter.js", "copy.js", "keys.js")
"""In this order, at the end of the page; theme.js stands in its head."""
LARGEST = 3_600_000
"""Bytes of a report that opens in well under a second; the findings get what the other sections leave of it."""
FINDINGS_AT_LEAST = 1_500_000
_AFTER_A_JOINT = re.compile("(?<=[._])")


def render_html(document: RunDocument) -> str:
    """The whole report. What had to be cut to keep it small is said where it was cut."""
    document = blotted_document(document)
    environment = page_environment()
    css, theme_script = page_asset("report.css"), page_asset("theme.js")
    script = "\n".join(page_asset(name) for name in SCRIPTS)
    values = section_values(document)
    sections = {name: trusted(environment.get_template(f"{name}.html").render(values)) for name in SECTIONS}
    size = len(css) + len(theme_script) + len(script) + sum(len(section.encode()) for section in sections.values())
    findings = finding_list(
        document.findings,
        full=_finding_macro("full"),
        brief=_finding_macro("brief"),
        allowance=max(FINDINGS_AT_LEAST, LARGEST - size),
    )
    return environment.get_template("report.html").render(
        values,
        sections=sections,
        findings=findings,
        choices=filter_choices(document),
        css=trusted(css),
        theme_script=trusted(theme_script),
        script=trusted(script),
        css_hash=policy_hash(css),
        theme_hash=policy_hash(theme_script),
        script_hash=policy_hash(script),
    )


def relative_link(href: str) -> str:
    """A link that stays beside the report, percent-encoded; empty for an address elsewhere and for a script."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or href.startswith(("/", "\\")) or visible(href) != href:
        return ""
    return quote(href, safe="/#?=&%.~+,-_")


def breakable(text: str) -> Markup:
    """A name that may be broken after its dots and underscores, where a table is too narrow for it."""
    return Markup("<wbr>").join(_AFTER_A_JOINT.split(visible(text)))


def value_text(value: JsonValue) -> str:
    """A value of a catalog as text: a string as it is, an object as a line for each name, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value:
        return "\n".join(f"{name}: {_json(inner)}" for name, inner in value.items())
    return _json(value)


def _json(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown(value: object) -> object:
    """What Jinja prints for a value: never None by accident, and no character that cannot be seen."""
    if value is None:
        raise TypeError("a template of the report printed None")
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


@cache
def page_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shipped("reports", "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        breakable=breakable,
        clipped=clipped,
        clock=figures.clock,
        count=figures.count,
        counted=figures.counted,
        duration=figures.duration,
        milliseconds=figures.milliseconds,
        moment=figures.moment,
        page_of=finding_page,
        relative_link=relative_link,
        sentence=sentence,
        size=figures.size,
        strategy=strategy,
        title_of=title_of,
        value_text=value_text,
        visible_difference=visible_difference,
    )
    environment.tests["whole"] = lambda text: not text.startswith(NOT_WHOLE)
    environment.tests["copyable"] = lambda text: visible(text) == text and not text.startswith(NOT_WHOLE)
    return environment


@cache
def _finding_macro(name: str) -> Callable[[FindingView], Markup]:
    macro = getattr(page_environment().get_template("finding.html").module, name)
    return lambda view: trusted(macro(view))


@cache
def page_asset(name: str) -> str:
    return shipped("reports", "assets", name).read_text(encoding="utf-8")


def trusted(html: str) -> Markup:
    """Our own file, or what our own template made with autoescape: the only text that is not escaped again."""
    return Markup(html)  # noqa: S704


def policy_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
