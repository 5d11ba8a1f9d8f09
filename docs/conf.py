"""Builds the site of docs/ (`make docs`): the pages as they are, with navigation, search and nothing from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

from pygments.lexers.sql import PostgresLexer
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from harness.version import __version__  # noqa: E402

project = "pgparity"
copyright = "the authors of pgparity; Apache-2.0"  # noqa: A001
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["generator"]
root_doc = "index"
myst_heading_anchors = 3
smartquotes = False  # an option would get a dash for its two hyphens
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "pgparity"
html_copy_source = False
html_show_sphinx = False

NAVIGATION = {
    "Start": ["tutorial"],
    "How-to": [
        "supabase",
        "schema",
        "contract",
        "migrate",
        "rows",
        "methods",
        "datalayer",
        "watch",
        "serve",
        "backup",
        "cutover",
    ],
    "Reference": ["commands", "configuration", "findings", "json", "errors", "gateway", "json-rpc"],
    "Explanation": ["why-believe", "comparison", "performance", "architecture", "dependencies"],
}
"""The pages in their order: here, so that the pages stay plain Markdown that a repository's web page shows as well"""


def _with_navigation(_application: Sphinx, name: str, source: list[str]) -> None:
    blocks = [f":caption: {caption}\n\n" + "\n".join(pages) for caption, pages in NAVIGATION.items()]
    pages_of = {root_doc: blocks, "findings": [":glob:\n\nfindings/*"], "errors": [":glob:\n\nerrors/*"]}
    for each in pages_of.get(name, ()):
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n{each}\n```\n"


def setup(application: Sphinx) -> None:
    """Sphinx's hook."""
    application.connect("source-read", _with_navigation)
    application.add_lexer("sql", PostgresLexer)  # $$ is no error in it
