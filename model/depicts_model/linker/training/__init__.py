"""How the tiny CLIP is trained: photos and labels in, an artefact out.

The loop is in ``fit``, its knobs in ``knobs``; every other file is one step of its way.
Nothing here is imported when a model only serves.
"""
