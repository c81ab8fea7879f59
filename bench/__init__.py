"""Benchmarks: `make bench`, or one by name: `python -m bench rollup_vs_python_loop_18k`.

Every figure is a ratio of two things timed in turn in one run, medians of five; absolute times of
a machine say little. Nothing of the product imports from here, and nothing here is installed. A
benchmark checks that both sides give the same result before it times them.
"""
