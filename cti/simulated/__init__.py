"""Simulated callers and agents: real SIP over real sockets, for `make call`, the live tests and the benches.

`phone.py` is a softphone that talks in tones and knows which tones it hears; `sipp.py` runs hundreds of silent ones.
"""
