"""Make recsys/metadata/data/letters.json: how probable letters are in each script, from lists of words.

    pip install wordfreq opencc-python-reimplemented pythainlp
    python scripts/make_letter_costs.py

The sources are wordfreq (words of 41 languages with their frequencies), PyThaiNLP (words of the Thai National Corpus),
and the table of OpenCC from simplified to traditional characters. Costs are bits: the negative binary logarithm of the
probability of a letter after another (alphabets), or of a character (Chinese, Japanese, Korean).
"""

import json
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import wordfreq
from opencc import OpenCC
from pythainlp.corpus import tnc

TARGET = Path(__file__).parents[1] / "recsys" / "metadata" / "data" / "letters.json"
LANGUAGES = {
    **dict.fromkeys(
        (*("en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "ca"),
         *("pl", "cs", "sk", "hu", "ro", "sh", "sl", "tr", "lt", "lv")), range(0x250)),
    **dict.fromkeys(("ru", "uk", "bg", "mk"), range(0x400, 0x500)),
    **dict.fromkeys(("ar", "fa", "ur"), range(0x600, 0x700)),
    "el": range(0x370, 0x400),
    "he": range(0x590, 0x600),
    "th": range(0xE00, 0xE80),
}  # fmt: skip
"""Languages with an alphabet, and the range of their letters."""
CHARACTERS = {"japanese": "ja", "simplified": "zh", "traditional": "zh", "korean": "ko"}
N_WORDS = 60_000
MIN_SHARE = 1e-5  # of the letters of an alphabet
N_CHARACTERS = 3500
SEEN = 0.97  # share of the probability that is for pairs of letters that were seen
MAX_COST = 15.5  # bits
SHARP_S = (
    "außen außer beißen bloß daß draußen dreißig floß fließen fuß füße genießen gießen groß größe gruß grüße heiß "
    "heißt kloß kuß ließ maß muß naß reißen rußland schließen schloß schluß schoß schweiß spaß stoß straße straßen süß "
    "süßen weiß weiße weißer weißt wußte"
)
"""The lists of words have ss for ß; these have the weight of a word of middle frequency."""
DIGITS = "0123456789abcdefghijklmnopqrstuv"
"""Of half bits."""


def words(language: str) -> Iterator[tuple[str, float]]:
    """Words with their weights: the root of their frequency, since names are not the most frequent words."""
    frequencies = dict(tnc.word_freqs()) if language == "th" else wordfreq.get_frequency_dict(language)
    frequent = sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))[:N_WORDS]
    for word, frequency in frequent:
        yield unicodedata.normalize("NFC", word).lower(), frequency**0.5
    if language == "de":
        yield from ((word, frequent[len(frequent) // 20][1] ** 0.5) for word in SHARP_S.split())


def pairs(language: str) -> Mapping[tuple[str, str], float]:
    """Weights of pairs of letters; "^" is the edge of a word."""
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for word, weight in words(language):
        if all(ord(c) in LANGUAGES[language] and unicodedata.category(c)[0] in "LM" for c in word):
            for pair in zip("^" + word, word + "^", strict=True):
                found[pair] += weight
    return found


def alphabet(weights: Mapping[tuple[str, str], float]) -> dict[str, object]:
    """Letters, and for each a row of the costs of all letters after it, in half bits."""
    firsts: defaultdict[str, float] = defaultdict(float)
    for (first, _), weight in weights.items():
        firsts[first] += weight
    scale = sum(firsts.values())
    letters = "".join(sorted(c for c, weight in firsts.items() if weight / scale > MIN_SHARE))
    rows = []
    for first in letters:
        probabilities = (
            SEEN * weights.get((first, second), 0) / firsts[first] + (1 - SEEN) * firsts[second] / scale
            for second in letters
        )
        rows.append("".join(DIGITS[round(2 * min(MAX_COST, -math.log2(p)))] for p in probabilities))
    return {"letters": letters, "costs": rows}


def characters(family: str, language: str) -> dict[str, str]:
    """Characters by their cost in bits."""
    convert = OpenCC("s2t").convert if family == "traditional" else str
    weights: defaultdict[str, float] = defaultdict(float)
    for word, weight in words(language):
        for character in convert(word):
            if ord(character) > 0x2FF:
                weights[character] += weight**1.4
    total = sum(weights.values())
    found: dict[str, str] = {}
    for character, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:N_CHARACTERS]:
        cost = str(round(min(MAX_COST, -math.log2(weight / total))))
        found[cost] = found.get(cost, "") + character
    return found


def main() -> None:
    table = {
        "alphabets": {language: alphabet(pairs(language)) for language in LANGUAGES},
        "characters": {family: characters(family, name) for family, name in CHARACTERS.items()},
    }
    TARGET.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
