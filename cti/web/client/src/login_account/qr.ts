/**
 * A QR code (ISO/IEC 18004) of one kind only: version 6, error correction L, mask 0. It holds 134 bytes, which is enough
 * for an authenticator's address, and any camera reads it: which mask is best matters to printers, not to screens.
 */
const SIZE = 41;
const BLOCKS = 2;
const DATA = 68;
const CHECK = 18;
const ALIGNED = 34;
/** Level L and mask 0 with their own error correction, table C.1 of the standard. */
const FORMAT = 0x77c4;

export const MOST_BYTES = BLOCKS * DATA - 2;

/** Rows of dark modules, or null when the text does not fit. */
export function qrCode(text: string): readonly (readonly boolean[])[] | null {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MOST_BYTES) return null;
  const dark: (boolean | undefined)[][] = Array.from({ length: SIZE }, () => Array<boolean | undefined>(SIZE).fill(undefined));
  const set = (x: number, y: number, on: boolean): void => void (row(dark, y)[x] = on);
  drawPatterns(set);
  drawFormat(set);
  drawData(dark, interleaved(codewords(bytes)));
  return dark.map((line) => line.map((on) => on === true));
}

function row<T>(rows: T[][], y: number): T[] {
  const found = rows[y];
  if (found === undefined) throw new RangeError(`row ${y}`);
  return found;
}

function codewords(bytes: Uint8Array): number[] {
  const bits: number[] = [];
  const push = (value: number, length: number): void => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  push(0b0100, 4); // bytes
  push(bytes.length, 8);
  for (const byte of bytes) push(byte, 8);
  push(0, 4);
  const words: number[] = [];
  for (let at = 0; at < bits.length; at += 8) words.push(bits.slice(at, at + 8).reduce((value, bit) => value * 2 + bit, 0));
  for (let pad = 0xec; words.length < BLOCKS * DATA; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

function interleaved(words: readonly number[]): number[] {
  const blocks = Array.from({ length: BLOCKS }, (_, block) => words.slice(block * DATA, (block + 1) * DATA));
  const checks = blocks.map(remainder);
  const woven = (parts: readonly number[][], length: number): number[] =>
    Array.from({ length }, (_, at) => parts.map((part) => part[at] ?? 0)).flat();
  return [...woven(blocks, DATA), ...woven(checks, CHECK)];
}

/** A product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((right >> bit) & 1) * left;
  }
  return product;
}

/** Reed-Solomon: what is left of the block when the generator polynomial of degree CHECK divides it. */
function remainder(block: readonly number[]): number[] {
  let divisor = [1];
  for (let degree = 0, root = 1; degree < CHECK; degree++, root = times(root, 2)) {
    const longer = [...divisor, 0];
    divisor.forEach((factor, at) => (longer[at + 1] = (longer[at + 1] ?? 0) ^ times(factor, root)));
    divisor = longer;
  }
  let rest = Array<number>(CHECK).fill(0);
  for (const word of block) {
    const factor = word ^ (rest[0] ?? 0);
    rest = [...rest.slice(1), 0].map((value, at) => value ^ times(divisor[at + 1] ?? 0, factor));
  }
  return rest;
}

type Set = (x: number, y: number, on: boolean) => void;

function drawPatterns(set: Set): void {
  for (let at = 0; at < SIZE; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [SIZE - 4, 3], [3, SIZE - 4]] as const) drawRings(set, x, y, 4);
  drawRings(set, ALIGNED, ALIGNED, 2);
}

/** Rings around a point: a finder with its white border, or an alignment pattern. */
function drawRings(set: Set, x: number, y: number, reach: number): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const [column, line, ring] = [x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy))];
      if (column < 0 || line < 0 || column >= SIZE || line >= SIZE) continue;
      set(column, line, reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
    }
  }
}

function drawFormat(set: Set): void {
  const bit = (at: number): boolean => ((FORMAT >> at) & 1) === 1;
  for (let at = 0; at <= 5; at++) set(8, at, bit(at));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let at = 9; at < 15; at++) set(14 - at, 8, bit(at));
  for (let at = 0; at < 8; at++) set(SIZE - 1 - at, 8, bit(at));
  for (let at = 8; at < 15; at++) set(8, SIZE - 15 + at, bit(at));
  set(8, SIZE - 8, true);
}

/** Two columns at a time from the right, up and down in turns, where nothing stands yet; mask 0 turns every other one. */
function drawData(dark: (boolean | undefined)[][], words: readonly number[]): void {
  let at = 0;
  let up = true;
  for (let right = SIZE - 1; right >= 1; right -= 2, up = !up) {
    if (right === 6) right = 5; // the timing pattern
    for (let step = 0; step < SIZE; step++) {
      const y = up ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) {
        const line = row(dark, y);
        if (line[x] !== undefined) continue;
        const on = (((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
        line[x] = on !== ((x + y) % 2 === 0);
        at += 1;
      }
    }
  }
}
