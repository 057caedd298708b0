/** Names that one chooses from a list as one types: genres, moods, tags, keys. */
import { useId, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Chips } from '../../ui/Chips';
import { Suggestions, useSuggestions } from './Suggestions';

const SHOWN = 8;

export interface NameChoice {
  name: string;
  /** how many tracks have it */
  tracks?: number;
}

interface NameFieldProperties {
  label: string;
  names: readonly NameChoice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** What contains the text, those that begin with it first; without what is chosen. */
export function matching(names: readonly NameChoice[], chosen: readonly string[], text: string): NameChoice[] {
  const wanted = text.trim().toLocaleLowerCase();
  const taken = new Set(chosen);
  const free = names.filter(({ name }) => !taken.has(name) && name.toLocaleLowerCase().includes(wanted));
  const begins = ({ name }: NameChoice): number => (name.toLocaleLowerCase().startsWith(wanted) ? 0 : 1);
  return free.sort((one, other) => begins(one) - begins(other)).slice(0, SHOWN);
}

export function NameField({ label, names, value, onChange }: NameFieldProperties) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = matching(names, value, text);
  const add = ({ name }: NameChoice): void => {
    setText('');
    onChange([...value, name]);
    input.current?.focus();
  };
  const list = useSuggestions(found, add, () => {
    if (text === '' && value.length > 0) onChange(value.slice(0, -1));
  });
  return (
    <div class="name-field">
      <label for={id}>{label}</label>
      <Chips
        label={label}
        chips={value.map((name) => ({
          key: name,
          label: name,
          onRemove: () => onChange(value.filter((each) => each !== name)),
        }))}
      />
      <div class="suggesting" {...list.boxProperties}>
        <input
          ref={input}
          id={id}
          type="text"
          value={text}
          placeholder={t('builder-add-name')}
          {...list.inputProperties}
          onInput={(event) => {
            setText(event.currentTarget.value);
            list.open();
          }}
        />
        <Suggestions
          list={list}
          label={label}
          keyOf={({ name }) => name}
          none={text.trim() ? t('builder-no-name') : null}
          render={({ name, tracks }) => (
            <>
              <bdi>{name}</bdi>
              {tracks !== undefined && <small class="muted">{t('n-tracks', { n: tracks })}</small>}
            </>
          )}
        />
      </div>
    </div>
  );
}
