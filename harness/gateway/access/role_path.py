"""The setting jwt-role-claim-key: a JSONPath (RFC 9535) into the claims of a token, with PostgREST's `search()`.

PostgREST matches with POSIX-like expressions, in which `^` and `$` are anchors; the I-Regexp of the standard's own
`search()` has no anchors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from harness.errors import ConfigurationError


class _Search(FilterFunction):
    """Whether a regular expression is found in a string."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 - the library's own interface
    return_type = ExpressionType.LOGICAL

    def __call__(self, text: object, pattern: object) -> bool:
        """False for what is no string, and for a pattern that is none."""
        if not isinstance(text, str) or not isinstance(pattern, str):
            return False
        try:
            return re.search(pattern, text) is not None
        except re.error:
            return False


class _Environment(JSONPathEnvironment):
    def setup_function_extensions(self) -> None:
        """PostgREST knows `search()` alone."""
        self.function_extensions["search"] = _Search()


_ENVIRONMENT = _Environment()


class RolePath:
    """Where in the claims the role stands.

    :raises ConfigurationError: where the text is no JSONPath.
    """

    def __init__(self, text: str) -> None:
        try:
            self._query: JSONPathQuery = _ENVIRONMENT.compile(text)
        except (JSONPathError, RecursionError) as error:
            hint = "Since version 16 it is a JSONPath (RFC 9535) that begins with $, such as $.role or $['my role']"
            raise ConfigurationError(
                f"failed to parse jwt-role-claim-key value ({text}): {error}",
                hint=f"{hint}; in a configuration file $ is written $$.",
            ) from None

    def first(self, claims: Mapping[str, object]) -> tuple[Any] | None:
        """The first node that the path finds, in a tuple of its own so that null can be told from nothing."""
        try:
            node = self._query.find_one(cast("dict[str, Any]", dict(claims)))
        except (JSONPathError, RecursionError):
            return None
        return None if node is None else (node.value,)
