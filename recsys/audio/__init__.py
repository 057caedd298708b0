"""From a file to samples and facts: decoding, windows without silence, tags, and the identity of the
sound."""
