"""Facts in, decisions with reasons out. Pure: no I/O, no clock, no randomness, no logging."""
