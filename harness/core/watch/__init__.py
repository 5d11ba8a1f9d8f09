"""The watch, as far as it computes: schedule, alerts, budget, and the records of its history."""
