"""Tests, benchmarks and the soak. A package, so that no other of this name stands in its way."""
