"""Benchmarks: `make bench`, or one by name: `python -m bench rollup_vs_python_loop_18k`.

A figure of speed is a ratio of two things timed in turn in one run, medians of five; absolute times
of a machine say little. The exceptions: catalog_135k_build is seconds and megabytes, medians of
five runs of the command; catalog_dump_1m_lines compares the memory of one run each, which takes
minutes and hardly varies; encoder_precision_*_cosine and web_pss_mb are taken once.

Nothing of the product imports from here, and nothing here is installed. The roll-up's benchmarks
check that both sides give the same result before they time them.
"""
