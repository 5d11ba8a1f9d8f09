"""The local servers that clones live on, shared by the tests of a process: to start them is most of a module's time."""

from __future__ import annotations

from harness.stages.scratch import ScratchStack

_opened: list[ScratchStack] = []


def shared_stack() -> ScratchStack:
    """The stack of this process, for one comparison at a time: two that are open at once want two stacks."""
    if not _opened:
        _opened.append(ScratchStack())
    return _opened[0]


def end_shared_stack() -> None:
    """End its servers; the next call of `shared_stack` makes another one."""
    while _opened:
        with _opened.pop():
            pass
