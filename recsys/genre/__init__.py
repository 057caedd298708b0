"""From MusiCNN's tags to genres, moods and distinctive tags; genre models trained on a user's own labels.

Using a shipped model (NumPy only): ``model`` the default classifier, ``tags`` and ``moods`` a track's distinctive tags
and mood words, ``descriptions`` both together, ``segments`` the genre along a recording.

Training (scikit-learn): ``training_set`` labelled tracks, ``algorithms`` the classifiers, ``folds``, ``calibration``,
``collective`` and ``fusion`` from logits to probabilities, ``training`` and ``tuning`` the fits, ``scores`` the
scorecard, ``trained_model`` and ``model_store`` the result and its file. ``discriminant`` and ``partial`` fit the
default model.
"""

DEFAULT_MODEL = "default"
"""Name of the genre model that ships with recsys."""
