"""Jobs: what takes longer than a request, each in a process of its own, in order, with progress and a history."""
