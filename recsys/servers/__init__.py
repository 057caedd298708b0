"""Clients of music servers: Subsonic (Navidrome and many others), Jellyfin, Lyrion and Plex.

A *server* has tracks under ids of its own. A client logs in as a user of it, reads all tracks with what the user states
of them, and writes playlists (:class:`~recsys.servers.server.MusicServer`). Nothing here reads or writes the library.
"""
