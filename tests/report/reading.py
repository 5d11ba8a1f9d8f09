"""Reads HTML strictly: whether it is well formed, its tags, ids, links and text."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "wbr", "rect", "path", "circle", "use", "polyline"}
BLOCKS = {"td", "th", "p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "summary", "option", "label", "div"}


class Reading(HTMLParser):
    """What a page consists of; `faults` holds what is not well formed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.text.append(" ")
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("script", "style"):
            self.text.append(data)

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [value for _, name, value in self.attributes if name == "id"]

    @property
    def links(self) -> list[str]:
        """Every href of an <a>."""
        return [value for tag, name, value in self.attributes if tag == "a" and name == "href"]

    @property
    def words(self) -> str:
        """The text as a reader gets it, blanks joined."""
        return " ".join("".join(self.text).split())
