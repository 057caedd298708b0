"""The version of the feature set; importing it costs nothing, so that query commands can."""

#: Raised whenever a stored number would come out differently: windows, dimensions, their order or definitions.
#: Changes of decoding and speed that move no number by more than a hundredth of its deviation over the reference
#: corpus keep it (tests/features/test_features_recorded.py). A library of an older version is analysed again.
FEATURE_VERSION = 2

#: Older versions with the same dimensions in the same units, whose vectors are compared with those of this version:
#: constants, models and similarity fitted to one serve all, and tracks answer with them until they are analysed again.
#: Vectors of any other version never meet.
COMPATIBLE_VERSIONS = (1,)
