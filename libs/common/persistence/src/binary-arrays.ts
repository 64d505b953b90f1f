/** Of the element types, as Postgres numbers them. */
const OID = { bytea: 17, text: 25, timestamptz: 1184, uuid: 2950, jsonb: 3802 } as const;
const HEADER_BYTES = 20;
/** Length of an element that is null. */
const NULL = -1;
/** Postgres counts from the year 2000. */
const EPOCH_2000_MS = 946_684_800_000;
/** Bytes that a UTF-16 unit takes in UTF-8 at the most. */
const MOST_PER_CHAR = 3;

/** Writes one element at its place. @returns how many bytes it took */
type Write<T> = (buffer: Buffer, value: T, at: number) => number;

/**
 * Arrays in Postgres's binary format, as parameters of `unnest($1::uuid[], …)` on hot paths. The driver's own arrays are
 * text: every element is quoted and escaped, and read character by character on the other side, bytes as hexadecimal
 * digits.
 */
export const binaryArray = {
  uuids: (values: readonly (string | null)[]): Buffer =>
    arrayOf(OID.uuid, values, () => 16, writeUuid),
  texts: (values: readonly (string | null)[]): Buffer =>
    arrayOf(OID.text, values, mostBytes, (buffer, value, at) => buffer.write(value, at)),
  /** JSON texts. */
  jsons: (values: readonly (string | null)[]): Buffer =>
    arrayOf(OID.jsonb, values, (value) => 1 + mostBytes(value), writeJson),
  bytes: (values: readonly (Buffer | null)[]): Buffer =>
    arrayOf(OID.bytea, values, sizeOf, (buffer, value, at) => value.copy(buffer, at)),
  /** Points in time in ms since the epoch; what is left of a fraction is microseconds. */
  times: (values: readonly (number | null)[]): Buffer =>
    arrayOf(OID.timestamptz, values, () => 8, writeTime),
};

const mostBytes = (text: string): number => text.length * MOST_PER_CHAR;
const sizeOf = ({ length }: Buffer): number => length;

function arrayOf<T>(
  oid: number,
  values: readonly (T | null)[],
  most: (value: T) => number,
  write: Write<T>,
): Buffer {
  let room = HEADER_BYTES;
  for (const value of values) room += 4 + (value === null ? 0 : most(value));
  const buffer = Buffer.allocUnsafe(room);
  writeHeader(buffer, oid, values.length, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? NULL : write(buffer, value, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return buffer.subarray(0, values.length === 0 ? 12 : at);
}

/** One dimension, counted from 1; an empty array has none. */
function writeHeader(buffer: Buffer, oid: number, length: number, hasNulls: boolean): void {
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(hasNulls ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}

function writeUuid(buffer: Buffer, value: string, at: number): number {
  const written = buffer.write(value.replaceAll('-', ''), at, 16, 'hex');
  if (written !== 16) throw new RangeError('not a uuid');
  return written;
}

/** In front of the text stands the version of the format. */
function writeJson(buffer: Buffer, value: string, at: number): number {
  buffer[at] = 1;
  return 1 + buffer.write(value, at + 1);
}

function writeTime(buffer: Buffer, ms: number, at: number): number {
  buffer.writeBigInt64BE(BigInt(Math.round((ms - EPOCH_2000_MS) * 1_000)), at);
  return 8;
}
