"""Data sets to train and judge on: from dumps, published sets, tables and decisions to Parquet.

Allowed here: pyarrow, webdataset, Pillow, ImageHash, numpy, the catalog and the ground floor.
Not allowed: the store (its decisions arrive as values), the network, torch.
"""
