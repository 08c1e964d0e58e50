"""The channels. ``contract.py`` is the suite that each of them passes."""
