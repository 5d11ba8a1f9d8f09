// The same data layer on pg, which asks PostgreSQL itself. Run by pgparity: target_command.

import pg from "pg";

import { methods, SHOWN } from "./methods.mjs";
import { serve } from "./rpc.mjs";

// A date has no zone: as a Date of JavaScript it would be a midnight, and another day elsewhere.
const DATE = 1082;
pg.types.setTypeParser(DATE, (text) => text);

class Clients {
  constructor(client) {
    this.client = client;
  }

  get_client({ number, company_id }) {
    return this.#one("SELECT * FROM clients WHERE number = $1 AND company_id = $2", [number, company_id]);
  }

  search_clients({ company_id, name }) {
    const pattern = `%${name.replace(/[\\%_]/g, "\\$&")}%`;
    return this.#many("SELECT * FROM clients WHERE company_id = $1 AND name ILIKE $2 ORDER BY number", [company_id, pattern]);
  }

  latest_clients({ company_id, limit = 10 }) {
    return this.#many(
      "SELECT * FROM clients WHERE company_id = $1 ORDER BY visited DESC NULLS FIRST, number LIMIT $2",
      [company_id, limit ?? 10],
    );
  }

  upsert_client({ number, company_id, name, phone = null }) {
    return this.#one(
      "INSERT INTO clients (number, company_id, name, phone) VALUES ($1, $2, $3, $4)" +
        " ON CONFLICT (number, company_id) DO UPDATE SET name = excluded.name, phone = excluded.phone RETURNING *",
      [number, company_id, name, phone],
    );
  }

  close() {
    return this.client.end();
  }

  async #one(statement, values) {
    return this.#answer(async () => (await this.#rows(statement, values))[0] ?? null);
  }

  async #many(statement, values) {
    return this.#answer(() => this.#rows(statement, values));
  }

  async #rows(statement, values) {
    const { rows } = await this.client.query(statement, values);
    return rows.map((row) => Object.fromEntries(SHOWN.map((name) => [name, row[name]])));
  }

  async #answer(ask) {
    try {
      return { success: true, data: await ask(), error: null };
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      return { success: false, data: null, error: { kind: error.code === "23505" ? "conflict" : "database", code: error.code } };
    }
  }
}

await serve(methods, async ({ dsn }) => {
  const client = new pg.Client({ connectionString: dsn });
  // A connection that is lost while nobody asks would end the program; the next call says it.
  client.on("error", (error) => console.error(error.message));
  await client.connect();
  return new Clients(client);
});
