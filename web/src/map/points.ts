/** The points of the map, as the server sends them: columns, little endian, one after the other. */

export const NO_GENRE = 65535;
const ROW_BYTES = 24;

export interface MapPoints {
  count: number;
  ids: Int32Array;
  /** in [-1, 1] */
  x: Float32Array;
  /** in [-1, 1], upwards */
  y: Float32Array;
  /** 0 is none */
  years: Uint16Array;
  /** NaN is none */
  bpms: Float32Array;
  /** LUFS; NaN is none */
  loudnesses: Float32Array;
  /** an index into the genres; 65535 is none */
  genres: Uint16Array;
}

/** Points from the bytes of `map/points`. */
export function decodePoints(bytes: ArrayBuffer): MapPoints {
  const count = bytes.byteLength / ROW_BYTES;
  if (!Number.isInteger(count)) throw new Error(`the points of the map have ${bytes.byteLength} bytes`);
  let offset = 0;
  const column = <T>(size: number, make: (part: ArrayBuffer) => T): T => {
    const part = bytes.slice(offset, offset + size * count); // a copy: columns need not be aligned
    offset += size * count;
    return make(part);
  };
  return {
    count,
    ids: column(4, (part) => new Int32Array(part)),
    x: column(4, (part) => new Float32Array(part)),
    y: column(4, (part) => new Float32Array(part)),
    years: column(2, (part) => new Uint16Array(part)),
    bpms: column(4, (part) => new Float32Array(part)),
    loudnesses: column(4, (part) => new Float32Array(part)),
    genres: column(2, (part) => new Uint16Array(part)),
  };
}
