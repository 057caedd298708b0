/** Asks the server for what the radio adds to the queue. */
import { api } from '../api/endpoints';
import { canWiden, radioForgetting, radioPicks, radioRequest, type Radio } from './radio';

/** The radio after a request, and the tracks to add; none where the library has no other track at all. */
export interface Filled {
  radio: Radio;
  ids: number[];
}

export async function requestRadio(radio: Radio): Promise<Filled> {
  let forgotten = false;
  for (let attempt = 0; ; attempt++) {
    const request = radioRequest(radio, attempt);
    const { tracks } = await api.similar({ ...request, explain: false });
    const ids = radioPicks(
      radio,
      tracks.map(({ id }) => id),
    );
    if (ids.length > 0) return { radio, ids };
    if (canWiden(request, tracks.length)) continue;
    if (forgotten || radio.offered.length < 2) return { radio, ids };
    radio = radioForgetting(radio);
    forgotten = true;
    attempt = -1;
  }
}
