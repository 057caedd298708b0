/** Several tabs of the page: the one that begins to play makes the others pause. */

export interface Tabs {
  /** Tell the others that this one plays. */
  announce: () => void;
  close: () => void;
}

export function openTabs(onOther: () => void): Tabs {
  if (!('BroadcastChannel' in globalThis)) return { announce: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel('recsys.player');
  channel.onmessage = onOther;
  return { announce: () => channel.postMessage('playing'), close: () => channel.close() };
}
