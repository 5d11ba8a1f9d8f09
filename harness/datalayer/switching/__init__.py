"""Two backends behind one: switches, facade, dual write, shadow reads, ramp."""
