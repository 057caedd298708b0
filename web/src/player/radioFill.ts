/** Asks the server for what the radio adds to the queue. */
import { api } from '../api/endpoints';
import {
  RADIO_BATCH,
  RADIO_REMAINING,
  canWiden,
  radioForgetting,
  radioOffered,
  radioPicks,
  radioRequest,
  type Radio,
} from './radio';

/** The radio after a request, and the tracks to add; none where the library has no other track at all. */
export interface Filled {
  radio: Radio;
  ids: number[];
}

export async function requestRadio(radio: Radio): Promise<Filled> {
  let forgotten = false;
  let ids: number[] = [];
  for (let attempt = 0; ; attempt++) {
    const request = radioRequest(radio, attempt);
    const { tracks } = await api.similar({ ...request, explain: false });
    const offered = radioOffered(radio, ids);
    ids = [
      ...ids,
      ...radioPicks(
        offered,
        tracks.map(({ id }) => id),
      ),
    ].slice(0, RADIO_BATCH);
    if (ids.length >= RADIO_REMAINING) return { radio, ids };
    if (canWiden(request, tracks.length)) continue;
    if (ids.length > 0 || forgotten || radio.offered.length < 2) return { radio, ids };
    radio = radioForgetting(radio);
    forgotten = true;
    attempt = -1;
  }
}
