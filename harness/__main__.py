"""`python -m harness` is `pgparity`."""

from __future__ import annotations

from harness.cli.app import main

main()
