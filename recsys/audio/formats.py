"""Which files are audio, and which decoders read them: the decoding policy, as tables.

The kind of a file is detected by its content (:mod:`recsys.audio.sniff`). The decoders of its kind are tried in order.
One is accepted if it decodes what the file declares, to within ``SHORTFALL``; otherwise the next is tried as well, and
the one that decodes the longest stretch is taken, the first of equals. So a file is refused, or taken for shorter than
it is, only if no decoder does better.

=========  =========================================================================================
Decoder    Reads
=========  =========================================================================================
sndfile    libsndfile: PCM in every container of its own, FLAC, Vorbis. Fast, exact to the sample.
ffmpeg     FFmpeg through PyAV: everything else.
mpeg       The index of frames of :mod:`recsys.audio.mpeg`: MPEG layers 1 to 3, with exact duration.
=========  =========================================================================================
"""

from collections.abc import Mapping

SUFFIXES = frozenset({
    ".3ga", ".3gp", ".aa", ".aa3", ".aac", ".aax", ".aaxc", ".ac3", ".ac4", ".adts", ".aif", ".aifc", ".aiff",
    ".alac", ".amr", ".ape", ".asf", ".at3", ".au", ".awb", ".bonk", ".bw64", ".bwf", ".caf", ".dff", ".dsf", ".dts",
    ".dtshd", ".eac3", ".ec3", ".flac", ".la", ".latm", ".loas", ".m2a", ".m4a", ".m4b", ".m4p", ".m4r", ".mac",
    ".mka", ".mlp", ".mogg", ".mp+", ".mp1", ".mp2", ".mp3", ".mp4", ".mpa", ".mpc", ".mpga", ".mpp", ".oga", ".ogg",
    ".ogx", ".ofr", ".ofs", ".oma", ".opus", ".osq", ".qcp", ".ra", ".rf64", ".rka", ".shn", ".snd", ".spx", ".tak",
    ".thd", ".tta", ".voc", ".vqf", ".w64", ".wav", ".wave", ".weba", ".webm", ".wma", ".wsd", ".wv", ".xwma",
})  # fmt: skip
"""Suffixes, in lower case, of files that may be audio. Some of them are of formats without a decoder (OptimFROG, LA,
AC-4, protected files): these files become failures with a reason."""

DECODERS: Mapping[str | None, tuple[str, ...]] = {
    "wav": ("sndfile", "ffmpeg"),
    "wav-dts": ("ffmpeg",),  # libsndfile reads the frames of DTS as noise
    "aiff": ("sndfile", "ffmpeg"),
    "flac": ("sndfile", "ffmpeg"),
    "ogg": ("sndfile", "ffmpeg"),
    "ogg-flac": ("sndfile", "ffmpeg"),
    "caf": ("sndfile", "ffmpeg"),
    "au": ("sndfile", "ffmpeg"),
    "w64": ("sndfile", "ffmpeg"),
    "opus": ("ffmpeg", "sndfile"),  # FFmpeg decodes it three times as fast
    "mp3": ("mpeg",),
    "mp3-free": ("sndfile", "mpeg"),  # only libsndfile decodes frames of the free format
    None: ("ffmpeg", "mpeg"),  # MPEG frames may follow other data
}
DEFAULT_DECODERS = ("ffmpeg",)
"""Of a kind without an entry."""

OGG = frozenset({"ogg", "ogg-flac", "opus"})
"""Kinds of Ogg files, by their first stream."""

SHORTFALL = 0.01, 0.5
"""Share and seconds of the declared duration that may be missing: less is a file without its last frames."""

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,asf,aac,ape,wv,tta,ogg,wav,aiff,flac,matroska,webm,caf,mpc,mpc8,ac3,dsf,w64,"
    "aa,aea,amr,amrnb,amrwb,apac,au,bonk,dts,dtshd,eac3,iff,loas,mlp,oma,osq,qcp,qoa,rka,rm,shn,tak,truehd,voc,vqf,"
    "wavarc,wsd,xwma"
)
"""Formats that FFmpeg may open, a fixed list: it would also follow playlists to other files and to the network, or
render text as images."""

RATES = range(1_000, 3_072_001)
"""Valid sample rates in Hz. FFmpeg reads 1-bit audio of 22.6 MHz (DSD512) as samples at an eighth of its rate."""

NO_DECODER: Mapping[str, str] = {"optimfrog": "OptimFROG", "la": "Lossless Audio (LA)"}
"""Kinds that no decoder reads, and their names."""
