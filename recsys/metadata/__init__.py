"""What tags mean: names, albums and labels."""
