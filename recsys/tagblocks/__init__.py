"""Readers of tag blocks: the names and values in ID3, APE, Vorbis, MP4, ASF, Matroska, RIFF and other tags."""
