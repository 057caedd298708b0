import { useState } from 'preact/hooks';
import type { PlaylistRequestRecord } from '../../api/records';
import { t } from '../../i18n';
import { navigate } from '../../router';
import { playlists } from '../../playlists/api';
import { NameForm } from '../../playlists/NameForm';
import { toast } from '../../ui/toast';
import { Check } from './Check';
import { savedRequest } from './request';

interface SaveDialogProperties {
  name: string;
  request: PlaylistRequestRecord;
  /** the tracks as they are shown */
  ids: readonly number[];
  onClose: () => void;
}

/** Keep the list that is shown, with the request that makes it anew. */
export function SaveDialog({ name, request, ids, onClose }: SaveDialogProperties) {
  const [random, setRandom] = useState(false);
  return (
    <NameForm
      title={t('save-title')}
      name={name}
      onClose={onClose}
      onSave={async (given) => {
        const { id } = await playlists.add(given, { request: savedRequest(request, random), track_ids: ids });
        toast(t('save-done', { name: given }), {
          action: { label: t('save-open'), run: () => navigate(`playlists/${id}`) },
        });
      }}
    >
      <p class="muted">
        {t('n-tracks', { n: ids.length })}. {t('save-refreshable')}
      </p>
      <Check label={t('save-random')} checked={random} onChange={setRandom} />
    </NameForm>
  );
}
