"""Judging conversations: scorecards, what a scorer's answers come to, and how far two scorers agree. Pure."""
