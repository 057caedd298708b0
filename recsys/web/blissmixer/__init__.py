"""The contract of bliss-mixer, by which the plugin BlissMixer of Lyrion asks for mixes and similar tracks."""
