"""How good the recommendations are: metrics in which the same artist never counts."""
