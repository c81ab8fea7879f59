"""Data sets to train and judge on: from dumps, published sets, tables and decisions to Parquet.

Allowed here: pyarrow, webdataset, Pillow, ImageHash, numpy, tqdm, the catalog and the ground floor.
Not allowed: the store (its decisions arrive as values), the network, torch, the linker.
What was left out is counted and said; a data set is there whole, or not at all.
"""
