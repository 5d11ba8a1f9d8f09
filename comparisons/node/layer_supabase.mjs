// A small data layer on supabase-js, as an application on Supabase has it. Run by pgparity: source_command.

import { createClient } from "@supabase/supabase-js";

import { methods, SHOWN } from "./methods.mjs";
import { serve } from "./rpc.mjs";

class Clients {
  constructor(client) {
    this.client = client;
  }

  async get_client({ number, company_id }) {
    return this.#answer(
      await this.#clients().select(SHOWN.join(",")).eq("number", number).eq("company_id", company_id).maybeSingle(),
    );
  }

  async search_clients({ company_id, name }) {
    const pattern = `%${name.replace(/[\\%_]/g, "\\$&")}%`;
    return this.#answer(
      await this.#clients().select(SHOWN.join(",")).eq("company_id", company_id).ilike("name", pattern).order("number"),
    );
  }

  async latest_clients({ company_id, limit = 10 }) {
    return this.#answer(
      await this.#clients()
        .select(SHOWN.join(","))
        .eq("company_id", company_id)
        .order("visited", { ascending: false, nullsFirst: true })
        .order("number")
        .limit(limit ?? 10),
    );
  }

  async upsert_client({ number, company_id, name, phone = null }) {
    return this.#answer(
      await this.#clients()
        .upsert({ number, company_id, name, phone }, { onConflict: "number,company_id" })
        .select(SHOWN.join(","))
        .single(),
    );
  }

  #clients() {
    return this.client.from("clients");
  }

  #answer({ data, error }) {
    if (error) return { success: false, data: null, error: { kind: kindOf(error.code), code: error.code } };
    return { success: true, data, error: null };
  }
}

function kindOf(code) {
  return code === "23505" ? "conflict" : "database";
}

await serve(methods, ({ rest_url, api_key }) =>
  new Clients(createClient(rest_url, api_key, { auth: { persistSession: false, autoRefreshToken: false } })),
);
