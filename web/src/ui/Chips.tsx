import { t } from '../i18n';
import { Icon } from './Icon';

export interface Chip {
  key: string;
  label: string;
  onRemove: () => void;
}

/** Remove the item of a list whose button is pressed: the focus goes to the one beside it, else to the field of the list. */
export function removeFocused(button: HTMLElement, remove: () => void): void {
  const item = button.closest('li');
  const beside = (item?.nextElementSibling ?? item?.previousElementSibling)?.querySelector<HTMLElement>('button');
  const field = item?.closest('ul')?.parentElement?.querySelector<HTMLElement>(':scope > .search input');
  remove();
  (beside ?? field ?? document.getElementById('main'))?.focus();
}

/** What is chosen, each removed by its button. */
export function Chips({ label, chips }: { label: string; chips: readonly Chip[] }) {
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={label}>
      {chips.map((chip) => (
        <li key={chip.key} class="chip">
          <bdi>{chip.label}</bdi>
          <button
            type="button"
            aria-label={t('remove-named', { name: chip.label })}
            onClick={(event) => removeFocused(event.currentTarget, chip.onRemove)}
          >
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
