/** The search of the top bar. */
import { t } from '../i18n';
import { navigate, to } from '../router';
import { Picker } from '../ui/Picker';

const FOLDERS = { track: 'tracks', album: 'albums', artist: 'artists' } as const;

export function Search() {
  return (
    <search class="top-search">
      <Picker
        label={t('search-label')}
        placeholder={t('search-placeholder')}
        shortcut="/"
        onPick={(hit) => navigate(`${FOLDERS[hit.kind]}/${hit.id}`)}
        onEnter={(query) => navigate(to('', { q: query }))}
        footer={(query, close) => (
          <a class="search-all" href={to('', { q: query })} onClick={close}>
            {t('search-all', { query })}
          </a>
        )}
      />
    </search>
  );
}
