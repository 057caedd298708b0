/** Items of menus that playlists share. */
import { t } from '../i18n';
import { player } from '../player/interface';
import { navigate, to } from '../router';
import type { MenuItem } from '../ui/Menu';
import { attempt, toast } from '../ui/toast';
import { exportTracks, FORMATS } from './api';

const MOST_IN_ADDRESS = 500;

/** The address of the map with the list drawn as a way. */
export const mapAddress = (ids: readonly number[]): string =>
  to('map', { tracks: ids.slice(0, MOST_IN_ADDRESS).join(',') });

export function listMenu(ids: readonly number[], name: string): MenuItem[] {
  const music = player.value;
  return [
    ...(music
      ? [
          {
            label: t('enqueue'),
            icon: 'queue' as const,
            onSelect: () => {
              music.enqueue(ids);
              toast(t('queued', { n: ids.length }));
            },
          },
        ]
      : []),
    { label: t('preview-map'), icon: 'map', onSelect: () => navigate(mapAddress(ids)) },
    ...FORMATS.map((format, index): MenuItem => ({
      label: t('export-as', { format: format === 'paths' ? t('export-paths') : format.toUpperCase() }),
      icon: 'download',
      separated: index === 0,
      onSelect: () => attempt(exportTracks(ids, name, format)),
    })),
  ];
}
