/** The seeds of one side: chips, a field that adds, and a place to drop tracks. */
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { dragged, seeds, type SeedItem } from '../../state/seeds';
import { row } from '../../state/rows';
import { Chips } from '../../ui/Chips';
import { Picker } from '../../ui/Picker';
import type { SeedKey } from './seedList';

const names = new Map<string, string>();
const keyOf = (seed: SeedKey): string => `${seed.kind}-${seed.id}`;

async function nameOf(seed: SeedKey): Promise<string> {
  if (seed.kind === 'album') return (await api.album(seed.id)).title;
  if (seed.kind === 'artist') return (await api.artist(seed.id)).name;
  return (await api.track(seed.id)).title;
}

const knownName = (seed: SeedKey): string | undefined =>
  names.get(keyOf(seed)) ??
  [...seeds.value.plus, ...seeds.value.minus].find((each) => keyOf(each) === keyOf(seed))?.name ??
  (seed.kind === 'track' ? row(seed.id)?.title : undefined);

interface SeedFieldProperties {
  label: string;
  placeholder: string;
  items: readonly SeedKey[];
  onAdd: (items: readonly SeedItem[]) => void;
  onRemove: (item: SeedKey) => void;
}

export function SeedField({ label, placeholder, items, onAdd, onRemove }: SeedFieldProperties) {
  const [over, setOver] = useState(false);
  const [, setNamed] = useState(0);
  const unnamed = items.filter((each) => knownName(each) === undefined);
  const key = unnamed.map(keyOf).join();
  useEffect(() => {
    for (const each of unnamed) {
      nameOf(each).then(
        (name) => {
          names.set(keyOf(each), name);
          setNamed((count) => count + 1);
        },
        () => undefined, // the results show the error
      );
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the unnamed ones
  }, [key]);
  return (
    <section
      class={`seed-field ${over ? 'drop-over' : ''}`}
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onAdd(dragged(event));
      }}
    >
      <h2>{label}</h2>
      <Chips
        label={label}
        chips={items.map((each) => ({
          key: keyOf(each),
          label: knownName(each) ?? '…',
          onRemove: () => onRemove(each),
        }))}
      />
      <Picker
        label={placeholder}
        onPick={(hit) => {
          names.set(keyOf(hit), hit.name);
          onAdd([{ kind: hit.kind, id: hit.id, name: hit.name }]);
        }}
      />
    </section>
  );
}
