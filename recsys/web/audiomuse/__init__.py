"""The HTTP interface of AudioMuse-AI, below ``/api``: plugins of music servers that call it may call recsys instead."""
