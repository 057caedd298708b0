import { t } from '../i18n';
import { current, match, navigate } from '../router';
import { Icon } from '../ui/Icon';
import { MenuButton } from '../ui/Menu';
import { routes, type Entry } from '../views/routes';

const GROUPS = ['music', 'find', 'lists', 'care'] as const;
const TABS = 4; // entries of the bar on a phone; the others are in its menu

type Shown = Entry & { nav: NonNullable<Entry['nav']> };
const shown = routes.filter((entry): entry is Shown => entry.nav !== undefined);

export function Navigation() {
  const { path } = current.value;
  const link = (entry: Shown) => (
    <a
      key={entry.path}
      href={entry.path || '.'}
      {...(match(entry.path, path) !== null && { 'aria-current': 'page' as const })}
    >
      <Icon name={entry.nav.icon} />
      <span>{t(entry.nav.text)}</span>
    </a>
  );
  const rest = shown.slice(TABS);
  return (
    <nav class="navigation" aria-label={t('nav-label')}>
      <a class="brand" href="." aria-label={t('nav-home')}>
        <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" fill="var(--accent)" />
          <path
            d="M8 19v-6M13 23V9M18 20v-8M23 17v-2"
            stroke="var(--on-accent)"
            stroke-width="2.6"
            stroke-linecap="round"
          />
        </svg>
        <span>recsys</span>
      </a>
      <div class="navigation-wide">
        {GROUPS.map((group) => {
          const entries = shown.filter((entry) => entry.nav.group === group);
          if (entries.length === 0) return null;
          return (
            <section key={group} aria-label={t(`nav-${group}`)}>
              <h2 aria-hidden="true">{t(`nav-${group}`)}</h2>
              {entries.map(link)}
            </section>
          );
        })}
      </div>
      <div class="navigation-tabs">
        {shown.slice(0, TABS).map(link)}
        {rest.length > 0 && (
          <MenuButton
            class="tab"
            label={t('nav-more')}
            items={rest.map((entry) => ({
              label: t(entry.nav.text),
              icon: entry.nav.icon,
              onSelect: () => navigate(entry.path),
            }))}
          >
            <Icon name="more" />
            <span>{t('nav-more')}</span>
          </MenuButton>
        )}
      </div>
    </nav>
  );
}
