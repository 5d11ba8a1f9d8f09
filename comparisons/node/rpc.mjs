// Serves a data layer to pgparity: JSON-RPC 2.0, one object a line, on standard input and output (docs/json-rpc.md).

import { createInterface } from "node:readline";

// Standard output belongs to the protocol: what a layer, or a library of its, prints goes to standard error.
console.log = console.info = console.debug = console.error;

const CONNECTION = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EHOSTUNREACH"]);
const TIMEOUT = new Set(["ETIMEDOUT", "ABORT_ERR", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT"]);

/** A value as JSON has it; what JSON does not have stands under a tag, so that nothing of it is lost. */
export function tagged(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "number") return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== "object") return typeof value === "function" ? null : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? { $number: "NaN" } : { $timestamp: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, tagged);
  if (typeof value.toJSON === "function") return tagged(value.toJSON());
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  // A field that is undefined is left out, as JSON.stringify does it.
  const fields = Object.fromEntries(entries.filter(([, each]) => each !== undefined).map(([key, each]) => [key, tagged(each)]));
  return Object.keys(fields).some((key) => key.startsWith("$")) ? { $object: fields } : fields;
}

/** A value as JavaScript has it. Decimals, dates, times and UUIDs are texts here: its own types would change them. */
export function untagged(value) {
  if (Array.isArray(value)) return value.map(untagged);
  if (value === null || typeof value !== "object") return value;
  const [tag, ...others] = Object.keys(value);
  if (others.length === 0 && tag?.startsWith("$")) {
    const text = value[tag];
    if (tag === "$object") return fieldsOf(text);
    if (tag === "$bigint") return BigInt(text);
    if (tag === "$number") return Number(text);
    if (tag === "$bytes") return Buffer.from(text, "base64");
    return text;
  }
  return fieldsOf(value);
}

function fieldsOf(value) {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, untagged(each)]));
}

/** Kind and code of an error, without its text, which may hold what is in a row. */
function described(error) {
  const code = error?.code ?? error?.cause?.code;
  const kind = CONNECTION.has(code) ? "connection" : TIMEOUT.has(code) ? "timeout" : error?.kind ?? error?.name ?? "error";
  return { kind: String(kind), code: code === undefined || code === null || code === "" ? null : String(code) };
}

/**
 * Serve the data layer that `create({ dsn, rest_url, api_key })` gives.
 *
 * `methods` describes its methods: { get_client: { number: "integer", name: "text?" } }, where ? means that null is
 * allowed and that the argument may be left out. A method is called with one object of arguments.
 */
export async function serve(methods, create) {
  let layer = null;
  const answers = {
    async initialize({ dsn, rest_url, api_key }) {
      layer = await create({ dsn, rest_url, api_key });
      return {
        protocol: 1,
        methods: Object.entries(methods).map(([name, parameters]) => ({
          name,
          parameters: Object.entries(parameters).map(([each, type]) => ({ name: each, type, required: !type.endsWith("?") })),
        })),
      };
    },
    async call({ method, arguments: given }) {
      if (!Object.hasOwn(methods, method)) throw { rpc: -32601 };
      const named = untagged(given);
      const began = performance.now();
      try {
        const answer = await layer[method](named);
        return { answer: tagged(answer), milliseconds: performance.now() - began };
      } catch (error) {
        return { error: described(error), milliseconds: performance.now() - began };
      }
    },
    async close() {
      await layer?.close?.();
      layer = null;
      return {};
    },
  };
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    let id = null;
    let said;
    try {
      const asked = JSON.parse(line);
      id = asked.id;
      if (!Object.hasOwn(answers, asked.method)) throw { rpc: -32601 };
      said = { result: await answers[asked.method](asked.params) };
    } catch (error) {
      console.error(error?.rpc ? `no such method (${error.rpc})` : error);
      said = { error: { code: error?.rpc ?? -32603, message: "it failed; standard error says how" } };
    }
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...said })}\n`);
  }
  // pgparity has gone, or has closed: what the layer still holds open must not keep the program.
  process.exit(0);
}
