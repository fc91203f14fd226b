"use strict";
// Files in a zip, stored as they are: pictures are compressed already. No page is needed.

class Zip {
  #parts = [];
  #directory = [];
  #length = 0;

  static #table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });

  /** The CRC-32 that zips, PNG and gzip have. */
  static crc(bytes) {
    let crc = ~0;
    for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ Zip.#table[(crc ^ bytes[i]) & 255];
    return ~crc >>> 0;
  }

  /** Adds a file of these bytes, under a path with `/`. */
  add(path, bytes, date = new Date()) {
    const name = new TextEncoder().encode(path);
    if (this.#directory.length === 2 * 65535 || this.#length + bytes.length + name.length > 4e9) throw new Error("a zip holds 65,535 files and 4 GB");
    // Version 2.0, names in UTF-8, stored; time and date as DOS had them.
    const common = [
      [2, 20], [2, 0x0800], [2, 0], [2, (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1)],
      [2, ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate()],
      [4, Zip.crc(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0],
    ];
    this.#directory.push(fields([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.#length]]), name);
    this.#put(fields([[4, 0x04034b50], ...common]), name, bytes);
  }

  /** All parts of the zip, in order. */
  finish() {
    const count = this.#directory.length / 2, start = this.#length;
    this.#put(...this.#directory);
    this.#put(fields([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, this.#length - start], [4, start], [2, 0]]));
    return this.#parts;
  }

  #put(...parts) {
    for (const part of parts) this.#length += part.length;
    this.#parts.push(...parts);
  }
}

/** Little-endian numbers of 2 or 4 bytes. */
function fields(list) {
  const bytes = new Uint8Array(list.reduce((sum, [size]) => sum + size, 0)), view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of list) {
    if (size === 2) view.setUint16(at, value, true); else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

if (typeof module !== "undefined") module.exports = { Zip };
