"""`laidian doctor`: looks at a running installation and says what is wrong and what to do.

`look_*.py` only look, at Asterisk, the books and the machine, and give `Observations`; `checks.py` judges them and is
pure; `texts.py` says it in Chinese or English; `command.py` is the command.
"""
