"""From a file to samples and metadata: decoding, windows without silence, tags, and the hash of the audio data."""
