"""Test rows of a real project, through its REST interface: looked for before a case writes them, removed after."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from harness.core.marked_rows import MarkedRow
from harness.core.names import qualified

_SECONDS = 30.0


class ProjectRows:
    """The project's rows with marked ids. Nothing else of it is read or written here."""

    def __init__(self, base: str, key: str) -> None:
        """`base` is the URL below which tables are served, as https://host/rest/v1."""
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        self._base = base
        self._client = httpx.Client(headers=headers, timeout=_SECONDS, http2=False, follow_redirects=False)

    def reachable(self) -> str:
        """Why the project cannot be asked; '' where it can."""
        try:
            status = self._client.get(f"{self._base}/").status_code
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # of a host that no name can be
            return f"it cannot be reached ({type(error).__name__})"
        return f"it answers {status}" if status >= 500 else ""

    def there(self, rows: Sequence[MarkedRow]) -> tuple[str, ...]:
        """The tables in which rows with these marks are, or in which that cannot be told."""
        found: dict[str, None] = {}
        for row in rows:
            answer = self._ask("GET", row, select=True)
            if answer is None or answer:
                found[qualified(row.schema, row.table)] = None
        return tuple(found)

    def remove(self, rows: Sequence[MarkedRow]) -> dict[str, int]:
        """Delete them; table to the number of rows that went. What refers to others goes first: several rounds."""
        removed: dict[str, int] = {}
        left = list(dict.fromkeys((row.schema, row.table, tuple(row.marks.items())) for row in rows))
        while left:
            again = []
            for schema, table, marks in left:
                gone = self._ask("DELETE", MarkedRow(schema=schema, table=table, marks=dict(marks)), select=False)
                if gone is None:
                    again.append((schema, table, marks))
                else:
                    name = qualified(schema, table)
                    removed[name] = removed.get(name, 0) + gone
            if len(again) == len(left):
                break
            left = again
        return removed

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _ask(self, verb: str, row: MarkedRow, *, select: bool) -> int | None:
        """The number of rows that were found, or deleted; None where the project refuses."""
        filters = {name: f"eq.{value}" for name, value in row.marks.items()}
        profile = {"Accept-Profile" if select else "Content-Profile": row.schema}
        headers = profile | ({} if select else {"Prefer": "return=representation"})
        parameters = filters | {"select": ",".join(f'"{name}"' for name in row.marks)}
        try:
            answer = self._client.request(
                verb, f"{self._base}/{quote(row.table, safe='')}", params=parameters, headers=headers
            )
            rows = answer.json() if answer.status_code in (200, 206) else None
        except (httpx.HTTPError, ValueError):
            return None
        return len(rows) if isinstance(rows, list) else None
