"""A shop whose source is supabase-py and whose target is psycopg: the text of a schema and of both data layers."""

from __future__ import annotations

SCHEMA = """
CREATE TYPE order_state AS ENUM ('cart', 'paid', 'sent', 'cancelled');
CREATE TABLE shops (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE products (
    id bigserial PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, sku text NOT NULL, title text NOT NULL,
    category text, price numeric(10,2) NOT NULL CHECK (price >= 0), stock int NOT NULL DEFAULT 0,
    attributes jsonb NOT NULL DEFAULT '{}', labels text[], available boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz, UNIQUE (shop_id, sku));
CREATE TABLE customers (
    id bigserial PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, email text NOT NULL, name text,
    balance numeric(12,2) NOT NULL DEFAULT 0, archived boolean NOT NULL DEFAULT false, UNIQUE (shop_id, email));
CREATE TABLE orders (
    id bigserial PRIMARY KEY, shop_id int NOT NULL REFERENCES shops,
    customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE, state order_state NOT NULL DEFAULT 'cart',
    placed_at timestamptz NOT NULL DEFAULT now(), total numeric(12,2), comment text);
CREATE TABLE order_lines (
    id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, sku text NOT NULL,
    quantity int NOT NULL CHECK (quantity > 0), price numeric(10,2));
INSERT INTO shops VALUES (900100, 'Лавка'), (900200, 'Corner'), (900300, 'Empty');
INSERT INTO products (shop_id, sku, title, category, price, stock, attributes, labels, available, created_at)
  SELECT CASE WHEN n <= 70 THEN 900100 ELSE 900200 END, 'SKU-' || CASE WHEN n <= 70 THEN n ELSE n - 70 END,
         (ARRAY['Чай', 'чай зелёный', 'Mug', '50% off, "new"', 'snake_case'])[1 + n % 5] || ' ' || n % 6,
         (ARRAY['tea', 'Tea', 'mugs', NULL])[1 + n % 4], (n % 17) * 12.5 + 0.99, n % 10,
         CASE WHEN n % 2 = 0 THEN jsonb_build_object('colour', 'red', 'size', n % 3) ELSE '{}' END,
         CASE WHEN n % 3 > 0 THEN ARRAY['a', 'b'] END, n % 8 > 0,
         timestamptz '2026-01-01 20:00+00' + n * interval '9h'
  FROM generate_series(1, 110) n;
INSERT INTO customers (shop_id, email, name, balance, archived)
  SELECT CASE WHEN n % 3 > 0 THEN 900100 ELSE 900200 END,
         CASE WHEN n % 2 = 0 THEN 'Buyer' ELSE 'buyer' END || n / 2 || '@example.org',
         CASE WHEN n % 5 > 0 THEN (ARRAY['Ольга', 'ОЛЬГА', 'Sam'])[1 + n % 3] || ' ' || n % 7 END, n * 1.1, n % 10 = 0
  FROM generate_series(1, 80) n;
INSERT INTO orders (shop_id, customer_id, state, placed_at, total, comment)
  SELECT c.shop_id, c.id, (ARRAY['cart', 'paid', 'sent', 'cancelled'])[1 + n % 4]::order_state,
         timestamptz '2026-02-01 21:00+00' + (n % 90) * interval '6h', CASE WHEN n % 6 > 0 THEN n * 7.77 END,
         CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'order ' || n END
  FROM generate_series(1, 160) n JOIN customers c ON c.id = 1 + n * 3 % 70;
INSERT INTO order_lines (order_id, sku, quantity, price)
  SELECT 1 + n % 140, 'SKU-' || 1 + n % 60, 1 + n % 4, (n % 9) * 10.25 FROM generate_series(1, 280) n;
GRANT USAGE ON SCHEMA public TO service_role;
GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO service_role;
"""

SOURCE = """
from typing import Any

import httpx
from supabase import ClientOptions, create_client


class Shop:
    def __init__(self, url, key):
        self._http = httpx.Client()
        self._db = create_client(url, key, options=ClientOptions(
            httpx_client=self._http, auto_refresh_token=False, persist_session=False))

    def _escaped(self, text: str) -> str:
        return text.replace("\\\\", "\\\\\\\\").replace("%", "\\\\%").replace("_", "\\\\_")

    def product(self, shop_id: int, sku: str) -> dict[str, Any] | None:
        found = self._db.table("products").select("*").eq("shop_id", shop_id).eq("sku", sku).limit(1).execute()
        return found.data[0] if found.data else None

    def products(self, shop_id: int, category: str, limit: int = 30, offset: int = 0) -> list[dict[str, Any]]:
        return (self._db.table("products").select("sku,title,price,stock").eq("shop_id", shop_id)
                .eq("category", category).order("price", desc=True).order("sku")
                .range(offset, offset + limit - 1).execute().data)

    def search(self, shop_id: int, words: str) -> list[dict[str, Any]]:
        return (self._db.table("products").select("sku,title").eq("shop_id", shop_id).eq("available", True)
                .ilike("title", f"%{self._escaped(words).replace('*', '')}%").order("sku").execute().data)

    def low_stock(self, shop_id: int, threshold: int = 3) -> list[dict[str, Any]]:
        return (self._db.table("products").select("sku,stock").eq("shop_id", shop_id).lt("stock", threshold)
                .order("stock").order("sku").execute().data)

    def customer(self, shop_id: int, email: str) -> dict[str, Any]:
        return (self._db.table("customers").select("id,email,name,archived").eq("shop_id", shop_id)
                .eq("email", email).single().execute().data)

    def latest_orders(self, shop_id: int, count: int = 10) -> list[dict[str, Any]]:
        return (self._db.table("orders").select("id,state,total").eq("shop_id", shop_id)
                .order("total", desc=True).order("id").limit(count).execute().data)

    def orders_of(self, customer: int, states: list[str]) -> list[dict[str, Any]]:
        return (self._db.table("orders").select("id,state,comment").eq("customer_id", customer)
                .in_("state", states).order("id").execute().data)

    def count_orders(self, shop_id: int, state: str = "paid") -> int:
        return (self._db.table("orders").select("id", count="exact").eq("shop_id", shop_id).eq("state", state)
                .limit(1).execute().count)

    def order(self, shop_id: int, order_id: int) -> dict[str, Any] | None:
        found = (self._db.table("orders").select("id,comment,order_lines(sku,quantity)").eq("shop_id", shop_id)
                 .eq("id", order_id).order("id", foreign_table="order_lines").execute().data)
        return found[0] if found else None

    def save_customer(self, data: dict[str, Any]) -> dict[str, Any]:
        row = {name: data[name] for name in ("shop_id", "email", "name", "archived") if name in data}
        if not row:
            raise ValueError("nothing to save")
        found = self._db.table("customers").upsert(row, on_conflict="shop_id,email").execute().data[0]
        return {name: found[name] for name in ("shop_id", "email", "name", "archived")}

    def add_products(self, shop_id: int, items: list[dict[str, Any]]) -> int:
        rows = [{"shop_id": shop_id, "sku": each["sku"], "title": each["title"], "price": each["price"],
                 "category": each.get("category")} for each in items]
        if not rows:
            return 0
        return len(self._db.table("products").insert(rows).execute().data)

    def describe(self, shop_id: int, sku: str, attributes: dict[str, Any]) -> dict[str, Any] | None:
        found = (self._db.table("products").update({"attributes": attributes}).eq("shop_id", shop_id)
                 .eq("sku", sku).execute().data)
        return found[0]["attributes"] if found else None

    def cancel(self, shop_id: int, order_id: int, comment: str = "") -> bool:
        return bool(self._db.table("orders").update({"state": "cancelled", "comment": comment or None})
                    .eq("shop_id", shop_id).eq("id", order_id).execute().data)

    def drop_order(self, shop_id: int, order_id: int) -> int:
        return len(self._db.table("orders").delete().eq("shop_id", shop_id).eq("id", order_id).execute().data)

    def close(self):
        self._http.close()


def create(context):
    return Shop(context.rest_url, context.api_key)
"""

TARGET = """
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb


class SeveralOrNone(Exception):
    code = "PGRST116"


class Shop:
    def __init__(self, dsn):
        self._connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row, options="-c TimeZone=UTC")

    def _rows(self, statement, *values):
        return self._connection.execute(statement, values).fetchall()

    def _escaped(self, text: str) -> str:
        return text.replace("\\\\", "\\\\\\\\").replace("%", "\\\\%").replace("_", "\\\\_")

    def product(self, shop_id: int, sku: str) -> dict[str, Any] | None:
        found = self._rows("SELECT * FROM products WHERE shop_id = %s AND sku = %s", shop_id, sku)
        return found[0] if found else None

    def products(self, shop_id: int, category: str, limit: int = 30, offset: int = 0) -> list[dict[str, Any]]:
        return self._rows("SELECT sku, title, price, stock FROM products WHERE shop_id = %s AND category = %s"
                          " ORDER BY price DESC, sku LIMIT %s OFFSET %s", shop_id, category, limit, offset)

    def search(self, shop_id: int, words: str) -> list[dict[str, Any]]:
        return self._rows("SELECT sku, title FROM products WHERE shop_id = %s AND available AND title ILIKE %s"
                          " ORDER BY sku", shop_id, f"%{self._escaped(words).replace('*', '')}%")

    def low_stock(self, shop_id: int, threshold: int = 3) -> list[dict[str, Any]]:
        return self._rows("SELECT sku, stock FROM products WHERE shop_id = %s AND stock < %s ORDER BY stock, sku",
                          shop_id, threshold)

    def customer(self, shop_id: int, email: str) -> dict[str, Any]:
        found = self._rows("SELECT id, email, name, archived FROM customers WHERE shop_id = %s AND email = %s",
                           shop_id, email)
        if len(found) != 1:
            raise SeveralOrNone(email)
        return found[0]

    def latest_orders(self, shop_id: int, count: int = 10) -> list[dict[str, Any]]:
        return self._rows("SELECT id, state, total FROM orders WHERE shop_id = %s"
                          " ORDER BY total DESC NULLS FIRST, id LIMIT %s", shop_id, count)

    def orders_of(self, customer: int, states: list[str]) -> list[dict[str, Any]]:
        return self._rows("SELECT id, state, comment FROM orders WHERE customer_id = %s"
                          " AND state = ANY(%s::order_state[]) ORDER BY id", customer, states)

    def count_orders(self, shop_id: int, state: str = "paid") -> int:
        return self._rows("SELECT count(*) AS n FROM orders WHERE shop_id = %s AND state = %s", shop_id, state)[0]["n"]

    def order(self, shop_id: int, order_id: int) -> dict[str, Any] | None:
        found = self._rows("SELECT id, comment FROM orders WHERE shop_id = %s AND id = %s", shop_id, order_id)
        if not found:
            return None
        lines = self._rows("SELECT sku, quantity FROM order_lines WHERE order_id = %s ORDER BY id", order_id)
        return {**found[0], "order_lines": lines}

    def save_customer(self, data: dict[str, Any]) -> dict[str, Any]:
        row = {name: data[name] for name in ("shop_id", "email", "name", "archived") if name in data}
        if not row:
            raise ValueError("nothing to save")
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        changes = ", ".join(f"{name} = excluded.{name}" for name in row)
        return self._rows(f"INSERT INTO customers ({names}) VALUES ({places}) ON CONFLICT (shop_id, email)"
                          f" DO UPDATE SET {changes} RETURNING shop_id, email, name, archived", *row.values())[0]

    def add_products(self, shop_id: int, items: list[dict[str, Any]]) -> int:
        with self._connection.transaction():
            for each in items:
                self._connection.execute(
                    "INSERT INTO products (shop_id, sku, title, price, category) VALUES (%s, %s, %s, %s, %s)",
                    (shop_id, each["sku"], each["title"], each["price"], each.get("category")))
        return len(items)

    def describe(self, shop_id: int, sku: str, attributes: dict[str, Any]) -> dict[str, Any] | None:
        found = self._rows("UPDATE products SET attributes = %s WHERE shop_id = %s AND sku = %s RETURNING attributes",
                           None if attributes is None else Jsonb(attributes), shop_id, sku)
        return found[0]["attributes"] if found else None

    def cancel(self, shop_id: int, order_id: int, comment: str = "") -> bool:
        return bool(self._rows("UPDATE orders SET state = 'cancelled', comment = %s WHERE shop_id = %s AND id = %s"
                               " RETURNING id", comment or None, shop_id, order_id))

    def drop_order(self, shop_id: int, order_id: int) -> int:
        return self._connection.execute("DELETE FROM orders WHERE shop_id = %s AND id = %s",
                                        (shop_id, order_id)).rowcount

    def close(self):
        self._connection.close()


def create(context):
    return Shop(context.dsn)
"""
