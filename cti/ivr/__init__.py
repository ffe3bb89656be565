"""What a caller hears and presses before a person answers: flows of `config/flows/`, prompts of `ivr_prompts/`."""
