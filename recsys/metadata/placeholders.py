"""Names that taggers, rippers and players write in the place of an artist or an album, in several languages.

They are compared by :func:`recsys.metadata.names.artist_key`, so that case, accents, brackets and punctuation do not
matter: "<Unknown>" and "[unknown]" are "unknown", "V/A" and "V.A." are "v a".
"""

VARIOUS = """
    Various; Various Artists; Various Artist; VA; V.A.; Various Performers;
    Various Composers; Multiple Artists; Soundtrack; Original Soundtrack; OST;
    Verschiedene; Verschiedene Interpreten; Verschiedene Künstler; Diverse;
    Diverse Interpreten; Diverse Künstler; Artistes divers; Divers artistes;
    Artistes variés; Interprètes divers; Multi-interprètes; Varios;
    Varios artistas; Artistas varios; Varios intérpretes; Vari; Artisti vari;
    Autori vari; AA.VV.; AAVV; Vários; Vários artistas; Artistas vários;
    Vários intérpretes; Diverse artiesten; Diversen; Verschillende artiesten;
    Blandade artister; Diverse artister; Diverse kunstnere; Eri esittäjiä;
    Useita artisteja; Różni wykonawcy; Różni artyści; Různí interpreti;
    Různí umělci; Rôzni interpreti; Különböző előadók; Vegyes előadók;
    Artiști diverși; Diverși artiști; Çeşitli sanatçılar; Разные исполнители;
    Различные исполнители; Різні виконавці; Διάφοροι καλλιτέχνες; Διάφοροι;
    ヴァリアス・アーティスト; ヴァリアス; オムニバス;
    群星; 华语群星; 華語群星; 合辑; 合輯; 여러 아티스트; 다양한 아티스트; 옴니버스
"""
"""Stands for the artists of a compilation."""

UNKNOWN = """
    Unknown; Unknown Artist; Unknown Artists; Artist Unknown; No Artist;
    None; Null; N/A; Not Available; Undefined; Anonymous; Traditional;
    Unbekannt; Unbekannter Interpret; Unbekannter Künstler; Inconnu;
    Artiste inconnu; Interprète inconnu; Desconocido; Artista desconocido;
    Intérprete desconocido; Sconosciuto; Artista sconosciuto; Desconhecido;
    Artista desconhecido; Intérprete desconhecido; Onbekend; Onbekende artiest;
    Okänd; Okänd artist; Ukendt; Ukendt kunstner; Ukjent; Ukjent artist;
    Tuntematon; Tuntematon artisti; Tuntematon esittäjä; Nieznany;
    Nieznany wykonawca; Neznámý; Neznámý interpret; Neznámý umělec; Ismeretlen;
    Ismeretlen előadó; Necunoscut; Artist necunoscut; Bilinmeyen;
    Bilinmeyen sanatçı; Неизвестен; Неизвестный исполнитель; Неизвестный;
    Невідомий виконавець; Άγνωστος; Άγνωστος καλλιτέχνης; 不明; 不明なアーティスト;
    アーティスト不明;
    未知; 未知艺术家; 未知藝術家; 未知艺人; 未知歌手; 佚名; 알 수 없는 아티스트; 알 수 없음
"""
"""Stands for an artist who is not named."""

UNKNOWN_ALBUMS = """
    Unknown; Unknown Album; Unknown Title; Album Unknown; No Album; None; Null;
    N/A; Untitled Album; Unbekannt; Unbekanntes Album; Unbekannter Titel;
    Album inconnu; Titre inconnu; Álbum desconocido; Album sconosciuto;
    Álbum desconhecido; Onbekend album; Okänt album; Ukendt album; Ukjent album;
    Tuntematon albumi; Nieznany album; Neznámé album; Ismeretlen album;
    Bilinmeyen albüm; Неизвестный альбом; 不明なアルバム; 未知专辑; 未知專輯; 알 수 없는 앨범
"""
"""Stands for the title of an album; files with it belong to no album."""


def names(text: str) -> list[str]:
    """The names of one of these texts."""
    return [" ".join(name.split()) for name in text.split(";")]
