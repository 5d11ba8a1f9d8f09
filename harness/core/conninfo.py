"""Connection strings as libpq reads them, and one without its passwords.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
"""

from __future__ import annotations

import re

VALUE = r"(?:'(?:[^'\\]|\\.)*'|(?>(?:[^\s'\\]|\\.){1,4096}))"
"""A setting's value: quoted, or up to a blank; a backslash takes the next character as it is. That none is longer than
4,096 characters keeps the time down that a long text without a blank takes."""
SETTING = (
    r"(?:host|hostaddr|port|dbname|user|service|passfile|sslmode|sslrootcert|connect_timeout|application_name"
    r"|channel_binding|client_encoding|gssencmode|keepalives|target_session_attrs)"
)
"""Names of settings by which a text is known for a connection string"""

# A password that should have been percent-encoded holds @, / and quotes: it ends at the last @ before a blank, and
# before a quote that ends the literal in which the address stands.
_KEPT_BACK = r"""(?:(?!["'][,;)}\]])\S){1,4096}(?=@)"""
_HEAD = r"""[^\s/:@\[\]"']*:"""
_BLOTTED = r"(?!\*\*\*(?:\(other\))?@)"
ADDRESS_PASSWORDS = (
    # Digits after the colon are a port where what follows is no password: of PostgreSQL's own addresses only a path
    # without @ and settings do, of any other address whatever a path may hold.
    re.compile(
        rf"""(?i)(?P<head>postgres(?:ql)?(?:\+\w+)?://{_HEAD}){_BLOTTED}"""
        rf"""(?!\d{{1,5}}(?:[,/;)\]}}#][^\s@?"']*)?(?:\?[\w.]+=|["']?(?:[,;)}}\]\s]|\Z))){_KEPT_BACK}"""
    ),
    re.compile(rf"""(?P<head>://{_HEAD}){_BLOTTED}(?!\d{{1,5}}(?:[/?#,;)\]}}\s"'\\]|\Z)){_KEPT_BACK}"""),
)
"""The password in scheme://user:password@host, wherever in a text; `head` is what stands before it."""

_ONE = re.compile(rf"\s*(\w+)\s*=\s*({VALUE}|)\s*", re.DOTALL)
_SECRET = re.compile(r"passw|secret|scram_\w+_key|token", re.IGNORECASE)


def without_passwords(conninfo: str) -> str:
    """A connection string or address without its passwords; one that has none stays as it is."""
    if "://" in conninfo[:16]:
        bare = ADDRESS_PASSWORDS[0].sub(lambda found: found["head"].removesuffix(":"), conninfo)
        head, mark, settings = bare.partition("?")
        kept = [each for each in settings.split("&") if not _SECRET.search(each.partition("=")[0])]
        return head + (mark + "&".join(kept) if kept and mark else "")
    kept = []
    position = 0
    secret = False
    while position < len(conninfo) and (match := _ONE.match(conninfo, position)):
        position = match.end()
        if _SECRET.search(match[1]):
            secret = True
        else:
            kept.append(f"{match[1]}={match[2]}")
    if position < len(conninfo):
        # Nothing that is not understood is shown.
        return " ".join(kept)
    return " ".join(kept) if secret else conninfo
