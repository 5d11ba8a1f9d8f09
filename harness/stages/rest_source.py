"""A source that is reached by REST alone: its description, its counts and its rows, page by page; GET and HEAD only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

from harness.core.model.catalog import Catalog
from harness.core.rest_catalog import beyond, catalog_of, equal_to, order_of, quoted, role_of, select_of
from harness.errors import ConnectionFailed, PrivilegeMissing
from harness.stages.project_address import project_url

REST: Final = "/rest/v1"
PAGE: Final = 1000
"""Rows asked for at once, which is what hosted projects give at most; a smaller cap only makes more pages"""
SECONDS: Final = 60.0
_TRIES: Final = 2
_URL_CHARACTERS: Final = 3000
"""Of keys in one request: gateways refuse URLs beyond 4 to 8 KB"""
_CODE: Final = re.compile(r"[A-Z0-9]{5,8}\Z")
_TOTAL: Final = re.compile(r"/(\d+)\Z")

Page = list[tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A page as it came, a JSON array of objects with the members c0, c1 …, and its cells."""

    text: str
    rows: Page


class RestFailed(Exception):
    """The project does not give what was asked of one table; `reason` holds no value of a row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RestSource:
    """A project's REST interface, read with one key. Only GET and HEAD are ever sent, and no redirect is followed."""

    def __init__(self, url: str, key: str, *, page: int = PAGE, seconds: float = SECONDS) -> None:
        """`url` is the project's, with or without /rest/v1. ConfigurationError: it is none."""
        parts, port = project_url(url, "--source-rest-url")
        path = parts.path.rstrip("/").removesuffix(REST)
        self.host = f"{parts.hostname}:{port}"
        self.address = f"{self.host}{path}"
        self.role = role_of(key)
        self.whole_floats = False
        """Whether a number came that has more digits than a rounded one: then all floating-point numbers come whole"""
        self._page = page
        self._base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}{REST}"
        # The session's zone is asked for, so that times with a zone have one text whatever the project's setting is.
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        self._client = httpx.Client(headers=headers, timeout=seconds, follow_redirects=False)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def catalog(self, schemas: Sequence[str]) -> Catalog:
        """The tables that the project serves to this key. PgparityError: it cannot be reached, or does not tell."""
        descriptions = {}
        for schema in schemas:
            try:
                answer = self._get("/", {}, {"Accept-Profile": schema, "Accept": "application/openapi+json"})
                descriptions[schema] = answer.json()
            except (RestFailed, ValueError) as error:
                reason = error.reason if isinstance(error, RestFailed) else "its answer is not JSON"
                raise ConnectionFailed(
                    f"the project at {self.host} does not describe its schema {schema}: {reason}",
                    hint="Is it the project's URL, is the schema exposed, and is the key that of service_role?",
                ) from None
        return catalog_of(descriptions)

    def count(self, schema: str, table: str, *, where: str | None = None) -> int:
        """How many rows the table has, as count=exact has it; `where`: of those that meet this `and=`. RestFailed."""
        return self._counted(table, schema, {"limit": "1"} | _meeting(where))

    def _counted(self, table: str, schema: str, asked: dict[str, str]) -> int:
        answer = self._send(
            "HEAD", f"/{quote(table, safe='')}", asked, {"Accept-Profile": schema, "Prefer": "count=exact"}
        )
        found = _TOTAL.search(answer.headers.get("content-range", ""))
        if found is None:
            raise RestFailed("the project does not say how many rows the table has")
        return int(found[1])

    def count_of_values(
        self,
        table: tuple[str, str],
        column: str,
        values: Sequence[str],
        key: Sequence[str],
        bounds: tuple[Sequence[str], Sequence[str]],
        *,
        where: str | None = None,
    ) -> int:
        """How many rows have one of these values in a column, as the project compares them. RestFailed.

        `table`: schema and name; `bounds`: of the key, without the first and with the last; an empty one is none.
        """
        schema, name = table
        after, last = bounds
        fixed = [f"and{where}"] if where else []
        fixed += [f"or{beyond(key, after)}"] if key and after else []
        fixed += [f"not.or{beyond(key, last)}"] if key and last else []
        found = 0
        for some in _short_enough([quoted(each) for each in dict.fromkeys(values)]):
            condition = ",".join((*fixed, f"{quoted(column)}.in.({','.join(some)})"))
            found += self._counted(name, schema, {"limit": "1", "and": f"({condition})"})
        return found

    def pages(
        self, schema: str, table: str, columns: Sequence[str], key: Sequence[str], *, where: str | None = None
    ) -> Iterator[Page]:
        """All rows in the order of the key, each cell as text. A cut page is no loss: reading ends at an empty one.

        Without a key one page is given, and nothing says which rows it holds where there are more. RestFailed.
        """
        for page in self.json_pages(schema, table, columns, key, where=where):
            yield page.rows

    def json_pages(
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        key: Sequence[str],
        *,
        where: str | None = None,
        after: Sequence[str] = (),
    ) -> Iterator[JsonPage]:
        """The same with each page's JSON; `after`: only rows whose key comes after this one. RestFailed."""
        fixed = {"select": select_of(columns), "limit": str(self._page)} | _meeting(where)
        if key:
            fixed["order"] = order_of(key)
        places = [columns.index(name) for name in key]
        last = list(after)
        while True:
            asked = fixed | ({"or": beyond(key, last)} if last else {})
            answer = self._get(f"/{quote(table, safe='')}", asked, {"Accept-Profile": schema, "Prefer": "timezone=UTC"})
            page = _rows(answer, len(columns))
            if page:
                yield JsonPage(_text(answer), page)
            if not page or not key:
                return
            end = [page[-1][place] for place in places]
            if None in end or end == last:
                raise RestFailed("the key holds NULL, or its order does not go on: rows cannot be read page by page")
            last = [value or "" for value in end]

    def rows_of(
        self,
        table: tuple[str, str],
        columns: Sequence[str],
        key: Sequence[str],
        keys: Sequence[Sequence[str | None]],
        *,
        where: str | None = None,
    ) -> Iterator[tuple[str | None, ...]]:
        """The rows with some keys, each cell as text. `table`: schema and name. RestFailed: not all of them come."""
        schema, name = table
        headers = {"Accept-Profile": schema, "Prefer": "count=exact, timezone=UTC"}
        for some in _short_enough([equal_to(key, each) for each in keys]):
            asked = {"select": select_of(columns), "or": f"({','.join(some)})"} | _meeting(where)
            answer = self._get(f"/{quote(name, safe='')}", asked, headers)
            page = _rows(answer, len(columns))
            total = _TOTAL.search(answer.headers.get("content-range", ""))
            if total is None or int(total[1]) != len(page):
                raise RestFailed("the project does not give all rows of some keys at once")
            yield from page

    def _get(self, path: str, parameters: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        return self._send("GET", path, parameters, headers)

    def _send(self, verb: str, path: str, parameters: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        for attempt in range(_TRIES):
            try:
                answer = self._client.request(verb, f"{self._base}{path}", params=parameters, headers=headers)
                break
            except httpx.TimeoutException:
                if attempt + 1 == _TRIES:
                    raise RestFailed("the project did not answer in time") from None
            except httpx.HTTPError as error:
                raise ConnectionFailed(
                    f"the project at {self.host} cannot be reached ({type(error).__name__})",
                    hint="Check --source-rest-url and the network.",
                ) from None
        if answer.status_code in (200, 206):
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: httpx.Response) -> Exception:
        """What a refusal means; the server's message may hold values and is not repeated."""
        status, code = answer.status_code, _code_of(answer)
        if status == 401:
            return PrivilegeMissing(
                f"the project at {self.host} refuses the key ({code or status})",
                hint="Check --source-api-key: it has to be this project's, and not expired.",
            )
        if status == 404 or code in ("PGRST205", "42P01"):
            return RestFailed("the project does not serve this table")
        if status == 403 or code == "42501":
            return RestFailed("the key's role may not read this table")
        if code == "57014":
            return RestFailed("the statement took longer than the project allows")
        return RestFailed(f"the project answers {status}{f' ({code})' if code else ''}")


def _meeting(where: str | None) -> dict[str, str]:
    return {} if where is None else {"and": where}


def _short_enough(conditions: Sequence[str]) -> Iterator[list[str]]:
    """Conditions in groups of which each fits in a URL."""
    some: list[str] = []
    for each in conditions:
        if some and sum(map(len, map(quote, some))) + len(quote(each)) > _URL_CHARACTERS:
            yield some
            some = []
        some.append(each)
    if some:
        yield some


def _rows(answer: httpx.Response, width: int) -> Page:
    try:
        data: Any = answer.json()
        found = [tuple(row[f"c{number}"] for number in range(width)) for row in data]
    except (ValueError, KeyError, TypeError):
        raise RestFailed("what answers is not the REST interface") from None
    if any(cell is not None and not isinstance(cell, str) for row in found for cell in row):
        raise RestFailed("the project does not cast columns to text")
    return found


def _text(answer: httpx.Response) -> str:
    try:
        # Not httpx's text, which takes another character for what it cannot decode.
        return answer.content.decode()
    except UnicodeDecodeError:
        raise RestFailed("what answers is not UTF-8") from None


def _code_of(answer: httpx.Response) -> str:
    try:
        data = answer.json()
    except ValueError:
        return ""
    code = data.get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.match(code) else ""
