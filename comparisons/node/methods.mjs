// The methods that both data layers have, and what each takes.

export const methods = {
  get_client: { number: "integer", company_id: "integer" },
  search_clients: { company_id: "integer", name: "text" },
  latest_clients: { company_id: "integer", limit: "integer?" },
  upsert_client: { number: "integer", company_id: "integer", name: "text?", phone: "text?" },
};

export const SHOWN = ["number", "company_id", "name", "phone", "spent", "visited", "created_at"];
