"""The protocol of Subsonic and OpenSubsonic, below ``/rest``: the library as the music server of players."""
