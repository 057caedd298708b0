"""Links to servers of music, whatever the database."""

import pytest
from catalogue_fixtures import CatalogueFixtures
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.database.saved_playlists import SavedPlaylist
from recsys.domain.audio import Tags
from recsys.domain.links import Link, ServerTrack
from recsys.domain.requests import PathOptions
from recsys.errors import Hint, InvalidRequest, NotFound

HOME = Link("Home", "navidrome", "http://localhost:4533", "anna")


class LinkContract(CatalogueFixtures):
    """See recsys.database.links."""

    @pytest.fixture
    def linked(self, catalogue: Catalogue) -> Catalogue:
        """A catalogue of three tracks of Björk with a link."""
        tags = Tags(title="Jóga", artists=("Björk",))
        catalogue.store([make_entry(f"/{i}", tags=tags) for i in (1, 2, 3)])
        catalogue.links.save(HOME)
        return catalogue

    def test_a_link_is_found_by_its_name_in_any_case(self, linked: Catalogue) -> None:
        _, found = linked.links.find("HOME")
        assert (found.name, found.kind, found.url, found.user) == ("Home", "navidrome", "http://localhost:4533", "anna")
        assert (found.tracks, found.matched, found.artists, found.read_at, found.listener) == (0, 0, 0, None, None)
        assert linked.links.list_links() == [found]

    @pytest.mark.parametrize("name", ["home", "", "a\nb", "x" * 101])
    def test_a_name_that_is_of_another_kind_or_invalid_is_refused(self, linked: Catalogue, name: str) -> None:
        for store in (linked.links.check, linked.links.save):
            with pytest.raises(InvalidRequest, match="name must"):
                store(Link(name, "plex", "http://localhost"))

    def test_a_link_of_the_same_name_is_changed_and_keeps_its_ids(self, linked: Catalogue) -> None:
        linked.links.replace_ids("home", [ServerTrack("a", track_id=1)], {})
        linked.links.save(Link("HOME", "navidrome", "https://music.example", "bob"))
        [found] = linked.links.list_links()
        assert (found.name, found.url, found.user, found.matched) == ("HOME", "https://music.example", "bob", 1)

    def test_ids_are_read_in_both_directions(self, linked: Catalogue) -> None:
        [artist] = linked.artists()
        tracks = [ServerTrack("a", title="Jóga", track_id=1, match_method="path"), ServerTrack("b", "X", "Y")]
        linked.links.replace_ids("home", tracks, {"A": artist.id})
        number, found = linked.links.find("home")
        assert (found.tracks, found.matched, found.artists, found.read_at is None) == (2, 1, 1, False)
        assert linked.links.track_ids(number, ["a", "b", "c"]) == {"a": 1}
        assert linked.links.foreign_ids(number, [3, 1]) == {1: "a"}
        assert linked.links.artist_id(number, "A") == artist.id
        assert linked.links.foreign_artist_ids(number, [artist.id, 99]) == {artist.id: "A"}
        assert linked.links.tracks(number, unmatched=True) == [tracks[1]]

    def test_ids_of_another_reading_replace_those_before(self, linked: Catalogue) -> None:
        linked.links.replace_ids("home", [ServerTrack("a", track_id=1)], {})
        linked.links.replace_ids("home", [ServerTrack("b", track_id=1)], {})
        number, _ = linked.links.find("home")
        assert linked.links.foreign_ids(number, [1]) == {1: "b"}

    def test_a_removed_track_is_of_the_server_alone(self, linked: Catalogue) -> None:
        linked.links.replace_ids("home", [ServerTrack("a", track_id=1)], {})
        linked.mark_missing(["/1"])
        linked.delete(["/1"])
        number, found = linked.links.find("home")
        assert (found.tracks, found.matched) == (1, 0)
        assert linked.links.track_ids(number, ["a"]) == {}

    def test_the_playlists_of_a_link_go_with_the_saved_ones(self, linked: Catalogue) -> None:
        linked.saved_playlists.save(SavedPlaylist("Calm", None, None, None, PathOptions().to_dict()), [1])
        [saved] = linked.saved_playlists.list_saved()
        number, _ = linked.links.find("home")
        linked.links.set_playlist(number, saved.id, "p1")
        linked.links.set_playlist(number, saved.id, "p2")
        assert linked.links.playlists(number, None) == {"Calm": "p2"}
        linked.saved_playlists.delete("Calm")
        assert linked.links.playlists(number, None) == {}

    def test_a_removed_link_is_unknown(self, linked: Catalogue) -> None:
        linked.links.replace_ids("home", [ServerTrack("a", track_id=1)], {})
        linked.links.remove("home")
        assert linked.links.list_links() == []
        with pytest.raises(NotFound, match="there is no link 'home'") as caught:
            linked.links.find("home")
        assert caught.value.hint is Hint.LIST_LINKS

    def test_the_links_of_a_listener_go_with_it(self, linked: Catalogue) -> None:
        linked.add_listener("Anna")
        linked.links.save(Link("anna's", "plex", "http://localhost", listener="anna"))
        assert [link.listener for link in linked.links.list_links()] == [None, "Anna"]
        linked.remove_listener("Anna")
        assert [link.name for link in linked.links.list_links()] == ["Home"]
