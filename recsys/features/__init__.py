"""From samples to named, versioned vectors.

``spectrum``    the shared STFT of a window
``timbre``, ``harmony``, ``rhythm``, ``dynamics``  descriptors by librosa's definitions, from that spectrum
``tempo``, ``key``  what a listener would call them, with a confidence
``embedding``   MusiCNN's two models: 400 learned numbers and 100 tags
``summary``     statistics over time; ``layout`` the name and group of every dimension; ``version`` of it all
``analysis``    all of it for one track
``scaling``     raw vectors to normalised ones, by a frozen reference

Import from the modules: this package itself stays empty, so that a query command pays for none of them.
"""
