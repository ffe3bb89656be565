"""`make prompts`: turns the texts of `ivr_prompts/<language>/prompts.yaml` into sound files for Asterisk."""
