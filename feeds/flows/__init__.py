"""What happens, in order. Start reading at `poll`."""
