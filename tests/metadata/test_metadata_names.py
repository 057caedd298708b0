"""Keys of names: two spellings of a song have one key; two songs, and two recordings of a song, have two."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys.matching.name_similarity import conflicting, is_typo
from recsys.metadata.names import artist_key, first_artist_key, is_live, normalise, title_key

SAME_TITLE = [
    ("Come Together", "come together - Remastered 2009", "Come Together (2009 Digital Remaster)"),
    ("Heroes", "“Heroes” (2017 Remaster)", "Heroes - Remastered Version", "Heroes [24-Bit Remaster 2011]"),
    ("Jóga", "Joga", "JÓGA", "Jóga (Album Version)", "Jo\u0301ga"),
    ("Crazy in Love", "Crazy In Love (feat. Jay-Z)", "Crazy in Love ft. Jay-Z", "Crazy In Love [Featuring JAY Z]"),
    ("Rock & Roll", "Rock and Roll", "Rock 'n' Roll", "Rock ’n’ Roll"),
    ("Dancin' Queen", "Dancing Queen", "dancing queen [Explicit]"),
    ("Shine On (Part II)", "Shine On, Pt. 2", "Shine On - Part 02"),
    ("Don't", "Dont", "DON’T (Official Video)"),
    ("(I Can't Get No) Satisfaction", "I Can’t Get No Satisfaction - Mono Version"),
    ("Strobe (Original Mix)", "Strobe"),
    ("Song (feat. A) [Radio Edit]", "Song - Radio Edit"),
    ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("Sæglópur", "SÆGLÓPUR"),
]  # fmt: skip
OTHER_TITLE = [
    ("Alive", "A Live"), ("Hurt", "Hurt (Live)"), ("Hurt", "Hurt - Live at Leeds"), ("Hurt", "Hurt (Acoustic)"),
    ("Hurt (Live)", "Hurt (Demo)"), ("Hurt", "Hurt (Remix)"), ("Hurt", "Hurt (2019 Mix)"), ("Hurt", "Hurt - Edit"),
    ("Pt. 1", "Pt. 2"), ("Shine On, Pts. 1-5", "Shine On, Pts. 6-9"), ("1979", "1997"), ("Track 1", "Track 11"),
    ("Movement I", "Movement II"), ("Symphony No. 5", "Symphony No. 6"), ("ガラス", "カラス"), ("Angel", "Angels"),
    ("Love Me", "Love Me Do"), ("Hello", "Hello, Goodbye"), ("!!!", "???"), ("Night Train", "Light Train"),
    ("Prelude in C major", "Prelude in C minor"), ("One", "Two"), ("Can", "Can't"), ("Sonata 3: Allegro", "Sonata 3"),
]  # fmt: skip


@pytest.mark.parametrize("titles", SAME_TITLE, ids=lambda titles: titles[0])
def test_spellings_of_a_title_have_one_key(titles: tuple[str, ...]) -> None:
    assert len({title_key(title) for title in titles}) == 1


@pytest.mark.parametrize(("one", "other"), OTHER_TITLE)
def test_other_songs_and_recordings_have_different_keys(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)
    assert not is_typo(title_key(one), title_key(other), sure=False)


@pytest.mark.parametrize(
    "names",
    [
        ("The Beatles", "Beatles", "Beatles, The", "BEATLES"),
        ("Beyoncé", "Beyonce feat. Jay-Z", "Beyoncé (featuring JAY Z)", "beyoncé ft. Jay-Z"),
        ("Florence + The Machine", "Florence and the Machine", "Florence & the Machine"),
        ("Guns N' Roses", "Guns 'N' Roses", "Guns and Roses"),
        ("Mötley Crüe", "Motley Crue"),
        ("MØ", "mø"),
        ("坂本龍一", "坂本 龍一".replace(" ", "")),
    ],
    ids=lambda names: names[0],
)
def test_spellings_of_an_artist_have_one_key(names: tuple[str, ...]) -> None:
    assert len({artist_key(name) for name in names}) == 1


def test_different_artists_have_different_keys() -> None:
    names = ["The The", "Them", "Therapy?", "AC/DC", "AC", "Air", "Aire", "!!!", "???", "Queen", "Queens", "The Who"]
    assert len({artist_key(name) for name in names}) == len(names)


def test_first_artist_key_is_that_of_the_first_artist() -> None:
    assert first_artist_key("Queen & David Bowie") == first_artist_key("Queen; Bowie") == artist_key("Queen")
    assert first_artist_key("Crosby, Stills & Nash") == "crosby"
    assert first_artist_key("AC/DC") == artist_key("AC/DC")


def test_live_albums_are_recognised() -> None:
    assert all(
        map(is_live, ["Live at Leeds", "MTV Unplugged in New York", "Alive (Live)", "Live", "Roxy: Live in Paris"])
    )
    assert not any(map(is_live, ["Alive", "Live Through This", "Long Live the King", None, "Olive"]))


def test_typos() -> None:
    assert is_typo("smells like teen spirit", "smells like teen spitit", sure=False)
    assert is_typo("re arranged", "rearranged", sure=False)
    assert is_typo("paranoid android", "paranoid andriod", sure=False)
    assert is_typo("angel", "angels", sure=True)
    assert not is_typo("angel", "angels", sure=False)
    assert not is_typo("part 1 1", "part 11", sure=True)
    assert not is_typo("hurt", "hunt", sure=True)
    assert not is_typo("a live song", "alive song", sure=True)


def test_conflicting_titles() -> None:
    assert conflicting("yellow", "clocks")
    assert conflicting("yellow", "yellow live")
    assert not conflicting("yellow", "coldplay yellow")
    assert not conflicting("戦場のメリークリスマス", "戦場のメリークリスマス")


@given(st.text(max_size=30))
def test_normalise_is_idempotent_and_no_text_fails(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert bool(title_key(text)) == bool(text.strip())
    artist_key(text)
    first_artist_key(text)


LETTERS = "abcdeghijklmnopqrstuvwxyz"  # without f: "ft" and "feat" introduce a guest
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=5).map(" ".join)

REMARKS_WITHOUT_MEANING = [
    "{} (Remastered 2011)",
    "{} - 2009 Remaster",
    "{} (feat. Guest)",
    "{} [Explicit]",
    "{} - Mono",
    "“{}”",
    " {}!",
]


@given(WORDS, st.sampled_from(REMARKS_WITHOUT_MEANING))
def test_remark_without_meaning_does_not_change_the_key(title: str, form: str) -> None:
    assert title_key(form.format(title)) == title_key(title)
    assert title_key(form.format(title.upper())) == title_key(title)


@given(WORDS, st.sampled_from(["{} (Live)", "{} - Live at the BBC", "{} (Acoustic)", "{} (Demo)", "{} - Radio Edit",
                               "{} (DJ Remix)", "{} Pt. 2", "{} 2", "{} (Instrumental)"]))  # fmt: skip
def test_distinguishing_remark_changes_the_key_and_is_not_a_typo(title: str, form: str) -> None:
    other = title_key(form.format(title))
    assert other != title_key(title)
    assert not is_typo(other, title_key(title), sure=True)


@given(WORDS, st.integers(0, 999), st.integers(0, 999))
def test_different_numbers_are_not_a_typo(title: str, one: int, other: int) -> None:
    assume(one != other)
    assert not is_typo(title_key(f"{title} {one}"), title_key(f"{title} {other}"), sure=True)


@given(WORDS, WORDS, st.booleans())
def test_is_typo_is_symmetric(one: str, other: str, sure: bool) -> None:
    assert is_typo(one, other, sure=sure) == is_typo(other, one, sure=sure)
    assert is_typo(one, one, sure=sure)
