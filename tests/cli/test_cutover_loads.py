"""`pgparity cutover` loads what a cutover needs: what only its rehearsal needs is most of a start's time."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.conftest import ROOT, environment

NOT_NEEDED = ("hypothesis", "supabase", "harness.embedded.stack", "harness.stages.demo", "harness.stages.pipeline")


def test_what_only_a_rehearsal_needs_is_not_loaded() -> None:
    code = f"import sys, harness.cli.cutover; print(*(each for each in {NOT_NEEDED} if each in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert (done.stdout.split(), done.returncode) == ([], 0), done.stderr
