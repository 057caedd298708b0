"""The nouns that travel between stages: plain frozen values without behaviour."""
