"""Writing into the tags of audio files: a field at a time, on a copy that takes the place of the file, and back."""
