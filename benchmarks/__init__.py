"""Benchmarks: each is a ratio measured side by side in one run, and prints the lines of docs/benchmarks.md."""
