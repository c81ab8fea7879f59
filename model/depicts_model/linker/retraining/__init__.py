"""Retraining: all that lies behind the frozen encoder, fitted anew on vectors of judged images.

lessons → vectors → fit → calibration → draft → figures → candidate, which the gate judges. Each
step reads what the step before left on disk, so that a run which is killed anywhere goes on to the
same bits. Allowed here: what the linker allows. Images and the data set arrive as values.
"""
