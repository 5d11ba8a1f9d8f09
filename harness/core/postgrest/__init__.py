"""PostgREST's grammar: URL, headers and body to a request model, and back.

from harness.core.postgrest.parse import parse        # an HTTP request -> Request, or RequestError
from harness.core.postgrest.render import query_string  # Query -> query string
from harness.core.postgrest.usage import columns_used  # Request -> the names that it uses
"""
