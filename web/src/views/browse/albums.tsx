/** All albums, by artist and year. */
import { api } from '../../api/endpoints';
import type { AlbumRecord } from '../../api/records';
import type { ViewProperties } from '../../router';
import { Browse } from './Browse';

const card = ({ id, title, artist, year }: AlbumRecord) => ({
  id,
  title,
  detail: <bdi>{[artist, year].filter(Boolean).join(' · ')}</bdi>,
});

export default function Albums({ query }: ViewProperties) {
  return <Browse kind="album" query={query.get('q') ?? ''} load={api.albums} card={card} />;
}
