"""A platform dependency, as every run document has it; loads nothing of what finds them."""

from __future__ import annotations

from pydantic import Field

from harness.core.record import Record, Severity

FUNCTION, FOREIGN_KEY, TABLE_PART, PUBLICATION = "PLT001", "PLT002", "PLT003", "PLT004"
ROLE, EXTENSION, RELATION = "PLT005", "PLT006", "PLT007"


class PlatformDependency(Record):
    """One object of the user's that needs one thing of the platform's."""

    code: str = Field(pattern=r"^PLT[0-9]{3}$")
    kind: str = Field(description="Kind of the user's object")
    identity: str = Field(description="The user's object")
    needs: str = Field(description="What of the platform it needs: function auth.uid, table auth.users, role anon, …")
    how: str = Field(description="Where it is seen: uses it, or mentioned in the body")
    on_target: bool | None = Field(default=None, description="Whether the target has it; null: not looked at there")
    breaks: str = Field(description="What does not work on a target without it")
    ways_out: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """Nothing breaks where the target has it; a role without which a grant is empty breaks nothing by itself."""
        if self.on_target:
            return Severity.COSMETIC
        return Severity.RISK if self.on_target is None or self.code in (ROLE, PUBLICATION) else Severity.BLOCKER

    def hinders(self, failure: str) -> bool:
        """Whether a plan's failure, in words that name its object, is for want of this."""
        owner = self.identity.rpartition(".")[0]
        objects = (f"{self.kind} {self.identity}", *([f"table {owner}"] if self.kind == "column" else ()))
        return self.on_target is False and any(f": {each}:" in f"{failure}:" for each in objects)
