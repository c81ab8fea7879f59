"""The papers' systems, the usual baselines and ours, on the same work and the same vectors.

Each system is one file: its source at the top, then its knobs, then how it is fitted. All answer
through `system.System`, see nothing but `work.Work`, and are judged by the same metrics. Allowed
here: what the linker allows. A system knows neither the test part's truths nor another system.
"""
