/** All artists, by name. */
import { api } from '../../api/endpoints';
import type { ArtistRecord } from '../../api/records';
import { t } from '../../i18n';
import type { ViewProperties } from '../../router';
import { Browse } from './Browse';

const card = ({ id, name, tracks }: ArtistRecord) => ({ id, title: name, detail: t('n-tracks', { n: tracks }) });

export default function Artists({ query }: ViewProperties) {
  return <Browse kind="artist" query={query.get('q') ?? ''} load={api.artists} card={card} />;
}
