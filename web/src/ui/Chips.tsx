import { t } from '../i18n';
import { Icon } from './Icon';

export interface Chip {
  key: string;
  label: string;
  onRemove: () => void;
}

/** What is chosen, each removed by its button. */
export function Chips({ label, chips }: { label: string; chips: readonly Chip[] }) {
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={label}>
      {chips.map((chip) => (
        <li key={chip.key} class="chip">
          <bdi>{chip.label}</bdi>
          <button type="button" aria-label={t('remove-named', { name: chip.label })} onClick={chip.onRemove}>
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface ChoiceProperties<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few choices, all visible. */
export function Choice<T extends string>({ label, value, choices, onChange }: ChoiceProperties<T>) {
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{label}</legend>
      {choices.map((each) => (
        <label key={each.value}>
          <input
            type="radio"
            name={label}
            value={each.value}
            checked={each.value === value}
            onChange={() => onChange(each.value)}
          />
          <span>{each.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
