"""Moving rows, measured beside other tools and by hand: how long it takes, how much processor time and memory."""
