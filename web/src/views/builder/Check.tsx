import type { ComponentChildren } from 'preact';

interface CheckProperties {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A box that is checked or not. */
export function Check({ label, checked, onChange }: CheckProperties) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
