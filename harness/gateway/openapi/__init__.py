"""The OpenAPI 2.0 description that answers requests for the root
(https://docs.postgrest.org/en/v16/references/api/openapi.html).
"""
