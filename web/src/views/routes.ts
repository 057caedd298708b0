/** The views of the page, and which of them the navigation shows. A view is loaded when it is opened first. */
import type { TextKey } from '../i18n';
import type { Route } from '../router';
import type { IconName } from '../ui/Icon';

export interface Entry extends Route {
  /** where the navigation shows it */
  nav?: { text: TextKey; icon: IconName; group: 'music' | 'find' | 'lists' | 'care' };
}

export const routes: readonly Entry[] = [
  { path: '', load: () => import('./library'), nav: { text: 'nav-library', icon: 'library', group: 'music' } },
  {
    path: 'albums',
    load: () => import('./browse/albums'),
    nav: { text: 'nav-albums', icon: 'album', group: 'music' },
  },
  {
    path: 'artists',
    load: () => import('./browse/artists'),
    nav: { text: 'nav-artists', icon: 'user', group: 'music' },
  },
  { path: 'tracks/:id', load: () => import('./track') },
  { path: 'albums/:id', load: () => import('./album') },
  { path: 'artists/:id', load: () => import('./artist') },
  {
    path: 'similar',
    load: () => import('./similar'),
    nav: { text: 'nav-similar', icon: 'similar', group: 'find' },
  },
  { path: 'path', load: () => import('./path'), nav: { text: 'nav-path', icon: 'path', group: 'find' } },
  { path: 'genres', load: () => import('./genres'), nav: { text: 'nav-genres', icon: 'genres', group: 'music' } },
  { path: 'map', load: () => import('./map'), nav: { text: 'nav-map', icon: 'map', group: 'find' } },
  {
    path: 'builder',
    load: () => import('./builder'),
    nav: { text: 'nav-builder', icon: 'builder', group: 'lists' },
  },
  {
    path: 'playlists',
    load: () => import('./playlists'),
    nav: { text: 'nav-playlists', icon: 'playlist', group: 'lists' },
  },
  { path: 'playlists/:id', load: () => import('./playlists/open') },
  { path: 'likes', load: () => import('./likes'), nav: { text: 'nav-likes', icon: 'heart', group: 'lists' } },
  { path: 'welcome', load: () => import('./welcome') },
  {
    path: 'duplicates',
    load: () => import('./duplicates'),
    nav: { text: 'nav-duplicates', icon: 'duplicates', group: 'care' },
  },
  {
    path: 'genre-models',
    load: () => import('./genre-models'),
    nav: { text: 'nav-genre-models', icon: 'model', group: 'care' },
  },
  { path: 'genre-models/:name', load: () => import('./genre-models/Model') },
  { path: 'genre-models/:name/suspects', load: () => import('./genre-models/Suspects') },
  { path: 'jobs', load: () => import('./jobs'), nav: { text: 'nav-jobs', icon: 'jobs', group: 'care' } },
  {
    path: 'settings',
    load: () => import('./settings'),
    nav: { text: 'nav-settings', icon: 'settings', group: 'care' },
  },
];
