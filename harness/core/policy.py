"""Policy: which objects of a database a platform manages by itself, as a file says that a user can read and change."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Collection, Mapping

from pydantic import Field, ValidationError

from harness.core.configuration import Section
from harness.core.model.catalog import Unmodelled
from harness.core.model.database import RoleSetting
from harness.core.model.foreign import UserMapping
from harness.core.model.objects import CatalogObject
from harness.core.model.privileges import DefaultPrivilege, Privilege
from harness.core.model.rules import Policy as RowPolicy
from harness.core.model.rules import Trigger
from harness.core.names import split
from harness.core.narrowing import schema_of, schema_of_unmodelled
from harness.errors import ConfigurationError

_BY_KIND = {"extension": "extensions", "event trigger": "event_triggers", "publication": "publications"}


class ManagedPolicy(Section):
    """What a platform manages: names (with * and ?) to the reason they are here."""

    name: str = Field(description="What the policy is called in a report")
    about: str = Field(description="Why its objects are left out, in words: managed by …")
    schemas: dict[str, str] = Field(default_factory=dict, description="Schemas, with all that is in them")
    roles: dict[str, str] = Field(default_factory=dict, description="Roles that exist because of the platform")
    extensions: dict[str, str] = Field(default_factory=dict, description="Extensions that the platform installs")
    event_triggers: dict[str, str] = Field(default_factory=dict, description="Event triggers of the platform")
    publications: dict[str, str] = Field(default_factory=dict, description="Publications of the platform")
    functions: dict[str, str] = Field(
        default_factory=dict, description="schema.function to what stands in its place elsewhere"
    )

    def reason(self, section: str, name: str | None) -> str | None:
        """The text of the first name of a section that matches; None where none does."""
        if not name:
            return None
        names: Mapping[str, str] = getattr(self, section)
        if name in names:
            return names[name]
        return next((text for pattern, text in names.items() if fnmatch.fnmatchcase(name, pattern)), None)

    def manages_schema(self, name: str | None) -> bool:
        """Whether the platform manages the schema."""
        return self.reason("schemas", name) is not None

    def manages_role(self, name: str | None) -> bool:
        """Whether the role exists because of the platform."""
        return self.reason("roles", name) is not None

    def decision(self, each: CatalogObject) -> str | None:
        """Why an object is left out; None for the user's own.

        Policies on the platform's tables are the user's, and so are triggers that call a function outside its schemas.
        """
        section = _BY_KIND.get(each.kind)
        if section is not None and self.reason(section, each.key[-1]) is not None:
            return self._told(f"{each.kind} {each.key[-1]}")
        schema = schema_of(each)
        if not self.manages_schema(schema) or self.users_part(each):
            return self._of_role(each)
        return self._told(f"schema {schema}")

    def users_part(self, each: CatalogObject) -> bool:
        """Whether a part of a managed table was made by the user."""
        if not self.manages_schema(schema_of(each)):
            return False
        if isinstance(each, RowPolicy):
            return True
        return isinstance(each, Trigger) and not self.manages_schema(schema_in(each.function))

    def decision_unmodelled(self, each: Unmodelled) -> str | None:
        """The same for an object of a kind that is not modelled."""
        section = _BY_KIND.get(each.kind)
        if section is not None and self.reason(section, each.identity.strip('"')) is not None:
            return self._told(f"{each.kind} {each.identity}")
        schema = schema_of_unmodelled(each)
        return self._told(f"schema {schema}") if self.manages_schema(schema) else None

    def _of_role(self, each: CatalogObject) -> str | None:
        """What a role of the platform gave or set up for objects to come."""
        role = None
        if isinstance(each, DefaultPrivilege):
            role = each.creator
        elif isinstance(each, RoleSetting):
            role = each.role
        elif isinstance(each, UserMapping):
            role = each.user
        return self._told(f"role {role}") if self.manages_role(role) else None

    def _told(self, what: str) -> str:
        return f"policy {self.name}: {what} is {self.about}"

    def decision_on_grant(self, each: CatalogObject, absent: Collection[str]) -> str | None:
        """Why a grant to one of the platform's roles is left out: one side's server has not the role."""
        role = each.grantee if isinstance(each, Privilege | DefaultPrivilege) else None
        if role is None or role not in absent or not self.manages_role(role):
            return None
        return f"policy {self.name}: role {role} is {self.about}, and not there on both sides"


def read_policy(text: str, name: str) -> ManagedPolicy:
    """A policy from the text of a file called `name`. ConfigurationError names the key that is wrong."""
    try:
        return ManagedPolicy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is not TOML: {error}", hint="Mend the line that is named.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        said = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ConfigurationError(
            f"{name}: {place}: {said}", hint="`pgparity schema policy supabase` prints one to start from."
        ) from None


def schema_in(identity: str) -> str | None:
    """The schema of a qualified name, which may have arguments behind it."""
    try:
        parts = split(identity.split("(", 1)[0])
    except ValueError:
        return None
    return parts[0] if len(parts) > 1 else None
