CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE recording (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	audio_hash TEXT NOT NULL, 
	duration DOUBLE NOT NULL, 
	sample_rate INTEGER NOT NULL, 
	channels INTEGER NOT NULL, 
	codec TEXT NOT NULL, 
	added_at TEXT NOT NULL, bit_rate INTEGER, bit_depth INTEGER, 
	CONSTRAINT uq_recording_payload UNIQUE (audio_hash)
);

CREATE TABLE file (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	recording_id INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	mtime_ns BIGINT NOT NULL, 
	missing_since TEXT, 
	is_primary BOOLEAN NOT NULL, 
	tag_count INTEGER NOT NULL, 
	title TEXT, 
	artist TEXT, 
	album_artist TEXT, 
	album TEXT, 
	track_number INTEGER, 
	year INTEGER, 
	genre TEXT, 
	musicbrainz_recording TEXT, 
	musicbrainz_album TEXT, 
	musicbrainz_artist TEXT, 
	search_text TEXT NOT NULL, track_total INTEGER, disc_number INTEGER, disc_total INTEGER, original_year INTEGER, compilation BOOLEAN, isrc TEXT, track_gain DOUBLE, track_peak DOUBLE, album_gain DOUBLE, album_peak DOUBLE, title_key TEXT, tag_version INTEGER DEFAULT 0 NOT NULL, album_id INTEGER CONSTRAINT fk_file_album_id REFERENCES album (id), 
	CONSTRAINT pk_file PRIMARY KEY (id), 
	CONSTRAINT fk_file_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE, 
	CONSTRAINT uq_file_path_recording_id UNIQUE (path, recording_id)
);

CREATE INDEX ix_file_recording_id ON file (recording_id);

CREATE TABLE analysis (
	recording_id INTEGER NOT NULL, 
	feature_version INTEGER NOT NULL, 
	bpm DOUBLE NOT NULL, 
	bpm_confidence DOUBLE NOT NULL, 
	pulse_clarity DOUBLE NOT NULL, 
	tonic INTEGER NOT NULL, 
	mode TEXT NOT NULL, 
	key_confidence DOUBLE NOT NULL, 
	loudness DOUBLE, bpm_alternative DOUBLE, bpm_alternative_probability DOUBLE, valence DOUBLE, arousal DOUBLE, 
	CONSTRAINT pk_analysis PRIMARY KEY (recording_id, feature_version), 
	CONSTRAINT fk_analysis_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE TABLE vector (
	recording_id INTEGER NOT NULL, 
	feature_version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	normalised BLOB NOT NULL, 
	raw BLOB NOT NULL, 
	starts JSON NOT NULL, 
	windows BLOB NOT NULL, 
	CONSTRAINT pk_vector PRIMARY KEY (recording_id, feature_version), 
	CONSTRAINT fk_vector_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE TABLE prediction (
	recording_id INTEGER NOT NULL, 
	genre TEXT NOT NULL, 
	probability DOUBLE NOT NULL, 
	genres JSON NOT NULL, 
	model TEXT NOT NULL, 
	CONSTRAINT pk_prediction PRIMARY KEY (recording_id), 
	CONSTRAINT fk_prediction_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE TABLE failure (
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	mtime_ns BIGINT NOT NULL, 
	stage TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	failed_at TEXT NOT NULL, 
	CONSTRAINT pk_failure PRIMARY KEY (path)
);

CREATE INDEX ix_file_year ON file (year, is_primary, recording_id);

CREATE INDEX ix_analysis_bpm ON analysis (feature_version, bpm, recording_id);

CREATE INDEX ix_prediction_genre ON prediction (genre, recording_id);

CREATE INDEX ix_file_missing ON file (recording_id) WHERE missing_since IS NOT NULL;

CREATE TABLE "tag_edit" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run INTEGER NOT NULL, 
	started_at TEXT NOT NULL, 
	path TEXT NOT NULL, 
	audio_hash TEXT NOT NULL, 
	fields JSON NOT NULL, 
	had_no_tags BOOLEAN NOT NULL, 
	size BIGINT NOT NULL, 
	"digest_before" TEXT NOT NULL, 
	digest_after TEXT NOT NULL, 
	pending_digest TEXT NOT NULL, 
	state TEXT NOT NULL
, undo_patch BLOB, copy_name TEXT);

CREATE INDEX ix_vector_feature_version_revision ON vector (feature_version, revision);

CREATE INDEX ix_tag_edit_run ON tag_edit (run);

CREATE INDEX ix_tag_edit_path ON tag_edit (path);

CREATE TABLE search_name (
	file_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_search_name PRIMARY KEY (file_id, name), 
	CONSTRAINT fk_search_name_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;

CREATE INDEX ix_search_name_name ON search_name (name);

CREATE TABLE ingest_root (
	path TEXT NOT NULL, 
	CONSTRAINT pk_ingest_root PRIMARY KEY (path)
);

CREATE TABLE revision (
	name TEXT NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (name)
);

CREATE TABLE listener (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT uq_listener_name_key UNIQUE (name_key)
);

CREATE TABLE track_like (
	listener_id INTEGER NOT NULL, 
	recording_id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	strength DOUBLE NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_track_like PRIMARY KEY (listener_id, recording_id), 
	CONSTRAINT fk_track_like_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_track_like_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_track_like_recording_id ON track_like (recording_id);

CREATE TABLE track_stars (
	listener_id INTEGER NOT NULL, 
	recording_id INTEGER NOT NULL, 
	stars INTEGER NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_track_stars PRIMARY KEY (listener_id, recording_id), 
	CONSTRAINT fk_track_stars_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_track_stars_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_track_stars_recording_id ON track_stars (recording_id);

CREATE TABLE play_count (
	listener_id INTEGER NOT NULL, 
	recording_id INTEGER NOT NULL, 
	plays INTEGER NOT NULL, 
	skips INTEGER NOT NULL, 
	last_played_ms BIGINT, 
	CONSTRAINT pk_play_count PRIMARY KEY (listener_id, recording_id), 
	CONSTRAINT fk_play_count_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_play_count_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_play_count_recording_id ON play_count (recording_id);

CREATE TABLE play (
	listener_id INTEGER NOT NULL, 
	played_at_ms BIGINT NOT NULL, 
	recording_id INTEGER NOT NULL, 
	skipped BOOLEAN NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_play PRIMARY KEY (listener_id, played_at_ms, recording_id), 
	CONSTRAINT fk_play_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_play_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;

CREATE INDEX ix_play_recording_id ON play (recording_id, listener_id);

CREATE TABLE playlist_history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	listener_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	written_at TEXT NOT NULL, 
	CONSTRAINT fk_playlist_history_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE
);

CREATE INDEX ix_playlist_history_listener_id ON playlist_history (listener_id);

CREATE TABLE playlist_history_track (
	history_id INTEGER NOT NULL, 
	recording_id INTEGER NOT NULL, 
	CONSTRAINT pk_playlist_history_track PRIMARY KEY (history_id, recording_id), 
	CONSTRAINT fk_playlist_history_track_history_id FOREIGN KEY(history_id) REFERENCES playlist_history (id) ON DELETE CASCADE, 
	CONSTRAINT fk_playlist_history_track_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_playlist_history_track_recording_id ON playlist_history_track (recording_id);

CREATE TABLE artist (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" TEXT NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT uq_artist_key UNIQUE ("key")
);

CREATE TABLE genre (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" TEXT NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT uq_genre_key UNIQUE ("key")
);

CREATE TABLE album (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" TEXT NOT NULL, 
	title TEXT NOT NULL, 
	title_key TEXT NOT NULL, 
	various BOOLEAN NOT NULL, 
	year INTEGER, 
	release TEXT, 
	CONSTRAINT uq_album_key UNIQUE ("key")
);

CREATE INDEX ix_album_title_key ON album (title_key);

CREATE INDEX ix_album_release ON album (release);

CREATE TABLE album_artist (
	album_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	artist_id INTEGER NOT NULL, 
	CONSTRAINT pk_album_artist PRIMARY KEY (album_id, position), 
	CONSTRAINT fk_album_artist_album_id FOREIGN KEY(album_id) REFERENCES album (id) ON DELETE CASCADE, 
	CONSTRAINT fk_album_artist_artist_id FOREIGN KEY(artist_id) REFERENCES artist (id) ON DELETE CASCADE
);

CREATE INDEX ix_album_artist_artist_id ON album_artist (artist_id);

CREATE TABLE file_artist (
	file_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	artist_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_file_artist PRIMARY KEY (file_id, role, position), 
	CONSTRAINT fk_file_artist_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE CASCADE, 
	CONSTRAINT fk_file_artist_artist_id FOREIGN KEY(artist_id) REFERENCES artist (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;

CREATE INDEX ix_file_artist_artist_id_role_file_id ON file_artist (artist_id, role, file_id);

CREATE TABLE file_genre (
	file_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	genre_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_file_genre PRIMARY KEY (file_id, position), 
	CONSTRAINT fk_file_genre_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE CASCADE, 
	CONSTRAINT fk_file_genre_genre_id FOREIGN KEY(genre_id) REFERENCES genre (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;

CREATE INDEX ix_file_genre_genre_id_file_id ON file_genre (genre_id, file_id);

CREATE TABLE unlinked_title (
	title_key TEXT NOT NULL, 
	CONSTRAINT pk_unlinked_title PRIMARY KEY (title_key)
)
 WITHOUT ROWID

;

CREATE INDEX ix_file_title_key ON file (title_key);

CREATE INDEX ix_file_album_id ON file (album_id);

CREATE TABLE performance (
	recording_id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, 
	"key" BLOB NOT NULL, 
	CONSTRAINT pk_performance PRIMARY KEY (recording_id), 
	CONSTRAINT fk_performance_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_performance_group_id ON performance (group_id);

CREATE TABLE album_like (
	listener_id INTEGER NOT NULL, 
	album_id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	strength DOUBLE NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_album_like PRIMARY KEY (listener_id, album_id), 
	CONSTRAINT fk_album_like_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_album_like_album_id FOREIGN KEY(album_id) REFERENCES album (id) ON DELETE CASCADE
);

CREATE INDEX ix_album_like_album_id ON album_like (album_id);

CREATE TABLE album_stars (
	listener_id INTEGER NOT NULL, 
	album_id INTEGER NOT NULL, 
	stars INTEGER NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_album_stars PRIMARY KEY (listener_id, album_id), 
	CONSTRAINT fk_album_stars_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_album_stars_album_id FOREIGN KEY(album_id) REFERENCES album (id) ON DELETE CASCADE
);

CREATE INDEX ix_album_stars_album_id ON album_stars (album_id);

CREATE TABLE artist_like (
	listener_id INTEGER NOT NULL, 
	artist_id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	strength DOUBLE NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_artist_like PRIMARY KEY (listener_id, artist_id), 
	CONSTRAINT fk_artist_like_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_artist_like_artist_id FOREIGN KEY(artist_id) REFERENCES artist (id) ON DELETE CASCADE
);

CREATE INDEX ix_artist_like_artist_id ON artist_like (artist_id);

CREATE TABLE artist_stars (
	listener_id INTEGER NOT NULL, 
	artist_id INTEGER NOT NULL, 
	stars INTEGER NOT NULL, 
	rated_at TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_artist_stars PRIMARY KEY (listener_id, artist_id), 
	CONSTRAINT fk_artist_stars_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT fk_artist_stars_artist_id FOREIGN KEY(artist_id) REFERENCES artist (id) ON DELETE CASCADE
);

CREATE INDEX ix_artist_stars_artist_id ON artist_stars (artist_id);

CREATE TABLE audio_check (
	first_id INTEGER NOT NULL, 
	second_id INTEGER NOT NULL, 
	same BOOLEAN, 
	CONSTRAINT pk_audio_check PRIMARY KEY (first_id, second_id), 
	CONSTRAINT fk_audio_check_first_id FOREIGN KEY(first_id) REFERENCES recording (id) ON DELETE CASCADE, 
	CONSTRAINT fk_audio_check_second_id FOREIGN KEY(second_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_audio_check_second_id ON audio_check (second_id);

CREATE TABLE ingest_claim (
	path TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	CONSTRAINT pk_ingest_claim PRIMARY KEY (path)
);

CREATE TABLE saved_playlist (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	listener_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	request JSON, 
	output TEXT, 
	format TEXT, 
	path_options JSON NOT NULL, 
	saved_at TEXT NOT NULL, 
	changed_at TEXT NOT NULL, 
	CONSTRAINT fk_saved_playlist_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT uq_saved_playlist_listener_id_name UNIQUE (listener_id, name)
);

CREATE TABLE saved_playlist_track (
	playlist_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	recording_id INTEGER NOT NULL, 
	CONSTRAINT pk_saved_playlist_track PRIMARY KEY (playlist_id, position), 
	CONSTRAINT fk_saved_playlist_track_playlist_id FOREIGN KEY(playlist_id) REFERENCES saved_playlist (id) ON DELETE CASCADE, 
	CONSTRAINT fk_saved_playlist_track_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE CASCADE
);

CREATE INDEX ix_saved_playlist_track_recording_id ON saved_playlist_track (recording_id);

CREATE TABLE play_queue (
	listener_id INTEGER NOT NULL, 
	track_ids JSON NOT NULL, 
	current_index INTEGER, 
	position_ms BIGINT NOT NULL, 
	changed_at TEXT NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_play_queue PRIMARY KEY (listener_id), 
	CONSTRAINT fk_play_queue_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE
);

CREATE TABLE link (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	url TEXT NOT NULL, 
	user TEXT, 
	listener_id INTEGER, 
	created_at TEXT NOT NULL, 
	read_at TEXT, 
	CONSTRAINT fk_link_listener_id FOREIGN KEY(listener_id) REFERENCES listener (id) ON DELETE CASCADE, 
	CONSTRAINT uq_link_name_key UNIQUE (name_key)
);

CREATE TABLE link_track (
	link_id INTEGER NOT NULL, 
	foreign_id TEXT NOT NULL, 
	recording_id INTEGER, 
	method TEXT, 
	artist TEXT, 
	title TEXT, 
	album TEXT, 
	path TEXT, 
	duration DOUBLE, 
	CONSTRAINT pk_link_track PRIMARY KEY (link_id, foreign_id), 
	CONSTRAINT fk_link_track_link_id FOREIGN KEY(link_id) REFERENCES link (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_track_recording_id FOREIGN KEY(recording_id) REFERENCES recording (id) ON DELETE SET NULL
);

CREATE INDEX ix_link_track_recording_id ON link_track (recording_id);

CREATE TABLE link_artist (
	link_id INTEGER NOT NULL, 
	foreign_id TEXT NOT NULL, 
	artist_id INTEGER NOT NULL, 
	CONSTRAINT pk_link_artist PRIMARY KEY (link_id, foreign_id), 
	CONSTRAINT fk_link_artist_link_id FOREIGN KEY(link_id) REFERENCES link (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_artist_artist_id FOREIGN KEY(artist_id) REFERENCES artist (id) ON DELETE CASCADE
);

CREATE INDEX ix_link_artist_artist_id ON link_artist (artist_id);

CREATE TABLE link_playlist (
	link_id INTEGER NOT NULL, 
	playlist_id INTEGER NOT NULL, 
	foreign_id TEXT NOT NULL, 
	CONSTRAINT pk_link_playlist PRIMARY KEY (link_id, playlist_id), 
	CONSTRAINT fk_link_playlist_link_id FOREIGN KEY(link_id) REFERENCES link (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_playlist_playlist_id FOREIGN KEY(playlist_id) REFERENCES saved_playlist (id) ON DELETE CASCADE
);

CREATE INDEX ix_link_playlist_playlist_id ON link_playlist (playlist_id)
