"""The version of the feature set; importing it costs nothing, so that query commands can."""

#: Raised whenever a stored number would come out differently: windows, dimensions, their order or definitions.
#: Vectors of different versions never meet; a library of an older version is analysed again.
FEATURE_VERSION = 1
