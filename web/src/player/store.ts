/** What can be done with the player. */
import { api, type Rating } from '../api/endpoints';
import { Problem, problemOf } from '../api/client';
import type { TrackDetailsRecord } from '../api/records';
import { t } from '../i18n';
import { needRows, rateTrack, row } from '../state/rows';
import { toast, toastError } from '../ui/toast';
import { Engine, type EngineEvents } from './audio';
import { gainFactor } from './gain';
import type { Seed } from './interface';
import { NOT_STARTED, isPlayed, isSkipped, listened } from './plays';
import * as queues from './queue';
import type { Entry, Queue, Repeat } from './queue';
import { RADIO_REMAINING, radioAfter, radioOffered, radioWithdrawn, startRadio, type RadioEvent } from './radio';
import { requestRadio } from './radioFill';
import { sourceOf, type Playable } from './source';
import { currentId, duration, entry, playing, position, queue, radio, settings, track, waiting } from './state';
import { writeSettings, type Settings } from './storage';
import { openTabs } from './tabs';

const MOST_FAILURES = 3; // tracks in a row that cannot be played
const RESTART_AFTER = 3; // seconds after which "previous" goes to the begin of the track

const details = new Map<number, TrackDetailsRecord>();
let listening = NOT_STARTED;
let failures = 0;
let request = 0; // the last one for a track to play
let filling: Promise<void> | null = null;

const events: EngineEvents = {
  next: async () => {
    const next = queues.following(queue.value, true);
    return next && (await playableOf(next).catch(() => null));
  },
  advanced: (key) => {
    leave('ended');
    queue.value = queues.select(queue.value, key);
    arrive();
  },
  ended: () => {
    leave('ended');
    const next = queues.following(queue.value, true);
    if (next) go(next);
    else void finish();
  },
  progress: (now, before, elapsed) => {
    position.value = now;
    listening = listened(listening, before, now, elapsed);
    if (listening.seconds > 1) failures = 0;
    const id = currentId.value;
    if (id !== null && !listening.reported && isPlayed(listening.seconds, duration.value)) report(id, false);
  },
  state: (plays, waits) => {
    playing.value = plays;
    waiting.value = waits;
  },
  failed: (key) => void failed(key),
  blocked: () => toast(t('player-blocked')),
};
export const engine = new Engine(events);
const tabs = openTabs(() => engine.pause());

async function detailsOf(id: number): Promise<TrackDetailsRecord> {
  const found = details.get(id) ?? (await api.track(id));
  if (details.size > 200) details.clear();
  details.set(id, found);
  return found;
}

async function playableOf({ key, id }: Entry): Promise<Playable> {
  const found = await detailsOf(id);
  return { ...sourceOf(key, found), factor: gainFactor(found, settings.value.gain) };
}

/** Report the current track as played or skipped; a play that is lost is no reason for a message. */
function report(id: number, skipped: boolean): void {
  listening = { ...listening, reported: true };
  api.addPlay(id, skipped).catch(() => undefined);
}

/** The current track is left: it may have been skipped. */
function leave(reason: 'ended' | 'skip' | 'other'): void {
  const id = currentId.value;
  if (id === null) return;
  if (reason === 'ended' && listening.reported) learn(id, 'played');
  if (reason === 'skip' && listening.seconds > 0 && isSkipped(listening)) {
    report(id, true);
    learn(id, 'skipped');
  }
  listening = NOT_STARTED;
}

/** Another track is the current one. */
function arrive(): void {
  position.value = 0;
  void fill();
}

/** Go to an entry and play it from a position. */
function go(next: Entry, at = 0): void {
  queue.value = queues.select(queue.value, next.key);
  listening = NOT_STARTED;
  arrive();
  position.value = at;
  void start(next, at, true);
}

async function start(next: Entry, at: number, play: boolean): Promise<void> {
  const own = ++request;
  engine.clear();
  playing.value = waiting.value = play;
  try {
    const playable = await playableOf(next);
    if (own !== request) return;
    engine.load(playable, at, play && playing.value);
    if (playing.value) tabs.announce();
  } catch (error) {
    if (own !== request) return;
    playing.value = waiting.value = false;
    if (error instanceof Problem && error.status === 404) void failed(next.key);
    else toastError(error);
  }
}

/** A track cannot be played: the following one is, unless the server is lost or several failed in a row. */
async function failed(key: number): Promise<void> {
  const bad = queues.current(queue.value);
  if (bad?.key !== key) return;
  details.delete(bad.id);
  const at = position.value;
  playing.value = waiting.value = false;
  try {
    await api.track(bad.id);
  } catch (error) {
    if (problemOf(error).status !== 404) {
      engine.clear(); // the server is lost, or asks for a login: "play" tries again where it was
      position.value = at;
      toastError(error);
      return;
    }
  }
  failures++;
  const name = row(bad.id)?.title ?? String(bad.id);
  if (failures >= MOST_FAILURES) {
    failures = 0;
    engine.clear();
    toast(t('player-stopped', { title: name }), { error: true });
    return;
  }
  toast(t('player-failed', { title: name }), { error: true });
  leave('other');
  const next = queues.following({ ...queue.value, repeat: 'off' }, false);
  if (next) go(next);
  else engine.clear();
}

/** The queue is at its end. */
async function finish(): Promise<void> {
  if (radio.value) {
    const last = entry.value?.key;
    await fill();
    const next = queues.following(queue.value, true);
    if (next && entry.value?.key === last) {
      go(next);
      return;
    }
  }
  engine.clear();
  position.value = 0;
}

/** Change the queue: what follows may be another track. */
function change(next: Queue): void {
  const before = queue.value;
  if (next === before) return;
  queue.value = next;
  const kept = queues.current(next)?.key === queues.current(before)?.key;
  const follows = queues.following(next, true)?.key === queues.following(before, true)?.key;
  if (kept && !follows) engine.forgetNext();
  needRows(next.entries.slice(Math.max(0, next.index), next.index + 5).map(({ id }) => id));
}

/** The radio learns from an event: what it added, and has not played, is replaced. */
function learn(id: number, event: RadioEvent): void {
  if (!radio.value) return;
  radio.value = radioAfter(radio.value, id, event);
  if (event !== 'played') setTimeout(renew); // after the following track has become the current one
}

function renew(): void {
  if (!radio.value) return;
  const kept = queues.clearRadio(queue.value);
  const stay = new Set(kept.entries.map(({ key }) => key));
  const gone = queue.value.entries.filter(({ key }) => !stay.has(key)).map((each) => each.id);
  radio.value = radioWithdrawn(radio.value, gone);
  change(kept);
  void fill();
}

async function fill(): Promise<void> {
  if (filling) await filling;
  const asked = radio.value;
  if (!asked || queues.upcoming(queue.value).length >= RADIO_REMAINING) return;
  filling = requestRadio(asked)
    .then((found) => {
      if (radio.value !== asked) {
        if (radio.value) setTimeout(() => void fill()); // it has learned something since
        return;
      }
      radio.value = radioOffered(found.radio, found.ids);
      change(queues.enqueue(queue.value, found.ids, true));
    }, toastError)
    .finally(() => (filling = null));
  await filling;
}

export function play(ids: readonly number[], startIndex = 0): void {
  leave('other');
  radio.value = null;
  change(queues.playTracks(queue.value, ids, startIndex));
  failures = 0;
  const first = entry.value;
  if (first) go(first);
  else engine.clear();
}

export function add(ids: readonly number[], place: 'end' | 'next'): void {
  const wasEmpty = entry.value === null;
  change(place === 'end' ? queues.enqueue(queue.value, ids) : queues.playNext(queue.value, ids));
  if (radio.value) radio.value = radioOffered(radio.value, ids);
  if (wasEmpty && entry.value) void start(entry.value, 0, false);
}

export function toggle(): void {
  const now = entry.value;
  if (!now) return;
  if (playing.value) {
    request++; // one that is on its way does not play
    engine.pause();
    playing.value = waiting.value = false;
  } else if (engine.key === now.key) {
    engine.play();
    tabs.announce();
  } else void start(now, position.value, true);
}

export function next(): void {
  const found = queues.following(queue.value, false);
  leave('skip');
  if (found) go(found);
  else void finish();
}

export function previous(): void {
  const before = queues.preceding(queue.value);
  if (position.value > RESTART_AFTER || !before) seek(0);
  else {
    leave('other');
    go(before);
  }
}

export function jump(key: number): void {
  const found = queue.value.entries.find((each) => each.key === key);
  if (!found) return;
  if (found.key === entry.value?.key) {
    if (!playing.value) toggle();
    return;
  }
  leave('skip');
  go(found);
}

export function seek(at: number): void {
  position.value = Math.max(0, Math.min(at, duration.value));
  if (engine.key === entry.value?.key) engine.seek(position.value);
}

export function removeEntry(key: number): void {
  if (key !== entry.value?.key) {
    change(queues.remove(queue.value, key));
    return;
  }
  const played = playing.value;
  leave('other');
  change(queues.remove(queue.value, key));
  position.value = 0;
  const follower = queues.current(queue.value);
  if (follower) void start(follower, 0, played);
  else {
    request++;
    engine.clear();
  }
}

export const moveEntry = (key: number, to: number): void => change(queues.move(queue.value, key, to));
export const setRepeat = (repeat: Repeat): void => change({ ...queue.value, repeat });
export const setShuffle = (on: boolean): void => change(queues.setShuffle(queue.value, on));

/** Remove what is upcoming; the radio ends too, since it would fill the queue again. */
export function clearUpcoming(): void {
  radio.value = null;
  change(queues.clearUpcoming(queue.value));
}

/** Play similar tracks without an end, from a track, or from any track of an album or an artist. */
export async function radioFrom(seed: Seed): Promise<void> {
  try {
    const found = seed.kind === 'track' ? [seed.id] : (await api.trackIds({ [seed.kind]: seed.id })).ids;
    const first = found[Math.floor(Math.random() * found.length)];
    if (first === undefined) return;
    if (first !== currentId.value || !playing.value) play([first]);
    else change(onlyCurrent());
    beginRadio(seed);
  } catch (error) {
    toastError(error);
  }
}

/** The queue without all but the current entry, which plays on. */
function onlyCurrent(): Queue {
  const now = entry.value;
  return now ? { ...queue.value, entries: [now], index: 0, unshuffled: null } : queues.EMPTY;
}

function beginRadio(seed: Seed): void {
  change({ ...queue.value, repeat: 'off' });
  radio.value = radioOffered(
    startRadio(seed),
    queue.value.entries.map(({ id }) => id),
  );
  void fill();
}

/** Whether similar tracks follow when the queue ends. */
export function setRadio(on: boolean): void {
  const id = currentId.value;
  if (on && id !== null) beginRadio({ kind: 'track', id });
  else {
    radio.value = null;
    change(queues.clearRadio(queue.value));
  }
}

/** Like or dislike the current track; with the same rating again it has none. In the radio a disliked track is left. */
export function rate(rating: Rating): void {
  const id = currentId.value;
  if (id === null) return;
  const chosen = track.value?.rating === rating ? 0 : rating;
  rateTrack(id, chosen).catch(toastError);
  if (!radio.value) return;
  learn(id, chosen === 1 ? 'liked' : chosen === -1 ? 'disliked' : 'unrated');
  if (chosen === -1) next();
}

export function setSettings(changed: Partial<Settings>): void {
  settings.value = { ...settings.value, ...changed };
  writeSettings(settings.value);
  const { level, muted, gain } = settings.value;
  engine.setLevel(muted ? 0 : level);
  const found = currentId.value === null ? undefined : details.get(currentId.value);
  if (changed.gain && found) engine.setFactor(gainFactor(found, gain));
}

/** Stop, with nothing loaded: another queue follows. */
export function unload(): void {
  request++;
  engine.clear();
  listening = NOT_STARTED;
}

/** Radio from the current track. */
export function moreLikeThis(): void {
  if (currentId.value !== null) void radioFrom({ kind: 'track', id: currentId.value });
}
