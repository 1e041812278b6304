"""Steps of `./run check`: each module has a `main() -> int` and prints what is wrong."""
