"""The built-in way to lead an application over: its file of switches, replaced whole, and put back as it was.

Before the first change the values that the variables had are kept beside the file, with the cutover that found them;
what was there is put back from them, also by a process that knows nothing else of that cutover.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.core.cutover.variables import variables, with_variables
from harness.datalayer.switching.switches import Switches, read_switches
from harness.errors import ConfigurationError, CutoverFailed


@dataclass(frozen=True, slots=True)
class SwitchesFile:
    """The file, and the values that lead the application to the target."""

    file: Path
    wanted: Mapping[str, str]
    cutover: str = ""
    """Whose values before are kept; what another cutover kept is nothing to lead back to"""

    @property
    def kept(self) -> Path:
        """What the variables were before; of the same rights as the file, for nobody else to read."""
        place = self.file.resolve()
        return place.with_name(f".{place.name}.before-cutover")

    def read(self) -> dict[str, str]:
        """The variables as they are. CutoverFailed where the file cannot be read."""
        return variables(self._text())

    @property
    def leads_to_target(self) -> bool:
        """Whether every variable has the value that leads there. CutoverFailed."""
        found = self.read()
        return all(found.get(name) == value for name, value in self.wanted.items())

    def problem(self) -> str:
        """Why it cannot lead the application over; '' where it can. Nothing is written."""
        try:
            self._checked(self._changed(self._text(), self.wanted))
            self._before()
        except (CutoverFailed, ConfigurationError) as error:
            return error.message
        folder = self.file.resolve().parent
        if not os.access(folder, os.W_OK):
            return f"no file can be written beside {self.file.name}"
        return ""

    def lead_to_target(self) -> None:
        """Write the values; a second time changes nothing. CutoverFailed, ConfigurationError: nothing was written."""
        text = self._text()
        changed = self._changed(text, self.wanted)
        self._checked(changed)
        if self._before() is None:
            found = variables(text)
            known = {"cutover": self.cutover, "before": {name: found.get(name) for name in self.wanted}}
            self._replace(self.kept, json.dumps(known), mode=0o600)
        if changed != text:
            self._replace(self.file.resolve(), changed)

    def lead_back(self) -> None:
        """Put back what the variables were; where this cutover kept nothing, it changed nothing. CutoverFailed."""
        before = self._before()
        if before is None:
            if self.leads_to_target:
                raise CutoverFailed(
                    f"{self.file.name} leads to the target, and what it was before is not known",
                    hint="Set its switches back by hand, then run the command again.",
                )
            return
        text = self._text()
        changed = self._changed(text, before)
        if changed != text:
            self._checked(changed)
            self._replace(self.file.resolve(), changed)

    @property
    def is_back(self) -> bool:
        """Whether the variables are as they were. CutoverFailed."""
        before = self._before()
        found = self.read()
        if before is None:
            return not self.leads_to_target
        return all(found.get(name) == value for name, value in before.items())

    def forget(self) -> None:
        """Drop what this cutover kept, once it has gone back, and what a process that was killed had begun to write."""
        for file in (self.file.resolve(), self.kept):
            with contextlib.suppress(FileNotFoundError):
                _draft(file).unlink()
        if self._before() is not None:
            with contextlib.suppress(FileNotFoundError):
                self.kept.unlink()

    def _before(self) -> dict[str, str | None] | None:
        """What this cutover found; None where it kept nothing. CutoverFailed: there is no telling."""
        try:
            found = json.loads(self.kept.read_text(encoding="utf-8"))
            cutover, before = found["cutover"], dict(found["before"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            raise CutoverFailed(
                f"{self.kept.name} cannot be read, in which the switches are as they were",
                hint=f"Set those of {self.file.name} back by hand, remove the other file, and run the command again.",
            ) from None
        if cutover != self.cutover:
            return None
        return {str(name): None if value is None else str(value) for name, value in before.items()}

    def _text(self) -> str:
        try:
            return self.file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CutoverFailed(
                f"the file of switches {self.file.name} cannot be read: {reason}", hint="Check cutover.switches_file."
            ) from None

    def _changed(self, text: str, wanted: Mapping[str, str | None]) -> str:
        try:
            return with_variables(text, wanted)
        except ValueError as error:
            raise CutoverFailed(f"cutover.switch_to cannot be written to a file: {error}") from None

    def _checked(self, text: str) -> None:
        """The data layer has to accept its switches together; a file of others is nobody's to judge.

        ConfigurationError names all that is wrong, no value.
        """
        known = Switches.model_fields
        if any(name.lower() in known for name in self.wanted):
            given = {name.lower(): value for name, value in variables(text).items() if value}
            read_switches(**{name: given[name] for name in given if name in known})

    @staticmethod
    def _replace(file: Path, text: str, mode: int | None = None) -> None:
        """Replace a file whole: a reader sees the old one or the new one, also after the power fails."""
        draft, hint = _draft(file), "Nothing was changed"
        try:
            _write(draft, text.encode(), file.stat() if mode is None else None, mode or 0o600)
            draft.replace(file)
            hint = f"{file.name} has its new text, which a power failure could take away"
            folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise CutoverFailed(
                f"{file.name} cannot be written: {error.strerror}", hint=f"{hint}: make room, check rights."
            ) from None


def _draft(file: Path) -> Path:
    """Of one name in every process: it holds what the file does, and must not stay where one is killed."""
    return file.with_name(f".{file.name}.pgparity-draft")


def _write(file: Path, data: bytes, like: os.stat_result | None, mode: int) -> None:
    """Write it whole, on the disk when this returns, with the rights and the owner of another. OSError."""
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        left = data
        while left:
            left = left[os.write(number, left) :]
        os.fchmod(number, like.st_mode & 0o7777 if like is not None else mode)
        if like is not None and hasattr(os, "fchown"):
            with contextlib.suppress(PermissionError):
                os.fchown(number, like.st_uid, like.st_gid)
        os.fsync(number)
    finally:
        os.close(number)
    # The application starts by what is in it: what does not read as it was written replaces nothing.
    if file.read_bytes() != data:
        raise OSError(errno.EIO, "the disk did not keep what was written")
