"""What a notice says: its kind, number, days, people and laws, each with the sentence it was read from."""
