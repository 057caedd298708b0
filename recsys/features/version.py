"""Version of the feature set, in a module without imports, so that commands that only query can use it."""

#: Increased by every change of windows, dimensions, their order or their definitions that changes stored values. A
#: change of decoding or speed that changes no value by more than a hundredth of its standard deviation over the
#: reference corpus keeps it (tests/features/test_features_recorded.py). Tracks of an older version are analysed again.
FEATURE_VERSION = 2

#: Older versions with the same dimensions in the same units, whose vectors are comparable with those of this version:
#: constants, models and similarity fitted to one version are valid for all, and tracks are used with their old vectors
#: until they are analysed again. Vectors of other versions are never compared.
COMPATIBLE_VERSIONS = (1,)
