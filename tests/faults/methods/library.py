"""A library on async psycopg: records as arguments, exceptions as errors; the text of a schema and of a data layer."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL, country char(2));
CREATE TABLE books (
    isbn text PRIMARY KEY CHECK (isbn <> ''), title text NOT NULL, author_id int REFERENCES authors, genre text,
    pages int CHECK (pages > 0), languages text[] NOT NULL DEFAULT '{ru}', published date, price numeric(8,2),
    details jsonb, added_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE readers (
    id bigserial PRIMARY KEY, branch int NOT NULL, card text NOT NULL, name text NOT NULL, email text,
    settings jsonb NOT NULL DEFAULT '{}', blocked boolean NOT NULL DEFAULT false, visits int NOT NULL DEFAULT 0,
    token uuid NOT NULL DEFAULT gen_random_uuid(), joined_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz, UNIQUE (branch, card));
CREATE TABLE loans (
    id bigserial PRIMARY KEY, isbn text NOT NULL REFERENCES books, reader_id bigint NOT NULL REFERENCES readers,
    branch int NOT NULL, taken date NOT NULL, due date NOT NULL, returned date, fine numeric(8,3) NOT NULL DEFAULT 0,
    CHECK (due >= taken));
CREATE TABLE reviews (
    id bigserial PRIMARY KEY, isbn text NOT NULL REFERENCES books ON DELETE CASCADE,
    reader_id bigint REFERENCES readers,
    stars smallint CHECK (stars BETWEEN 1 AND 5), body text, likes bigint NOT NULL DEFAULT 0);
CREATE TABLE journal (id bigserial PRIMARY KEY, happened text NOT NULL, subject text, at timestamptz DEFAULT now());
CREATE FUNCTION journal_loan() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO public.journal (happened, subject) VALUES (TG_OP, NEW.isbn);
    RETURN NEW;
  END $$;
CREATE TRIGGER journal_loan AFTER INSERT OR UPDATE ON loans FOR EACH ROW EXECUTE FUNCTION journal_loan();

INSERT INTO authors SELECT n, (ARRAY['Лев Толстой', 'J. Austen', 'Ё. Ёлкин', 'Å. Öberg', 'анна ахматова'])[1 + n % 5]
  || ' ' || n, CASE WHEN n % 4 > 0 THEN 'RU' END FROM generate_series(1, 20) n;
INSERT INTO books (isbn, title, author_id, genre, pages, languages, published, price, details, added_at)
  SELECT '978-' || lpad(n::text, 5, '0'),
         (ARRAY['Война и мир', 'ВОЙНА', 'Emma', '100%_real', 'Сад', 'Cafe' || U&'\\0301', 'Café'])[1 + n % 7]
           || CASE WHEN n % 3 = 0 THEN ' т. ' || n % 5 ELSE '' END,
         CASE WHEN n % 6 > 0 THEN 1 + n % 20 END, (ARRAY['novel', 'poetry', 'Novel', NULL])[1 + n % 4],
         CASE WHEN n % 5 > 0 THEN 40 + n * 7 % 600 END, CASE WHEN n % 3 = 0 THEN ARRAY['en', 'ru'] ELSE ARRAY['ru'] END,
         CASE WHEN n % 7 > 0 THEN date '1990-12-20' + n * 31 END, CASE WHEN n % 4 > 0 THEN n * 3.335 END,
         CASE WHEN n % 2 = 0 THEN jsonb_build_object('shelf', n % 9, 'signed', n % 4 = 0) END,
         timestamptz '2026-01-01 22:00+00' + n * interval '3h'
  FROM generate_series(1, 120) n;
INSERT INTO readers (branch, card, name, email, settings, blocked, visits, token, joined_at)
  SELECT 1 + n % 3, 'C' || 1 + n / 3, (ARRAY['Пётр', 'ПЁТР', 'Eve', 'eve', 'Zoë'])[1 + n % 5] || ' Reader',
         CASE WHEN n % 4 > 0 THEN 'reader' || n || '@example.org' END,
         CASE WHEN n % 2 = 0 THEN jsonb_build_object('lang', 'ru', 'mail', jsonb_build_object('daily', true, 'n', n))
              ELSE '{}' END, n % 9 = 0, n % 50, md5(n::text)::uuid,
         timestamptz '2025-06-01 21:30+00' + n * interval '7h'
  FROM generate_series(1, 90) n;
INSERT INTO loans (isbn, reader_id, branch, taken, due, returned, fine)
  SELECT '978-' || lpad((1 + n * 3 % 110)::text, 5, '0'), r.id, r.branch, date '2026-01-01' + n % 60,
         date '2026-01-15' + n % 60, CASE WHEN n % 3 > 0 THEN date '2026-01-10' + n % 60 END,
         CASE WHEN n % 5 = 0 THEN n * 0.125 ELSE 0 END
  FROM generate_series(1, 200) n JOIN readers r ON r.id = 1 + n * 5 % 80;
INSERT INTO reviews (isbn, reader_id, stars, body, likes)
  SELECT '978-' || lpad((1 + n * 2 % 100)::text, 5, '0'), CASE WHEN n % 5 > 0 THEN 1 + n % 80 END, 1 + n % 5,
         CASE WHEN n % 4 > 0 THEN 'Text ' || n % 6 END, CASE WHEN n % 20 = 0 THEN 2147483647 ELSE n END
  FROM generate_series(1, 150) n;
"""

LAYER = '''
import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Optional, TypedDict, Union

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb


class NotFound(Exception):
    """There is no such thing in this library."""


class BookQuery(TypedDict, total=False):
    title: str
    genre: Optional[str]
    author: int
    limit: int
    offset: int


@dataclasses.dataclass
class NewBook:
    isbn: str
    title: str
    author_id: Optional[int] = None
    genre: Optional[str] = None
    pages: Optional[int] = None
    price: Optional[Decimal] = None
    languages: list[str] = dataclasses.field(default_factory=lambda: ["ru"])


class Library:
    def __init__(self, connection):
        self.__db = connection

    async def _fetch(self, query, values=()):
        cursor = await self.__db.execute(query, values)
        return await cursor.fetchall()

    async def _first(self, query, values=()):
        rows = await self._fetch(query, values)
        return rows[0] if rows else None

    async def book(self, isbn: str):
        row = await self._first("SELECT * FROM books WHERE isbn = %(isbn)s", {"isbn": isbn})
        if row is None:
            raise NotFound(isbn)
        return row

    async def find_books(self, query: BookQuery):
        wanted, values = ["true"], {"limit": query.get("limit", 25), "offset": query.get("offset", 0)}
        if query.get("title"):
            wanted.append("title ILIKE %(title)s")
            values["title"] = f"%{query['title']}%"
        if "genre" in query:
            wanted.append("genre IS NOT DISTINCT FROM %(genre)s")
            values["genre"] = query["genre"]
        if query.get("author") is not None:
            wanted.append("author_id = %(author)s")
            values["author"] = query["author"]
        return await self._fetch(
            "SELECT isbn, title, genre, pages FROM books WHERE " + " AND ".join(wanted)
            + " ORDER BY title, isbn LIMIT %(limit)s OFFSET %(offset)s", values)

    async def books_with_authors(self, genre: str) -> list:
        return await self._fetch(
            "SELECT b.isbn, b.title, a.name AS author FROM books b LEFT JOIN authors a ON a.id = b.author_id"
            " WHERE b.genre = %s ORDER BY b.isbn", (genre,))

    async def longest(self, top: int = 5) -> list:
        return await self._fetch(
            "SELECT isbn, pages FROM books ORDER BY pages DESC NULLS LAST, isbn LIMIT %s", (top,))

    async def by_isbns(self, isbns: Sequence[str]) -> dict:
        rows = await self._fetch("SELECT isbn, title FROM books WHERE isbn = ANY(%s)", (list(isbns),))
        return {row["isbn"]: row["title"] for row in rows}

    async def languages(self, isbn: str) -> Optional[list]:
        row = await self._first("SELECT languages FROM books WHERE isbn = %s", (isbn,))
        return row and row["languages"]

    async def prices(self, low: Decimal, high: Decimal):
        return [(row["isbn"], row["price"]) for row in await self._fetch(
            "SELECT isbn, price FROM books WHERE price >= %s AND price <= %s ORDER BY price, isbn", (low, high))]

    async def add_book(self, book: NewBook):
        if isinstance(book, dict):
            book = NewBook(**book)
        return await self._first(
            "INSERT INTO books (isbn, title, author_id, genre, pages, price, languages)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING *",
            (book.isbn, book.title, book.author_id, book.genre, book.pages, book.price, book.languages))

    async def remove_book(self, isbn: str) -> int:
        cursor = await self.__db.execute("DELETE FROM books WHERE isbn = %s", (isbn,))
        return cursor.rowcount

    async def reader(self, branch: int, card: str):
        row = await self._first(
            "SELECT id, branch, card, name, email, settings, blocked, joined_at FROM readers"
            " WHERE branch = %s AND card = %s", (branch, card))
        if row is None:
            raise NotFound(card)
        return row

    async def register(self, reader: dict):
        return await self._first(
            "INSERT INTO readers (branch, card, name, email, settings) VALUES"
            " (%(branch)s, %(card)s, %(name)s, %(email)s, %(settings)s)"
            " ON CONFLICT (branch, card) DO UPDATE SET name = excluded.name, email = excluded.email,"
            " settings = excluded.settings, changed_at = now() RETURNING *",
            {"email": None, **reader, "settings": Jsonb(reader.get("settings") or {})})

    async def import_readers(self, rows: list[dict]) -> int:
        async with self.__db.transaction():
            for row in rows:
                await self.__db.execute(
                    "INSERT INTO readers (branch, card, name, email) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (branch, card) DO NOTHING",
                    (row["branch"], row["card"], row["name"], row.get("email")))
        return len(rows)

    async def change_settings(self, reader_id: int, settings: dict) -> Optional[dict]:
        row = await self._first(
            "UPDATE readers SET settings = settings || %s, changed_at = now() WHERE id = %s RETURNING settings",
            (Jsonb(settings), reader_id))
        return row and row["settings"]

    async def block(self, branch: int, card: str, *, blocked: bool = True) -> None:
        cursor = await self.__db.execute(
            "UPDATE readers SET blocked = %s WHERE branch = %s AND card = %s", (blocked, branch, card))
        if cursor.rowcount == 0:
            raise NotFound(card)

    async def visited(self, reader_id: int, times: int = 1) -> Optional[int]:
        row = await self._first(
            "UPDATE readers SET visits = visits + %s WHERE id = %s RETURNING visits", (times, reader_id))
        return row and row["visits"]

    async def lend(self, isbn: str, reader_id: int, branch: int, taken: dt.date, days: int = 14):
        return await self._first(
            "INSERT INTO loans (isbn, reader_id, branch, taken, due) VALUES (%s, %s, %s, %s, %s) RETURNING id, due",
            (isbn, reader_id, branch, taken, taken + dt.timedelta(days=days)))

    async def give_back(self, loan: int, on: dt.date) -> bool:
        cursor = await self.__db.execute(
            "UPDATE loans SET returned = %s WHERE id = %s AND returned IS NULL", (on, loan))
        return cursor.rowcount == 1

    async def overdue(self, on: dt.date, *, branch: Optional[int] = None) -> list:
        return await self._fetch(
            "SELECT id, isbn, reader_id, due FROM loans WHERE returned IS NULL AND due < %(on)s"
            " AND (%(branch)s::int IS NULL OR branch = %(branch)s) ORDER BY due, id",
            {"on": on, "branch": branch})

    async def history(self, reader_id: int, page: int = 0, rows: int = 3) -> list:
        return await self._fetch(
            "SELECT isbn, taken, due, returned FROM loans WHERE reader_id = %s ORDER BY taken DESC, id"
            " OFFSET %s LIMIT %s", (reader_id, page * rows, rows))

    async def fines(self, reader_id: int) -> Decimal:
        row = await self._first(
            "SELECT round(coalesce(sum(fine), 0), 2) AS due FROM loans WHERE reader_id = %s", (reader_id,))
        return row["due"]

    async def stars(self, isbn: str) -> Union[dict, None]:
        return await self._first(
            "SELECT count(*) AS n, avg(stars)::numeric(4,2) AS mean FROM reviews WHERE isbn = %s", (isbn,))

    async def like(self, review: int, times: int) -> Optional[int]:
        row = await self._first(
            "UPDATE reviews SET likes = likes + %s WHERE id = %s RETURNING likes", (times, review))
        return row and row["likes"]

    async def top_reviews(self, isbn: str, limit: int = 3):
        """By stars alone: which of equals come first is nobody's concern."""
        return await self._fetch(
            "SELECT id, stars FROM reviews WHERE isbn = %s ORDER BY stars DESC LIMIT %s", (isbn, limit))

    async def suggestion(self, genre: str):
        return await self._first("SELECT isbn, title FROM books WHERE genre = %s ORDER BY random() LIMIT 1", (genre,))

    async def new_token(self, reader_id: int) -> Optional[str]:
        row = await self._first(
            "UPDATE readers SET token = gen_random_uuid() WHERE id = %s RETURNING token", (reader_id,))
        return row and str(row["token"])

    async def pages_by_genre(self):
        async with self.__db.cursor() as cursor:
            await cursor.execute("SELECT genre, sum(pages) AS pages FROM books GROUP BY genre")
            async for row in cursor:
                yield row

    async def aclose(self):
        await self.__db.close()


async def create(context):
    return Library(await AsyncConnection.connect(context.dsn, autocommit=True, row_factory=dict_row))
'''
