"""From a list of files to shards of vectors and outcomes, on somebody else's engine.

Needs the extra ``backfill``; nothing else of the bot may import this. What is worked out lies in
``depicts_model.linker.batches``, which knows no files and no engine; here is what does: the list,
its cut into shards, their place on disk. A shard is worked on and written as a whole, so that is
what a kill costs.
"""
