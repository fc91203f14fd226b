"use strict";
// How held letters become text: a letter that stays the likeliest, and likely enough, for a while is written once. No page is needed.

class Speller {
  /** How long a letter is held until it is written, and how short a slip to another one does not count, in ms. */
  hold = 1000;
  slip = 200;
  /** How probable a letter must be. */
  threshold = 0.6;
  /** The class that is held, -1 for none; since when; whether it is written already. */
  #held = -1;
  #since = 0;
  #isWritten = false;
  /** When the held class was last seen. */
  #seen = 0;

  /**
   * Takes the likeliest class of a picture at a time in ms. To write a letter twice, it must be let go in between.
   * @returns the class that is written now, -1 for none.
   */
  update(letter, probability, now) {
    const shown = probability >= this.threshold ? letter : -1;
    if (shown !== this.#held && (this.#held < 0 || now - this.#seen > this.slip)) this.#begin(shown, now);
    // Nothing was looked at in between: a page in the background.
    if (now - this.#seen > 1000 && shown >= 0 && shown === this.#held) this.#begin(shown, now);
    if (shown === this.#held) this.#seen = now;
    if (this.#held < 0 || this.#isWritten || shown !== this.#held || now - this.#since < this.hold) return -1;
    this.#isWritten = true;
    return this.#held;
  }

  /** How much of the time the letter has been held, from 0 to 1. */
  progress(now) {
    if (this.#held < 0) return 0;
    return this.#isWritten ? 1 : Math.min(1, (now - this.#since) / this.hold);
  }

  get isWritten() { return this.#isWritten; }

  reset() { this.#begin(-1, 0); }

  #begin(letter, now) {
    this.#held = letter;
    this.#since = this.#seen = now;
    this.#isWritten = false;
  }
}

if (typeof module !== "undefined") module.exports = { Speller };
