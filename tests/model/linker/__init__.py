"""Tests of the linker: no trained weights, no catalog file; a small world made by hand."""
