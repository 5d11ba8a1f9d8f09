"""Personal tokens: what stands in a recorded call where a personal value was, and what it can be replaced by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.tagged_values import WrongTag, untagged

TAG: Final = "$personal"
_PLACEHOLDERS: Final[Mapping[str, str]] = {
    "$bigint": "0",
    "$bytes": "",
    "$date": "2000-01-01",
    "$decimal": "0",
    "$interval": "0",
    "$number": "0",
    "$time": "00:00:00",
    "$timestamp": "2000-01-01T00:00:00+00:00",
    "$uuid": "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A value that was not written down: a keyed hash of its text, and where its like can be found."""

    hash: str
    column: str | None = None
    """table.column or schema.table.column, where the application declared one"""
    argument: str = ""
    """The name that it stood under; '' in a list"""
    form: str = "text"
    """text, integer, or the tag of its type"""

    def value(self, text: str) -> Any:
        """The value that this text stands for. ValueError where it stands for none of the token's form."""
        if self.form == "text":
            return text
        return int(text) if self.form == "integer" else untagged({self.form: text})

    @property
    def placeholder(self) -> Any:
        """A value of the same form that is nobody's."""
        return self.value("0" if self.form == "integer" else _PLACEHOLDERS.get(self.form, ""))


def read_arguments(value: Any) -> Any:
    """The arguments of a recorded call, with tokens where personal values were. WrongTag where they cannot be read."""
    if isinstance(value, list):
        return [read_arguments(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {TAG}:
        return _token(value[TAG])
    if set(value) == {"$object"} and isinstance(value["$object"], dict):
        return {key: read_arguments(each) for key, each in value["$object"].items()}
    if len(value) == 1 and next(iter(value)).startswith("$"):
        return untagged(value)
    return {key: read_arguments(each) for key, each in value.items()}


def tokens_in(value: Any) -> Iterator[PersonalToken]:
    """All tokens in a value, however deep."""
    if isinstance(value, PersonalToken):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from tokens_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tokens_in(each)


def replaced(value: Any, by: Callable[[PersonalToken], Any]) -> Any:
    """The value with another one in the place of each token."""
    if isinstance(value, PersonalToken):
        return by(value)
    if isinstance(value, Mapping):
        return {key: replaced(each, by) for key, each in value.items()}
    return [replaced(each, by) for each in value] if isinstance(value, list | tuple) else value


def _token(facts: Any) -> PersonalToken:
    if not isinstance(facts, dict) or not isinstance(facts.get("hash"), str):
        raise WrongTag(f"{TAG} without a hash")
    column, argument, form = (facts.get(name) for name in ("column", "argument", "as"))
    token = PersonalToken(
        facts["hash"],
        column if isinstance(column, str) else None,
        argument if isinstance(argument, str) else "",
        form if isinstance(form, str) else "text",
    )
    if token.form not in {"text", "integer", *_PLACEHOLDERS}:
        raise WrongTag(f"{TAG} of a form that is not known")
    return token
