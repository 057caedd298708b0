/** Light or dark: as the system has it, or as a setting says. */
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const SETTING = 'recsys.theme';

const isTheme = (text: string | null): text is Theme => text === 'light' || text === 'dark' || text === 'system';

export const theme = signal<Theme>('system');

export function setTheme(next: Theme): void {
  theme.value = next;
  localStorage.setItem(SETTING, next);
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}

export function startTheme(): void {
  const stored = localStorage.getItem(SETTING);
  if (isTheme(stored)) setTheme(stored);
}
