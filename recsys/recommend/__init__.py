"""Recommendation: from requests to ordered lists of tracks. Input and output are arrays, ids and tracks."""
