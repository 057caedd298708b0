"""Which track of the library another program means."""
