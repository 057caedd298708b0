"""Audio features: from samples to named, versioned feature vectors.

``spectrum``    the shared STFT of a window
``timbre``, ``harmony``, ``rhythm``, ``dynamics``  descriptors by librosa's definitions, from that spectrum
``tempo``, ``key``  estimates with a confidence
``embedding``   the two MusiCNN models: an embedding of 400 dimensions and 100 tag probabilities
``mood``        valence and arousal, from the embedding and the tags
``summary``     statistics over time; ``schema`` name and group of every dimension; ``version`` the feature version
``analysis``    all features of one track
``scaling``     raw to normalised vectors, by a frozen reference

Import from the modules: the package itself imports nothing, so that commands that only query load none of them.
"""
