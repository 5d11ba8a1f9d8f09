"""The cutover: its steps in order, what each checks, and the way back."""
