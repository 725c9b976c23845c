"""Reading, pure: bytes of a page in, facts out. No I/O, no clock; whatever a page holds, nothing raises."""
