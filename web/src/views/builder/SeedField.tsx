/** The seeds of one side: found by a search, or dropped from any list of tracks. */
import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { addSeeds, DRAG_TYPE, dragged, removeSeed, seeds, type Seeds } from '../../state/seeds';
import { removeFocused } from '../../ui/Chips';
import { Cover } from '../../ui/Cover';
import { Icon } from '../../ui/Icon';
import { Picker } from '../../ui/Picker';
import { seedKey } from './request';

export function SeedField({ side }: { side: keyof Seeds }) {
  const [over, setOver] = useState(false);
  const chosen = seeds.value[side];
  const label = t(`builder-${side}`);
  return (
    <div
      class={`builder-seeds seeds-${side} ${over ? 'seeds-over' : ''}`}
      role="group"
      aria-label={label}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        const items = dragged(event);
        if (items.length === 0) return;
        event.preventDefault();
        addSeeds(items, side);
      }}
    >
      <h3>
        <Icon name={side} size={16} />
        {label}
      </h3>
      {chosen.length > 0 && (
        <ul class="seed-list" aria-label={label}>
          {chosen.map((item) => (
            <li key={seedKey(item)} class="seed-chip">
              {item.kind === 'artist' ? (
                <span class="cover cover-round" style={{ '--size': '28px' }}>
                  <Icon name="user" size={16} />
                </span>
              ) : (
                <Cover kind={item.kind} id={item.id} size={28} />
              )}
              <bdi>{item.name}</bdi>
              <button
                type="button"
                aria-label={t('remove-named', { name: item.name })}
                onClick={(event) => removeFocused(event.currentTarget, () => removeSeed(item))}
              >
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Picker
        label={`${label}: ${t('search-label')}`}
        placeholder={t(`builder-${side}-add`)}
        onPick={({ kind, id, name }) => addSeeds([{ kind, id, name }], side)}
      />
    </div>
  );
}
