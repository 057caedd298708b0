"""Match the entries of other programs' files to tracks of the library."""
