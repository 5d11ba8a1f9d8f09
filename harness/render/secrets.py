"""The last net under reports and run documents: what looks like a password or a key is blotted out, wherever it stands.

Secrets are kept away where connections are made; none should come as far as here. A text of a driver, of a server or of
a definition may still hold one some day, and reports are passed on. Plans, snapshots, digests and repairs are not
blotted: they are there to be used. What is known: passwords of addresses, of connection strings and of statements
(PASSWORD '…', password = '…', in dollar quotes too), JSON web tokens, and the keys of a Supabase project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from harness.core.conninfo import ADDRESS_PASSWORDS, SETTING, VALUE

if TYPE_CHECKING:  # an error is blotted too, and needs nothing of it
    from harness.core.document import RunDocument

BLOT: Final = "***"
OTHER: Final = "***(other)"
"""On the target, where nothing but the secret tells the sides apart: two that differ never look the same"""
NOT_WHOLE: Final = "-- Not to be run: what looks like a password or a key stands as *** below."
"""The first line of a statement in which something was blotted out"""

# In SQL, what is given is often no password but where it comes from; and a blot is no secret.
_FROM_ELSEWHERE = (
    r"(?!\*\*\*(?!\w)|(?:\$\d+|%[sLI]|%\(\w+\)s|:[A-Za-z_]\w*|\?)(?![\w$])|(?:new|old|excluded)\.\w"
    r"|(?:\w+\.)?(?:btrim|coalesce|concat|convert_to|crypt|current_setting|decode|digest|encode|encrypt|format"
    r"|gen_salt|hmac|left|lower|md5|nullif|quote_literal|replace|right|sha\d+|substr|substring|trim|upper)\()"
)
_GIVEN = r"\s*(?::=|=>?)\s*"
# '…' as SQL and libpq quote, ''…'' of a literal in a literal, and one whose end was cut off
_OF_LITERAL = r"''(?=[^\s',;)])(?:[^'\\]|\\.)+''|'(?:[^'\\]|\\.|'')+'|'[^\s',;)]\S*"
# $$…$$ and $tag$…$tag$, and one whose end was cut off; none begins with what may follow the end of another
_OF_DOLLARS = r"\$(?P<tag>(?:[^\W\d]\w*)?)\$(?:(?:[^\s$,;)].{0,4096}?|\S{1,4096}?)\$(?P=tag)\$|[^\s$,;)]\S*)"
_QUOTED = rf"(?:{_OF_LITERAL}|{_OF_DOLLARS})"
_SECRETS = (
    *ADDRESS_PASSWORDS,
    re.compile(rf"(?is)(?P<head>\b{SETTING}\s*=\s*{VALUE}\s+\w*password\s*=\s*)(?!\*\*\*(?!\w)){VALUE}"),
    re.compile(rf"(?is)(?P<head>password\s*=\s*)(?!\*\*\*(?!\w)){VALUE}(?=\s+{SETTING}\s*=)"),
    re.compile(rf'(?is)(?P<head>password(?:"?{_GIVEN}|\s+))e?{_QUOTED}'),
    re.compile(rf'(?is)(?P<head>password{_GIVEN})"(?:[^"\\]|\\.)+"'),
    re.compile(rf"""(?i)(?P<head>password=){_FROM_ELSEWHERE}(?:[^\s'"&,;)]|[,;)]+(?![\w.]*=)(?=[^\s'"&,;)]))+"""),
    # No boundary before them: a text that was escaped has the n of \n there.
    re.compile(r"(?P<head>eyJ)[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?P<head>sb_(?:secret|publishable)_)[\w-]{6,}"),
)
_LIKELY = re.compile(r"(?i)password|://[^\s/:@]*:|eyJ[\w-]{8}|sb_(?:secret|publishable)_")
"""In every text that holds a secret, escaped as JSON or not"""
_STATEMENTS = (("sql", "why"), ("sql", "text"), ("query", "code"))
"""Where a run document has statements: of a step, of a fix or a precheck, of a finding; with what stands beside it"""


def blotted(text: str, blot: str = BLOT) -> str:
    """The text without passwords of addresses, conninfos and statements, JSON web tokens and keys of a project."""
    if not _LIKELY.search(text):
        return text
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: found["head"] + blot, text)
    return text


def blotted_document(document: RunDocument) -> RunDocument:
    """The document itself where nothing in it looks like a secret, else one in which that is blotted out.

    Statements that were changed begin with NOT_WHOLE, and a fix of which one is left is not called safe.
    """
    if not _LIKELY.search(document.to_json()):
        return document
    data = document.to_data()
    clean = blotted_data(data)
    return document if clean == data else type(document).model_validate(clean)


def blotted_data(value: Any, blot: str = BLOT) -> Any:
    """As `blotted`, for every string of what is to be written as JSON."""
    if isinstance(value, str):
        return blotted(value, blot)
    if isinstance(value, list | tuple):
        return [blotted_data(inner, blot) for inner in value]
    if not isinstance(value, Mapping):
        return value
    clean = {blotted(name): blotted_data(inner, blot) for name, inner in value.items()}
    for name, beside in _STATEMENTS:
        if beside in value and isinstance(value.get(name), str) and clean[name] != value[name]:
            clean[name] = f"{NOT_WHOLE}\n{clean[name]}"
            if "safe" in value:
                clean["safe"] = False
    if value.get("source") != value.get("target") and clean.get("source") == clean.get("target"):
        clean["target"] = blotted_data(value["target"], OTHER)
    return clean
