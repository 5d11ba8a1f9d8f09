"""The exact plan: every difference is settled, so that the target becomes equal to the source; `plan` is the way in."""
