"""The program's speed: ``python3 run.py bench [NAME...]`` prints one JSON line a figure.

Each figure is measured beside its floor in the same run, and what is read is their ratio: machines differ and are
noisy.
"""
