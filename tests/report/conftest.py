"""Fixtures of the report's tests: Chromium where the machine has one, and a page over a rendered document."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from harness.core.document import RunDocument
from harness.render.html import render_html

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")

Opened = Callable[..., Page]
Served = Callable[..., str]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of PGPARITY_CHROMIUM, or the system's; a module long, since its event loop runs in this thread."""
    found = os.environ.get("PGPARITY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is installed and PGPARITY_CHROMIUM is not set")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serves the test's folder over http:// on a free port, each answer with the headers given; returns its address."""
    servers = []

    def serve(headers: Mapping[str, str]) -> str:
        class Handler(SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                for name, value in headers.items():
                    self.send_header(name, value)
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def opened(chromium: Browser, served: Served, tmp_path: Path) -> Iterator[Opened]:
    """Opens a rendered document from file://, or from http:// where `headers` are given (`{}` for none).

    Fails when the page wrote to the console or asked the network. `blocked`: the headers forbid something on purpose,
    which browsers tell on the console.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(
        document: RunDocument,
        *,
        fragment: str = "",
        scripts: bool = True,
        dark: bool = False,
        width: int = 1280,
        headers: Mapping[str, str] | None = None,
        blocked: bool = False,
    ) -> Page:
        file = tmp_path / "report.html"
        file.write_text(render_html(document), encoding="utf-8")
        address = file.as_uri() if headers is None else f"{served(headers)}report.html"
        context = chromium.new_context(
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        if not blocked:
            page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
        page.goto(address + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
