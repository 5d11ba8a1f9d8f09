"""A process that migrates, to be killed: DSNs come from the environment, progress goes to stdout line by line."""

from __future__ import annotations

import os
import sys

from tests.data_pair import Pair


class Telling:
    """Says how many rows have arrived."""

    def stage_started(self, stage: str) -> None: ...

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        print(done, flush=True)

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None: ...


if __name__ == "__main__":
    Pair(os.environ["KILLED_SOURCE"], os.environ["KILLED_TARGET"]).migrate(
        events=Telling(), migrate={"batch_rows": int(sys.argv[1])}
    )
