// Calls every method of subsonic-api, whose folder is the first argument, and prints what each has returned as JSON.
import { pathToFileURL } from "node:url";

const [folder, url, key, user, song, other, album, artist] = process.argv.slice(2);
const { default: SubsonicAPI } = await import(pathToFileURL(`${folder}/lib/index.js`));

const ARGUMENTS = {
  getAlbum: { id: album }, getLyricsBySongId: { id: song }, getMusicDirectory: { id: artist }, getArtist: { id: artist },
  getSong: { id: song }, getVideoInfo: { id: "1" }, getArtistInfo: { id: artist }, getArtistInfo2: { id: artist },
  getAlbumInfo: { id: album }, getAlbumInfo2: { id: album }, getSimilarSongs: { id: song, count: 5 },
  getSimilarSongs2: { id: artist, count: 5 }, getTopSongs: { artist: "Kenji Williams" },
  getAlbumList: { type: "newest" }, getAlbumList2: { type: "alphabeticalByName", size: 500 },
  getSongsByGenre: { genre: "rock" }, search2: { query: "free energy" }, search3: { query: "free energy" },
  createPlaylist: { name: "From subsonic-api", songId: [song, other] },
  stream: { id: song, format: "mp3", maxBitRate: 96 }, download: { id: song }, hls: { id: song },
  getCaptions: { id: "1" }, getCoverArt: { id: album, size: 32 },
  getLyrics: { artist: "Kenji Williams", title: "Free Energy" }, getAvatar: { username: user },
  star: { id: [song, other], albumId: album }, unstar: { id: other }, setRating: { id: other, rating: 4 },
  scrobble: { id: [song, other] },
  reportPlayback: { mediaId: song, mediaType: "song", positionMs: 1, state: "playing" },
  createShare: { id: song }, updateShare: { id: "1" }, deleteShare: { id: "1" },
  createPodcastChannel: { url: "http://x.example" }, deletePodcastChannel: { id: "1" },
  deletePodcastEpisode: { id: "1" }, downloadPodcastEpisode: { id: "1" }, getPodcastEpisode: { id: "1" },
  jukeboxControl: { action: "status" }, createInternetRadioStation: { name: "x", streamUrl: "http://x.example" },
  updateInternetRadioStation: { id: "1" }, deleteInternetRadioStation: { id: "1" },
  addChatMessage: { message: "x" }, getUser: { username: user },
  createUser: { username: "x", password: "x", email: "x@x.example" },
  updateUser: { username: user, password: "x", email: "x@x.example" }, deleteUser: { username: user },
  changePassword: { username: user, password: "x" }, createBookmark: { id: song, position: 1 },
  deleteBookmark: { id: song }, savePlayQueue: { id: [song, other], current: other, position: 1500 },
};
const FIRST = ["star", "unstar", "scrobble", "createPlaylist", "savePlayQueue"];
const LAST = ["getPlaylist", "updatePlaylist", "deletePlaylist"];
const LOCAL = ["constructor", "baseURL", "navidromeSession", "custom", "customJSON"];

const results = {};
for (const [way, config] of Object.entries({
  token: { auth: { username: user, password: key } },
  key: { auth: { apiKey: key } },
  post: { auth: { username: user, password: key }, post: true },
})) {
  const api = new SubsonicAPI({ url, ...config });
  const names = Object.getOwnPropertyNames(SubsonicAPI.prototype).filter((name) => !LOCAL.includes(name));
  const rest = names.filter((name) => !FIRST.includes(name) && !LAST.includes(name));
  results[way] = {};
  let playlist = "";
  for (const name of [...FIRST, ...rest, ...LAST]) {
    let given = ARGUMENTS[name];
    if (name === "getPlaylist" || name === "deletePlaylist") given = { id: playlist };
    if (name === "updatePlaylist") given = { playlistId: playlist, songIdToAdd: [song], songIndexToRemove: [0] };
    try {
      const found = await api[name](given);
      if (found instanceof Response) {
        const type = found.headers.get("content-type");
        const text = await found.text();
        const answer = type.startsWith("application/json") ? JSON.parse(text)["subsonic-response"] : null;
        results[way][name] = { media: type, size: text.length, ...answer };
      } else {
        results[way][name] = found;
        if (name === "createPlaylist") playlist = found.playlist?.id;
      }
    } catch (error) {
      results[way][name] = { thrown: String(error) };
    }
  }
}
console.log(JSON.stringify(results));
