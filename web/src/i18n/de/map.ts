import type { Translated } from '..';
import type { map as english } from '../en/map';

export const map: Translated<typeof english> = {
  'nav-map': 'Karte',
  'map-title': 'Karte',
  'map-about': {
    one: '{n} Titel',
    other: '{n} Titel; was nah beieinander liegt, klingt ähnlich. Ein Klick spielt einen Titel.',
  },
  'map-keys':
    'Karte der Bibliothek. Plus und Minus vergrößern und verkleinern, 0 zeigt alles, Pfeiltasten bewegen. Die Schaltfläche „Titel im Ausschnitt“ listet die Titel auf.',
  'map-none-title': 'Noch keine Karte',
  'map-none-text': 'Füge einen Ordner mit Musik hinzu. Die Karte erscheint, sobald Titel analysiert sind.',
  'map-making-title': 'Die Karte wird erstellt',
  'map-making-text': 'Das geschieht nur einmal. Die Seite lässt sich inzwischen benutzen.',
  'map-colours': 'Farben',
  'map-by-genre': 'Genre',
  'map-by-year': 'Jahr',
  'map-by-tempo': 'Tempo',
  'map-by-loudness': 'Lautheit',
  'map-lasso': 'Lasso',
  'map-lasso-about': 'Ziehe eine Linie um Titel, um sie auszuwählen.',
  'map-list': 'Titel im Ausschnitt',
  'map-listed': { one: '{n} Titel', other: '{n} Titel' },
  'map-listed-limit': 'Die ersten {limit} sind aufgelistet. Vergrößere die Karte für andere.',
  'map-zoom-in': 'Vergrößern',
  'map-zoom-out': 'Verkleinern',
  'map-fit': 'Ganze Karte zeigen',
  'map-other': 'Andere',
  'map-none': 'Nicht bekannt',
  'map-no-values': 'Kein Titel hat diesen Wert.',
};
