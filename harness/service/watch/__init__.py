"""The watch at work: one look after the other, and who is told of what they find."""
