"""What OPTIONS says of a table, a function or the root (https://docs.postgrest.org/en/v16/references/api/options.html)."""

from __future__ import annotations

from harness.core.postgrest.model import Request
from harness.gateway.cache.schema_cache import Name, SchemaCache
from harness.gateway.planning.functions import choose


def allowed_methods(request: Request, path: str, cache: SchemaCache) -> str:
    """The methods that a target allows, for the header Allow.

    :raises RequestError: PGRST205 or PGRST202 where there is no such target.
    """
    if not request.target:
        return "OPTIONS,GET,HEAD"
    name = Name(request.schema, request.target)
    if path.lstrip("/").startswith("rpc/"):
        arguments = [key for key, _ in request.query.arguments]
        function = choose(cache, name, arguments, request.content_type, has_body=False)
        return "OPTIONS,GET,HEAD,POST" if function.read_only else "OPTIONS,POST"
    table = cache.table(name)
    allowed = ["OPTIONS", "GET", "HEAD"]
    allowed += ["POST"] if table.insertable else []
    allowed += ["PUT"] if table.insertable and table.updatable and table.primary_key else []
    allowed += ["PATCH"] if table.updatable else []
    allowed += ["DELETE"] if table.deletable else []
    return ",".join(allowed)
