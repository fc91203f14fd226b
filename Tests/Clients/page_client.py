"""Opens pages in Chromium as their readers do, and says what is wrong with them: on a phone and a wide screen, in light and dark.

Usage: page_client.py [--screenshots DIR] PAGE [PAGE ...]

Prints one JSON object: "faults", a sentence each, empty if all pages are in order, and "pages", by path, what was seen of each:
title, headings, landmarks and the heights by viewport. A page that overflows to the side, writes to the console as an error, throws,
or sends any request has a fault, and so has text of too little contrast.

As a module: `browser()`, `Viewport`, `faults(page)` and `VIEWPORTS` are for tests of a page that does something.
"""
import argparse
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


class Viewport(NamedTuple):
    name: str
    width: int
    height: int
    scheme: str

    @property
    def options(self):
        return {
            "viewport": {"width": self.width, "height": self.height}, "color_scheme": self.scheme,
            "device_scale_factor": 2 if self.width < 600 else 1, "is_mobile": False, "reduced_motion": "reduce",
        }


# How long a page may take for anything, in milliseconds: a machine that runs other tests beside it is slow.
PATIENCE = 120_000

VIEWPORTS = [
    Viewport(f"{name}-{scheme}", width, height, scheme)
    for name, width, height in (("phone", 360, 780), ("wide", 1440, 900))
    for scheme in "light dark".split()
]

# Elements that stick out to the side, unless something around them scrolls or cuts them; SVG's own parts are cut by their <svg>.
OVERFLOWING = """() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) found.push(`the page is ${root.scrollWidth} wide in a window of ${window.innerWidth}`);
  const scrolls = (e) => {
    for (let a = e.parentElement; a && a !== document.body; a = a.parentElement) {
      if (getComputedStyle(a).overflowX !== 'visible') return true;
    }
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    if (e.ownerSVGElement) continue;
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || (box.width <= 1 && box.height <= 1)) continue;
    if ((box.right > window.innerWidth + 0.5 || box.left < -0.5) && !scrolls(e)) {
      found.push(`<${e.tagName.toLowerCase()} class="${e.getAttribute('class') || ''}"> spans ${box.left.toFixed(0)} to ${box.right.toFixed(0)}`);
    }
  }
  return found.slice(0, 5);
}"""

# Texts of a SVG that reach beyond it or lie on one another, which no scroller shows.
COLLIDING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]).filter(([, b]) => b.width > 0);
    for (const [text, box] of texts) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2)
        found.push(`"${text}" reaches out of its picture`);
    }
    if (texts.length > 400) continue;
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const [a, b] = [texts[i][1], texts[j][1]];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 0.35 * Math.min(a.height, b.height)) found.push(`"${texts[i][0]}" lies on "${texts[j][0]}"`);
    }
  }
  return found.slice(0, 5);
}"""

# Texts below WCAG's contrast of 4.5, or 3 for large ones, against the nearest background that is drawn.
PALE = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g); return m && m.map(Number).map((v, i) => c.startsWith('color(srgb') && i < 3 ? 255 * v : v); };
  const luminance = (c) => {
    const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || e.ownerSVGElement || ['SCRIPT', 'STYLE', 'OPTION'].includes(e.tagName)) continue;
    const box = e.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const style = getComputedStyle(e);
    const color = parse(style.color);
    let back = null;
    for (let a = e; a && !back; a = a.parentElement) {
      const s = getComputedStyle(a), c = parse(s.backgroundColor);
      if (s.backgroundImage !== 'none') { back = undefined; break; }
      if (c && (c.length < 4 || c[3] === 1)) back = c.slice(0, 3);
    }
    if (back === undefined || style.visibility === 'hidden') continue;
    const [light, dark] = [luminance(color.slice(0, 3)), luminance(back || [255, 255, 255])].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.6 && parseInt(style.fontWeight) >= 700);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) found.add(`"${walker.currentNode.textContent.trim().slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...found].slice(0, 5);
}"""

# What a screen reader needs: one main heading, no level left out, names for pictures, tables with captions and headers.
UNNAMED = """() => {
  const found = [];
  const main = document.querySelectorAll('h1').length;
  if (main !== 1) found.push(`there are ${main} main headings`);
  if (!document.querySelector('main')) found.push('there is no main landmark');
  if (!document.documentElement.lang) found.push('the page has no language');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const own = Number(h.tagName[1]);
    if (own > level + 1) found.push(`heading "${h.textContent}" leaves out a level`);
    level = own;
  }
  for (const image of document.querySelectorAll('img')) if (!image.hasAttribute('alt')) found.push('an image has no alt');
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.closest('[aria-hidden="true"]') || svg.getAttribute('aria-hidden') === 'true') continue;
    const named = svg.getAttribute('aria-label') || (svg.getAttribute('aria-labelledby') || '').split(' ').every(i => i && document.getElementById(i));
    if (svg.getAttribute('role') !== 'img' || !named) found.push('a picture has no name');
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption) found.push('a table has no caption');
    if (table.querySelector('th:not([scope])')) found.push('a header of a table has no scope');
  }
  for (const control of document.querySelectorAll('button, input:not([type=hidden]), select, textarea')) {
    if (!control.textContent.trim() && !control.getAttribute('aria-label') && !control.labels?.length && !control.getAttribute('aria-labelledby'))
      found.push(`a <${control.tagName.toLowerCase()}> has no name`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice) found.push(`the id ${twice} is there twice`);
  return found.slice(0, 5);
}"""

SUMMARY = """() => ({
  title: document.title,
  headings: [...document.querySelectorAll('h1, h2, h3')].map(h => h.tagName.toLowerCase() + ' ' + h.textContent.trim().replace(/\\s+/g, ' ')),
  landmarks: [...document.querySelectorAll('header, nav, main, footer')].map(e => e.tagName.toLowerCase()),
  height: document.documentElement.scrollHeight,
})"""


def faults(page):
    """What is wrong with how an open page lies in its window, a sentence each."""
    return [fault for check in (OVERFLOWING, COLLIDING, PALE, UNNAMED) for fault in page.evaluate(check)]


@contextlib.contextmanager
def browser(*arguments):
    """Chromium without a window; further arguments are its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", *arguments])
        try:
            yield chromium
        finally:
            chromium.close()


def watch(page, url):
    """Collects, from now on, what a page must not do: errors and requests, its own address aside."""
    seen = []
    page.on("console", lambda message: seen.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on(
        "request", lambda request: None if request.url == url or request.url.startswith(("data:", "blob:"))
        else seen.append(f"request: {request.url}"))
    return seen


def look(chromium, path, viewport, screenshots=None):
    """A page in one viewport: its faults and its summary."""
    context = chromium.new_context(**viewport.options)
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        url = Path(path).resolve().as_uri()
        seen = watch(page, url)
        page.goto(url)
        page.wait_for_load_state("networkidle")
        if screenshots:
            page.screenshot(path=str(screenshots / f"{Path(path).stem}-{viewport.name}.png"), full_page=True)
        return [f"{Path(path).name}, {viewport.name}: {fault}" for fault in faults(page) + seen], page.evaluate(SUMMARY)
    finally:
        context.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--screenshots", type=Path)
    parser.add_argument("pages", nargs="+")
    arguments = parser.parse_args()
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    result = {"faults": [], "pages": {}}
    with browser() as chromium:
        for path in arguments.pages:
            summary = {}
            for viewport in VIEWPORTS:
                found, seen = look(chromium, path, viewport, arguments.screenshots)
                result["faults"] += found
                summary = {**seen, "heights": {**summary.get("heights", {}), viewport.name: seen.pop("height")}}
            result["pages"][path] = summary
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
