// Made by scripts/records.mjs from docs/schemas.

/** A key of the server. */
export interface AccessKeyRecord {
  name: string;
  /** the listener that the key is bound to */
  listener: string | null;
  /** UTC, ISO 8601 */
  created_at: string;
  /** UTC, ISO 8601; to the hour */
  last_used_at: string | null;
  /** whether it is stored as it is, so that players may log in with a digest of it */
  subsonic: boolean;
  /** the key itself; only when it is added */
  key?: string;
}

/** An album with all its discs. */
export interface AlbumRecord {
  /** stays the same for ever */
  id: number;
  /** without the number of a disc */
  title: string;
  /** the artists as one text, or “Various Artists” */
  artist: string | null;
  /** the album artists, else the artists of most tracks; empty for various artists */
  artists: string[];
  /** of these artists */
  artist_ids: number[];
  /** whether it is by various artists */
  various: boolean;
  year: number | null;
  /** number of tracks */
  tracks: number;
  /** number of discs */
  discs: number;
  /** the MusicBrainz release */
  musicbrainz_album: string | null;
}

/** An artist. */
export interface ArtistRecord {
  /** stays the same for ever */
  id: number;
  /** in the spelling of most files */
  name: string;
  /** in which the artist takes part, or that are on one of the artist's albums */
  tracks: number;
  /** by the artist */
  albums: number;
}

/** The tempo of the query and of the result in BPM. */
export interface BpmComparison {
  query: number | null;
  result: number | null;
}

/** The result of one check of the library. */
export interface CheckRecord {
  /** name of the check */
  name: string;
  status: "ok" | "warning" | "error";
  message: string;
  /** slug of what helps, such as “ingest” */
  remedy: string | null;
  /** names that belong to the remedy, such as the folder */
  remedy_values: Record<string, string>;
}

/** Genre and tags of a file. */
export interface ClassificationRecord {
  file: string;
  /** “unknown” where no genre is probable enough */
  genre: string;
  probability: number;
  /** the probability of every genre, most probable first */
  genres: Record<string, number>;
  /** the probability of every tag, most probable first */
  tags: Record<string, number>;
  valence?: number;
  arousal?: number;
  /** the most probable genre, only where genre is “unknown” */
  genre_guess?: string;
  /** only where segments are requested */
  segments?: SegmentRecord[];
}

/** The accuracy of the replaced and of the new model on the same tracks. */
export interface ComparisonRecord {
  before: number;
  since: number;
  tracks: number;
}

/** A track in words. */
export interface DescriptionRecord {
  /** words of mood, strongest first */
  moods: string[];
  /** the most unusual tags and their probabilities */
  distinctive_tags: Record<string, number>;
}

/** A file that has the same performance as others. */
export interface DuplicateFileRecord {
  /** of its track */
  id: number;
  path: string;
  codec: string;
  lossless: boolean;
  /** bits per second, of the whole file */
  bit_rate: number;
  /** Hz */
  sample_rate: number;
  /** seconds */
  duration: number;
  /** bytes */
  size: number;
  /** whether lists have this one */
  preferred: boolean;
}

/** Files of one performance, the preferred one first. */
export interface DuplicateGroupRecord {
  artist: string | null;
  title: string;
  /** 1 like, -1 dislike */
  rating: number | null;
  files: DuplicateFileRecord[];
}

/** An error, as `RecsysError.to_dict()` returns it. */
export interface ErrorRecord {
  /** a stable slug, see errors */
  code: string;
  message: string;
  /** the field of the request that is wrong */
  field: string | null;
  /** action, and the values that belong to it */
  hint: Record<string, string> | null;
  /** the tracks that match, of an ambiguous reference */
  candidates?: string[];
}

/** Why a track is similar to the query. */
export interface ExplanationRecord {
  /** contribution of each feature group to the similarity */
  groups: Record<string, number>;
  /** for similarity to very many tracks, mostly negative; added to the groups */
  hubness_penalty: number;
  /** tags of both, most unusual first */
  shared_tags: string[];
  bpm: BpmComparison;
  key: KeyComparison;
  /** a sentence */
  text: string;
  /** what both have in common, most unusual first */
  shared: string[];
  /** where they differ, most unusual first */
  differences: string[];
  /** for each seed that the list must not resemble */
  not_like: MinusSimilarityRecord[];
}

/** A file that could not be ingested. */
export interface FailureRecord {
  path: string;
  /** where it failed: open, decode, trim, features … */
  stage: string;
  reason: string;
  attempts: number;
  /** UTC, ISO 8601 */
  at: string;
}

/** A change of one field of a file's tags. */
export interface FieldChangeRecord {
  field: string;
  old: string | null;
  new: string;
}

/** The changes of the tags of a file. */
export interface FileChangeRecord {
  path: string;
  /** of the genre; null for a label */
  probability: number | null;
  changes: FieldChangeRecord[];
}

/** Which tracks a playlist may contain; empty and null let all pass. */
export interface FilterRecord {
  /** predicted genres, any of which a track has */
  genres: string[];
  /** first and last year */
  year_range: number[] | null;
  /** slowest and fastest tempo */
  bpm_range: number[] | null;
  excluded_genres: string[];
  /** such as “A minor”, any of which a track has */
  keys: string[];
  /** all of which a track has */
  tags: string[];
  /** absolute; the file is below one of them */
  folders: string[];
  /** absolute; the file is below none of them */
  excluded_folders: string[];
  /** all of which describe a track */
  moods: string[];
  /** 0 to 1 */
  valence_range: number[] | null;
  /** 0 to 1 */
  arousal_range: number[] | null;
  /** genres of the tags, any of which a file has */
  tagged_genres: string[];
  excluded_tagged_genres: string[];
}

/** A genre model. */
export interface GenreModelRecord {
  name: string;
  version: number;
  /** UTC, ISO 8601; null for the model that ships */
  made: string | null;
  genres: string[];
  algorithm: string;
  features: string;
  /** tracks in its training data */
  tracks: number;
  /** where they are from */
  labels: string;
  /** out-of-fold */
  accuracy: number | null;
  /** hash of the training data */
  fingerprint: string | null;
  feature_version: number | null;
  /** whether it predicts the genres of this library */
  active: boolean;
}

/** A genre of the genre tags. */
export interface GenreRecord {
  /** stays the same for ever */
  id: number;
  /** in the spelling of most files */
  name: string;
  /** that have it, also among others */
  tracks: number;
}

/** The scores of a genre model, out-of-fold; `scores` of each model have the keys of `genre evaluate`. */
export interface GenreScorecardRecord {
  name: string;
  version: number;
  /** UTC, ISO 8601 */
  made: string;
  algorithm: string;
  features: string;
  feature_version: number;
  labels: string;
  fingerprint: string;
  genres: string[];
  /** weight of the other tracks of an artist; 0 is none */
  same_artist_weight: number;
  /** below this probability a genre is “unknown” */
  threshold: number;
  split: SplitRecord;
  /** accuracy, balanced_accuracy and f1_macro with intervals, genres, confusion … */
  scores: Record<string, unknown>;
  /** the same of one fold alone */
  first_fold: Record<string, unknown>;
  /** the same of each baseline */
  baselines: Record<string, unknown>;
  /** of tuning */
  trials: TrialRecord[];
}

/** What an import of likes and dislikes does. */
export interface ImportRecord {
  /** false for a preview, which stores nothing */
  stored: boolean;
  /** entries that match no track */
  not_found: number;
  /** entries by the method that matched them */
  matched: Record<string, number>;
  /** tracks by the action */
  tracks: Record<string, number>;
  /** entries that are neither liked nor disliked */
  without_rating: number;
  /** entries without a name */
  unidentified: number;
  /** tracks whose stars are new */
  stars: number;
  /** tracks whose play count grows */
  play_counts: number;
  /** plays with times that are new */
  plays: number;
  /** the playlists of a file of playlists, which are read together */
  playlists: string[];
  /** albums and artists that are liked or banned as a whole */
  groups: ImportedGroupRecord[];
  entries: ImportedEntryRecord[];
}

/** An entry of an imported file, as the file has it. */
export interface ImportSourceRecord {
  artist: string | null;
  title: string | null;
  album: string | null;
  path: string | null;
  musicbrainz_recording: string | null;
  /** seconds */
  duration: number | null;
}

/** An entry of an imported file, and what becomes of it. */
export interface ImportedEntryRecord {
  file: string;
  source: ImportSourceRecord;
  /** the track of the library that it matches */
  track: TrackRecord | null;
  /** path, path ending, musicbrainz, name or similar name */
  match_method: string | null;
  /** like, dislike, update_plays, unchanged, kept_manual, ignored or not_found */
  action: string;
  /** the rating that is stored; null where none changes */
  new_rating: RatingRecord | null;
}

/** An album or artist of an imported file, and what becomes of it. */
export interface ImportedGroupRecord {
  /** album or artist */
  kind: string;
  artist: string;
  album: string | null;
  /** of the album or artist of the library */
  id: number | null;
  /** like, dislike, unchanged, kept_manual or not_found */
  action: string;
}

/** A file that an ingest stored, moved or found missing. */
export interface IngestChangeRecord {
  /** new, reanalysed, updated, moved, duplicates or removed */
  kind: string;
  path: string;
  /** of a moved file */
  former_path: string | null;
}

/** What an ingest did, in files. */
export interface IngestSummaryRecord {
  /** the sum of the following twelve */
  scanned: number;
  new: number;
  /** had features of an older version */
  reanalysed: number;
  unchanged: number;
  /** unchanged, but their tags were read again, as an older version had read them */
  reread: number;
  /** tags or content changed */
  updated: number;
  moved: number;
  /** further files of a known recording */
  duplicates: number;
  /** processed by another ingest into the library at the same time */
  by_others: number;
  failed: number;
  /** outside the limits of duration, or ignored */
  skipped: number;
  /** not processed before the time was up or an interrupt */
  remaining: number;
  /** known files that no longer exist; not part of the sum */
  missing: number;
  /** failed in an earlier run and not changed since; part of failed */
  previously_failed: number;
  /** tried again, and cannot be read for the same reason; part of previously_failed */
  still_unreadable: number;
  /** tracks of the library that still have features of an older version */
  outdated: number;
  interrupted: boolean;
  seconds: number;
  /** duration of the analysed tracks */
  audio_seconds: number;
  /** the first hundred of this run */
  failures: FailureRecord[];
  /** hidden folders and files, and folders of systems, by name; not scanned */
  excluded: Record<string, number>;
  /** of the missing files, those that were there at the last ingest */
  removed: number;
  /** the first hundred of this run */
  changes: IngestChangeRecord[];
}

/** A job of the server. */
export interface JobRecord {
  id: string;
  kind: "ingest" | "retry" | "prune" | "refresh" | "train" | "tune" | "predict" | "evaluate" | "watch" | "sync";
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** of the request, by kind */
  parameters: Record<string, unknown>;
  /** files, fits or parts that are finished */
  done: number;
  /** of how many; null while that is unknown */
  total: number | null;
  /** files that failed so far */
  failed: number;
  /** finished per second, lately */
  rate: number | null;
  seconds_left: number | null;
  /** what it does now, or why it was cancelled */
  message: string;
  /** UTC in ISO 8601 */
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** the record of the command of this kind */
  result: Record<string, unknown> | null;
  /** why it failed, as a problem */
  error: Record<string, unknown> | null;
}

/** Files that were not found and are kept. */
export interface KeptFilesRecord {
  /** the folder that is the reason */
  folder: string;
  files: number;
  /** not_mounted, unreadable, or moved (new files in the folder have their size) */
  reason: string;
}

/** The key of the query and of the result. */
export interface KeyComparison {
  query: string | null;
  result: string | null;
}

/** A track whose label a genre model doubts. */
export interface LabelIssueRecord {
  id: number | null;
  artist: string | null;
  title: string | null;
  path: string;
  label: string;
  predicted: string;
  label_probability: number;
  predicted_probability: number;
}

/** A link to a server. */
export interface LinkRecord {
  name: string;
  /** navidrome, subsonic, jellyfin, lyrion or plex */
  kind: string;
  url: string;
  /** null: the link has a key */
  user: string | null;
  /** whose likes and playlists are exchanged; null: those of the current listener */
  listener: string | null;
  /** UTC, ISO 8601 */
  created_at: string;
  /** when the tracks of the server were read; UTC, ISO 8601 */
  read_at: string | null;
  /** of the server */
  tracks: number;
  /** tracks of the server that the library has */
  matched: number;
  /** of the server that the library has */
  artists: number;
}

/** What the last reading of a server has found. */
export interface LinkReportRecord {
  link: LinkRecord;
  /** number of tracks by how they were found in the library */
  matched: Record<string, number>;
  /** tracks of the server that the library lacks */
  not_found: number;
  /** ids that are new on the server */
  added: number;
  /** ids that are no longer on the server */
  removed: number;
  /** whether the server has given its tracks new ids */
  ids_changed: boolean;
}

/** A listener, with numbers of what belongs to it. */
export interface ListenerRecord {
  name: string;
  /** UTC, ISO 8601 */
  created_at: string;
  /** whether it is used where no listener is named */
  default: boolean;
  /** of tracks, albums and artists */
  likes: number;
  /** of tracks, albums and artists */
  dislikes: number;
  /** tracks, albums and artists with stars */
  stars: number;
  plays: number;
  /** saved playlists */
  playlists: number;
}

/** What a listener has rated and played. */
export interface ListenerStatisticsRecord {
  name: string;
  likes: number;
  dislikes: number;
  plays: number;
}

/** The name of a region of the map. */
export interface MapLabelRecord {
  /** in [-1, 1] */
  x: number;
  /** in [-1, 1] */
  y: number;
  /** a genre */
  text: string;
  /** how many tracks of this genre are in the region */
  tracks: number;
}

/** The map of a library without its points. */
export interface MapRecord {
  /** changes with the points */
  revision: string;
  /** points */
  count: number;
  /** the genres that points refer to */
  genres: string[];
  /** names of regions */
  labels: MapLabelRecord[];
}

/** The similarity with a seed that the list must not resemble. */
export interface MinusSimilarityRecord {
  name: string;
  /** 0 to 1 */
  similarity: number;
}

/** A track by its id and title. */
export interface NamedTrackRecord {
  id: number;
  title: string;
}

/** A neighbour of a track. */
export interface NeighbourRecord {
  id: number;
  path: string;
  /** 0 to 1 */
  similarity: number;
}

/** A track and its nearest neighbours: a line of the export. */
export interface NeighboursRecord {
  id: number;
  path: string;
  /** most similar first */
  neighbours: NeighbourRecord[];
}

/** How a playlist file names its tracks. */
export interface PathOptionsRecord {
  relative_to: string | null;
  absolute: boolean;
  /** folders here and the same folders as the player sees them */
  path_map: Record<string, string>;
}

/** A play or a skip of a track. */
export interface PlayRecord {
  track: TrackRecord;
  /** UTC, ISO 8601 */
  played_at: string;
  skipped: boolean;
  /** “manual”, or the format that it was imported from */
  source: string;
}

/** A track and how often all listeners have played it. */
export interface PlayedTrackRecord {
  id: number;
  artist: string | null;
  title: string;
  plays: number;
}

/** A playlist. */
export interface PlaylistRecord {
  name: string;
  tracks: TrackRecord[];
  unmet_constraints: UnmetConstraintRecord[];
  /** gives the same playlist again; null where nothing is drawn, as along a path */
  seed: number | null;
}

/** What a playlist is made of. */
export interface PlaylistRequestRecord {
  /** tracks */
  n: number | null;
  minutes: number | null;
  /** ids of tracks; empty: the likes */
  seeds: string[];
  include_seeds: boolean;
  filter: FilterRecord;
  /** seconds; 0 is no limit */
  min_duration: number;
  /** seconds; 0 is no limit */
  max_duration: number;
  /** 0 is no limit */
  max_per_artist: number;
  /** 0 is no limit */
  max_per_album: number;
  /** tracks between two of one artist */
  min_artist_gap: number;
  /** 0 to 10 */
  diversity: number;
  /** 0 to 10 */
  exploration: number;
  quotas: QuotaRecord[];
  energy_curve: "rising" | "falling" | "arc" | "flat" | null;
  /** leave out the tracks of the last ten playlists */
  exclude_recent: boolean;
  seed: number;
  /** another seed is drawn for each playlist */
  random: boolean;
  /** ids of tracks that it must not resemble */
  not_like: string[];
}

/** What was removed, or would be. */
export interface PruneRecord {
  tracks: number;
  /** paths */
  locations: number;
  /** of the tracks, how many had a rating */
  rated: number;
  failures: number;
  /** missing files that exist again; they are kept */
  reappeared: number;
  /** the first hundred paths */
  sample_paths: string[];
  kept: KeptFilesRecord[];
}

/** A saved playlist that was written to a server. */
export interface PushRecord {
  playlist: string;
  link: string;
  /** whether it has replaced a playlist of the server */
  replaced: boolean;
  /** that the playlist of the server has */
  tracks: number;
  /** ids of the tracks that the server lacks */
  missing: number[];
}

/** How much of a playlist is of one genre: a share or a count, the other is null. */
export interface QuotaRecord {
  genre: string;
  /** 0 to 1 */
  share: number | null;
  count: number | null;
}

/** An album with its rating. */
export interface RatedAlbumRecord {
  /** stays the same for ever */
  id: number;
  /** without the number of a disc */
  title: string;
  /** the artists as one text, or “Various Artists” */
  artist: string | null;
  /** the album artists, else the artists of most tracks; empty for various artists */
  artists: string[];
  /** of these artists */
  artist_ids: number[];
  /** whether it is by various artists */
  various: boolean;
  year: number | null;
  /** number of tracks */
  tracks: number;
  /** number of discs */
  discs: number;
  /** the MusicBrainz release */
  musicbrainz_album: string | null;
  /** 1 liked, -1 disliked */
  rating: -1 | 1;
  /** 0 to 1 */
  strength: number;
  /** UTC, ISO 8601 */
  rated_at: string;
  /** “manual”, or the format that it was imported from */
  source: string;
  /** 1 to 5; null without */
  stars: number | null;
  /** whether the stars imply it */
  from_stars: boolean;
}

/** An artist with the rating. */
export interface RatedArtistRecord {
  /** stays the same for ever */
  id: number;
  /** in the spelling of most files */
  name: string;
  /** in which the artist takes part, or that are on one of the artist's albums */
  tracks: number;
  /** by the artist */
  albums: number;
  /** 1 liked, -1 disliked */
  rating: -1 | 1;
  /** 0 to 1 */
  strength: number;
  /** UTC, ISO 8601 */
  rated_at: string;
  /** “manual”, or the format that it was imported from */
  source: string;
  /** 1 to 5; null without */
  stars: number | null;
  /** whether the stars imply it */
  from_stars: boolean;
}

/** A track with its rating. */
export interface RatedTrackRecord {
  /** stays the same for ever */
  id: number;
  /** where the file is, or was last; bytes that are not UTF-8 as surrogate escapes */
  path: string;
  artist: string | null;
  /** the title tag, else the file name */
  title: string;
  album: string | null;
  /** predicted; “unknown” where no genre is probable enough */
  genre: string | null;
  /** of the genre, or of genre_guess; 0 to 1 */
  genre_probability: number | null;
  /** the genre tag of the file; several genres as one text */
  tagged_genre: string | null;
  /** seconds */
  duration: number;
  /** tempo */
  bpm: number | null;
  /** the most probable other tempo, often half or double */
  bpm_alternative: number | null;
  /** 0 to 1 */
  bpm_alternative_probability: number | null;
  /** such as “C major” */
  key: string | null;
  /** the key as a Camelot code, such as “8B” */
  camelot: string | null;
  /** 0 sad or angry, 1 happy or calm */
  valence: number | null;
  /** 0 calm or sad, 1 excited or angry */
  arousal: number | null;
  /** each artist; without “Various Artists” and the like */
  artists: string[];
  /** of these artists; an id stays the same for ever */
  artist_ids: number[];
  /** of the album with all its discs; stays the same for ever */
  album_id: number | null;
  /** each genre of the genre tag */
  tagged_genres: string[];
  /** the most probable genre, only where genre is “unknown” */
  genre_guess?: string;
  /** 0 to 1, 1 is the same sound; only where tracks are compared */
  similarity?: number;
  /** only where explanations are requested */
  explanation?: ExplanationRecord;
  /** only where descriptions are requested */
  moods?: string[];
  /** only where descriptions are requested */
  distinctive_tags?: Record<string, number>;
  /** 1 liked, -1 disliked */
  rating: -1 | 1;
  /** 0 to 1 */
  strength: number;
  plays: number;
  /** when it was rated or last played; UTC, ISO 8601 */
  rated_at: string;
  /** “manual”, or the format that it was imported from */
  source: string;
  /** 1 to 5; null without */
  stars: number | null;
  /** whether the stars imply it */
  from_stars: boolean;
}

/** A rating, without its track. */
export interface RatingRecord {
  /** 1 liked, -1 disliked */
  rating: -1 | 1;
  /** 0 to 1 */
  strength: number;
  plays: number;
  /** when it was rated or last played; UTC, ISO 8601 */
  rated_at: string;
  /** “manual”, or the format that it was imported from */
  source: string;
  /** 1 to 5; null without */
  stars: number | null;
  /** whether the stars imply it */
  from_stars: boolean;
}

/** A file of which the fields were restored, but not every byte. */
export interface RestoredFieldsRecord {
  path: string;
  reason: string;
}

/** A saved playlist. */
export interface SavedPlaylistRecord {
  /** stays the same for ever */
  id: number;
  name: string;
  /** what it is made of; null where its tracks are fixed */
  request: PlaylistRequestRecord | null;
  /** the file that it is written to; null without */
  output: string | null;
  /** of the file: m3u8, xspf, jspf, paths or json */
  format: string | null;
  path_options: PathOptionsRecord;
  /** UTC, ISO 8601 */
  saved_at: string;
  /** when its tracks were last made or changed; UTC, ISO 8601 */
  changed_at: string;
}

/** The scores of the similarity and the playlists of a library; `metrics` … have the headings of the keys. */
export interface ScorecardRecord {
  format: number;
  tracks: number;
  queries: number;
  genres: number;
  artists: number;
  albums: number;
  labels: string;
  /** tracks that the shipped similarity was trained on */
  training_overlap: number;
  split: string;
  metrics: Record<string, string>;
  /** scores of each method, with intervals */
  similarity: Record<string, unknown>;
  /** the tracks in most lists of ten */
  hubs: Record<string, unknown>[];
  list_metrics: Record<string, string>;
  /** simulated listeners of each kind */
  listeners: number;
  playlists: Record<string, unknown>[];
  dislike_metrics: Record<string, string>;
  dislikes: Record<string, unknown>[];
  ordering_metrics: Record<string, string>;
  orderings: Record<string, unknown>[];
  /** only where it is compared with an earlier scorecard */
  compared?: Record<string, unknown>;
}

/** A stretch of a recording, of one genre. */
export interface SegmentRecord {
  /** seconds */
  start: number;
  /** seconds */
  end: number;
  genre: string;
  probability: number;
}

/** A track of a server as it describes it. */
export interface ServerTrackRecord {
  /** the id of the server */
  id: string;
  artist: string | null;
  title: string | null;
  album: string | null;
  path: string | null;
  /** seconds */
  duration: number | null;
  /** the track of the library; null: it has none */
  track_id: number | null;
  /** path, path ending, musicbrainz, name or similar name */
  match_method: string | null;
}

/** An album that is similar to another. */
export interface SimilarAlbumRecord {
  /** stays the same for ever */
  id: number;
  /** without the number of a disc */
  title: string;
  /** the artists as one text, or “Various Artists” */
  artist: string | null;
  /** the album artists, else the artists of most tracks; empty for various artists */
  artists: string[];
  /** of these artists */
  artist_ids: number[];
  /** whether it is by various artists */
  various: boolean;
  year: number | null;
  /** number of tracks */
  tracks: number;
  /** number of discs */
  discs: number;
  /** the MusicBrainz release */
  musicbrainz_album: string | null;
  /** 0 to 1 */
  similarity: number;
  /** the most similar tracks, most similar first */
  pairs: TrackPairRecord[];
}

/** An artist who is similar to another. */
export interface SimilarArtistRecord {
  /** stays the same for ever */
  id: number;
  /** in the spelling of most files */
  name: string;
  /** in which the artist takes part, or that are on one of the artist's albums */
  tracks: number;
  /** by the artist */
  albums: number;
  /** 0 to 1 */
  similarity: number;
  /** the most similar tracks, most similar first */
  pairs: TrackPairRecord[];
}

/** A file that is left as it is. */
export interface SkippedFileRecord {
  path: string;
  reason: string;
}

/** How tracks were split into folds. */
export interface SplitRecord {
  /** artist, album or track */
  by: string;
  folds: number;
  groups: number;
  groups_by_kind: Record<string, number>;
  tracks: number;
  /** tracks in the first fold */
  test: number;
}

/** Statistics of the present tracks of a library, or of those that pass a filter. */
export interface StatisticsRecord {
  tracks: number;
  artists: number;
  albums: number;
  /** seconds of all tracks */
  duration: number;
  /** bytes of their files */
  size: number;
  /** tracks by codec, most first */
  codecs: Record<string, number>;
  /** tracks by the lower end of a range in kbit/s */
  bit_rates: Record<string, number>;
  /** tracks by predicted genre, most first */
  genres: Record<string, number>;
  /** tracks by genre of the tags, most first */
  tagged_genres: Record<string, number>;
  /** tracks by decade */
  decades: Record<string, number>;
  /** tracks by key, by Camelot code */
  keys: Record<string, number>;
  /** tracks by the lower end of a range of ten BPM */
  tempi: Record<string, number>;
  /** tracks by the month in which they came into the library */
  added: Record<string, number>;
  /** share of the tracks without a title, artist, album, genre or year */
  missing_tags: Record<string, number>;
  /** by name; of the whole library */
  listeners: ListenerStatisticsRecord[];
  /** by all listeners, most first */
  most_played: PlayedTrackRecord[];
}

/** The changes of tags in files, made or planned. */
export interface TagPlanRecord {
  /** number of the run; null for a plan, which writes nothing */
  run: number | null;
  /** files */
  written: number;
  files: FileChangeRecord[];
  /** folders of these files */
  folders: number;
  /** fields with another value that is kept; `new` would replace it */
  kept: FileChangeRecord[];
  /** files that have these values already */
  unchanged: number;
  /** files of which nothing else changes either */
  kept_existing: number;
  /** files with a genre that recsys has not written, and that is the predicted one */
  agreeing: number;
  /** tracks whose label and prediction differ */
  label_conflicts: number;
  /** paths of files to change whose other names (hard links) keep the former content */
  hard_links: string[];
  /** tracks whose genre is not probable enough */
  below_threshold: number;
  skipped: SkippedFileRecord[];
}

/** A run that writes tags. */
export interface TagRunRecord {
  number: number;
  /** UTC, ISO 8601 */
  at: string;
  files: number;
  /** files in which it has not been undone */
  still_applied: number;
}

/** A track with everything that is stored of it. */
export interface TrackDetailsRecord {
  /** stays the same for ever */
  id: number;
  /** where the file is, or was last; bytes that are not UTF-8 as surrogate escapes */
  path: string;
  artist: string | null;
  /** the title tag, else the file name */
  title: string;
  album: string | null;
  /** predicted; “unknown” where no genre is probable enough */
  genre: string | null;
  /** of the genre, or of genre_guess; 0 to 1 */
  genre_probability: number | null;
  /** the genre tag of the file; several genres as one text */
  tagged_genre: string | null;
  /** seconds */
  duration: number;
  /** tempo */
  bpm: number | null;
  /** the most probable other tempo, often half or double */
  bpm_alternative: number | null;
  /** 0 to 1 */
  bpm_alternative_probability: number | null;
  /** such as “C major” */
  key: string | null;
  /** the key as a Camelot code, such as “8B” */
  camelot: string | null;
  /** 0 sad or angry, 1 happy or calm */
  valence: number | null;
  /** 0 calm or sad, 1 excited or angry */
  arousal: number | null;
  /** each artist; without “Various Artists” and the like */
  artists: string[];
  /** of these artists; an id stays the same for ever */
  artist_ids: number[];
  /** of the album with all its discs; stays the same for ever */
  album_id: number | null;
  /** each genre of the genre tag */
  tagged_genres: string[];
  /** the most probable genre, only where genre is “unknown” */
  genre_guess?: string;
  /** 0 to 1, 1 is the same sound; only where tracks are compared */
  similarity?: number;
  /** only where explanations are requested */
  explanation?: ExplanationRecord;
  /** only where descriptions are requested */
  moods?: string[];
  /** only where descriptions are requested */
  distinctive_tags?: Record<string, number>;
  album_artist: string | null;
  /** each album artist */
  album_artists: string[];
  album_artist_ids: number[];
  composers: string[];
  track_number: number | null;
  track_total: number | null;
  /** from the tag, else from the title of the album or the name of the folder */
  disc_number: number | null;
  disc_total: number | null;
  year: number | null;
  /** of the first release */
  original_year: number | null;
  /** the album has tracks of various artists */
  compilation: boolean | null;
  isrc: string | null;
  /** ReplayGain, dB */
  track_gain: number | null;
  /** ReplayGain, 1 is full scale */
  track_peak: number | null;
  /** ReplayGain, dB */
  album_gain: number | null;
  /** ReplayGain, 1 is full scale */
  album_peak: number | null;
  /** LUFS (ITU-R BS.1770) */
  loudness: number | null;
  /** 1 liked, -1 disliked, 0 neither */
  rating: -1 | 0 | 1;
  /** 1 to 5; null without */
  stars: number | null;
  plays: number;
  skips: number;
  /** UTC, ISO 8601; null if unknown */
  last_played_at: string | null;
  /** the probability of every tag, most probable first */
  tags: Record<string, number>;
  /** all files of the recording */
  paths: string[];
  /** whether no file of it existed at the last ingest */
  missing: boolean;
  /** 0 to 1 */
  bpm_confidence: number | null;
  /** 0 to 1 */
  pulse_clarity: number | null;
  /** 0 to 1 */
  key_confidence: number | null;
  /** the probability of every genre, most probable first */
  genres: Record<string, number>;
  /** name and version of the model that predicted the genre */
  genre_model: string | null;
  codec: string;
  /** Hz */
  sample_rate: number;
  channels: number;
  /** bits per second */
  bit_rate: number | null;
  /** of a sample; null where samples are not stored as integers */
  bit_depth: number | null;
  /** when it came into the library; UTC, ISO 8601 */
  added_at: string;
  /** hash of the encoded audio without tags */
  audio_hash: string;
  /** version of the stored features; null before the analysis */
  feature_version: number | null;
  /** where the analysed windows start, in seconds */
  starts: number[];
  musicbrainz_recording: string | null;
  musicbrainz_album: string | null;
  musicbrainz_artist: string | null;
}

/** Two tracks that make artists or albums similar. */
export interface TrackPairRecord {
  /** of the one that was asked for */
  track: NamedTrackRecord;
  /** of the similar one */
  other: NamedTrackRecord;
  /** 0 to 1 */
  similarity: number;
}

/** A track. */
export interface TrackRecord {
  /** stays the same for ever */
  id: number;
  /** where the file is, or was last; bytes that are not UTF-8 as surrogate escapes */
  path: string;
  artist: string | null;
  /** the title tag, else the file name */
  title: string;
  album: string | null;
  /** predicted; “unknown” where no genre is probable enough */
  genre: string | null;
  /** of the genre, or of genre_guess; 0 to 1 */
  genre_probability: number | null;
  /** the genre tag of the file; several genres as one text */
  tagged_genre: string | null;
  /** seconds */
  duration: number;
  /** tempo */
  bpm: number | null;
  /** the most probable other tempo, often half or double */
  bpm_alternative: number | null;
  /** 0 to 1 */
  bpm_alternative_probability: number | null;
  /** such as “C major” */
  key: string | null;
  /** the key as a Camelot code, such as “8B” */
  camelot: string | null;
  /** 0 sad or angry, 1 happy or calm */
  valence: number | null;
  /** 0 calm or sad, 1 excited or angry */
  arousal: number | null;
  /** each artist; without “Various Artists” and the like */
  artists: string[];
  /** of these artists; an id stays the same for ever */
  artist_ids: number[];
  /** of the album with all its discs; stays the same for ever */
  album_id: number | null;
  /** each genre of the genre tag */
  tagged_genres: string[];
  /** the most probable genre, only where genre is “unknown” */
  genre_guess?: string;
  /** 0 to 1, 1 is the same sound; only where tracks are compared */
  similarity?: number;
  /** only where explanations are requested */
  explanation?: ExplanationRecord;
  /** only where descriptions are requested */
  moods?: string[];
  /** only where descriptions are requested */
  distinctive_tags?: Record<string, number>;
}

/** A track as a row of a table. */
export interface TrackRowRecord {
  /** stays the same for ever */
  id: number;
  /** where the file is, or was last; bytes that are not UTF-8 as surrogate escapes */
  path: string;
  artist: string | null;
  /** the title tag, else the file name */
  title: string;
  album: string | null;
  /** predicted; “unknown” where no genre is probable enough */
  genre: string | null;
  /** of the genre, or of genre_guess; 0 to 1 */
  genre_probability: number | null;
  /** the genre tag of the file; several genres as one text */
  tagged_genre: string | null;
  /** seconds */
  duration: number;
  /** tempo */
  bpm: number | null;
  /** the most probable other tempo, often half or double */
  bpm_alternative: number | null;
  /** 0 to 1 */
  bpm_alternative_probability: number | null;
  /** such as “C major” */
  key: string | null;
  /** the key as a Camelot code, such as “8B” */
  camelot: string | null;
  /** 0 sad or angry, 1 happy or calm */
  valence: number | null;
  /** 0 calm or sad, 1 excited or angry */
  arousal: number | null;
  /** each artist; without “Various Artists” and the like */
  artists: string[];
  /** of these artists; an id stays the same for ever */
  artist_ids: number[];
  /** of the album with all its discs; stays the same for ever */
  album_id: number | null;
  /** each genre of the genre tag */
  tagged_genres: string[];
  /** the most probable genre, only where genre is “unknown” */
  genre_guess?: string;
  /** 0 to 1, 1 is the same sound; only where tracks are compared */
  similarity?: number;
  /** only where explanations are requested */
  explanation?: ExplanationRecord;
  /** only where descriptions are requested */
  moods?: string[];
  /** only where descriptions are requested */
  distinctive_tags?: Record<string, number>;
  year: number | null;
  disc_number: number | null;
  track_number: number | null;
  /** LUFS (ITU-R BS.1770) */
  loudness: number | null;
  /** when it came into the library; UTC, ISO 8601 */
  added_at: string | null;
  /** 1 liked, -1 disliked, 0 neither; also by stars */
  rating: -1 | 0 | 1;
  plays: number;
  /** whether no file of it existed at the last ingest */
  missing: boolean;
}

/** The scores of a model that was trained, and what became of it. */
export interface TrainingRecord {
  name: string;
  version: number;
  /** UTC, ISO 8601 */
  made: string;
  algorithm: string;
  features: string;
  feature_version: number;
  labels: string;
  fingerprint: string;
  genres: string[];
  /** weight of the other tracks of an artist; 0 is none */
  same_artist_weight: number;
  /** below this probability a genre is “unknown” */
  threshold: number;
  split: SplitRecord;
  /** accuracy, balanced_accuracy and f1_macro with intervals, genres, confusion … */
  scores: Record<string, unknown>;
  /** the same of one fold alone */
  first_fold: Record<string, unknown>;
  /** the same of each baseline */
  baselines: Record<string, unknown>;
  /** of tuning */
  trials: TrialRecord[];
  /** genres with too few tracks, and why */
  skipped_genres: Record<string, string>;
  /** the model that it replaces */
  replaced_version: string | null;
  /** the better active model, where the new one is discarded */
  kept: string | null;
  compared: ComparisonRecord | null;
}

/** A candidate of tuning. */
export interface TrialRecord {
  name: string;
  tracks: number;
  log_loss: number | null;
  accuracy: number;
  seconds: number;
  chosen: boolean;
  /** the reason, or empty */
  failed: string;
}

/** What was restored. */
export interface UndoRecord {
  /** files */
  restored: number;
  /** of these, files that are byte for byte as before */
  byte_identical: number;
  /** the others of these */
  fields_only: RestoredFieldsRecord[];
  skipped: SkippedFileRecord[];
}

/** A constraint that a playlist does not meet. */
export interface UnmetConstraintRecord {
  /** name of the field of the request, such as “n”, “minutes”, “quotas” */
  constraint: string;
  /** what was requested */
  wanted: number | string | null;
  /** what the playlist has, in the same unit */
  got: number | string | null;
  /** a stable slug such as “artist_limit” */
  reason: string;
  /** numbers and names that explain the reason */
  details: Record<string, number | string | string[]>;
}
