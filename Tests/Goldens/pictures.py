"""Makes pictures.json beside this file: small PNG and JPEG files of every kind, and what Pillow decodes from them.

    decoding    NAME: file (base64), width, height, rgb (base64, [height, width, 3]), gray (base64, Pillow's "L"), exact (whether
                Swift must give the same bytes; of JPEG, another libjpeg may round otherwise)
    refused     NAME: file, and why: a word of the error
    fitting     a picture (width, height, channels, pixels), a format, fit, invert, and the image, computed from the definition
                with fractions

PNG files are written here bit by bit: Pillow writes neither interlaced ones nor all bit depths. JPEG files are Pillow's.

    python3 -m venv .venv && .venv/bin/pip install pillow==13.0.0 && .venv/bin/python Tests/Goldens/pictures.py
"""

import base64
import io
import json
import pathlib
import struct
import zlib
from fractions import Fraction

from PIL import Image, ImageOps

W, H = 13, 9  # no multiples of 8, of a byte's pixels or of Adam7's steps
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def text(data):
    return base64.b64encode(bytes(data)).decode()


def mix(x):
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)]:
        x = ((x ^ x >> shift) * factor) & 0xFFFFFFFF
    return x


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """A row of samples as bytes, its last byte filled with zeros."""
    bits = "".join(format(sample, f"0{depth}b") for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def png(color, depth, *, interlaced=False, before=(), seed=0, width=W, height=H):
    """A PNG file of pixels by formula; each row with another filter of the five where pixels are whole bytes."""
    n = CHANNELS[color]
    pixel = lambda x, y: [mix(seed * 7919 + (y * width + x) * n + c + 1) >> (32 - depth) for c in range(n)]
    data = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        for y in range(y0, height, dy):
            row = packed([s for x in range(x0, width, dx) for s in pixel(x, y)], depth)
            if row:
                # Filter 1, "sub", on whole bytes; none otherwise.
                size = n * depth // 8
                if size and y % 2:
                    row = bytes((b - (row[i - size] if i >= size else 0)) % 256 for i, b in enumerate(row))
                    data += b"\1" + row
                else:
                    data += b"\0" + row
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    chunks = [chunk(b"IHDR", header), *before, chunk(b"IDAT", zlib.compress(data, 9)), chunk(b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def palette(depth):
    return chunk(b"PLTE", bytes(mix(1000 + i) % 256 for i in range(3 * 2**depth)))


def png_files():
    for depth in [1, 2, 4, 8, 16]:
        yield f"gray{depth}", png(0, depth)
    for depth in [8, 16]:
        yield f"rgb{depth}", png(2, depth)
        yield f"gray-alpha{depth}", png(4, depth)
        yield f"rgba{depth}", png(6, depth)
    for depth in [1, 2, 4, 8]:
        yield f"palette{depth}", png(3, depth, before=[palette(depth)])
    transparent = chunk(b"tRNS", bytes([0, 100, 255, 30]))
    yield "palette4-alpha", png(3, 4, before=[palette(4), transparent])
    yield "gray8-transparent", png(0, 8, before=[chunk(b"tRNS", struct.pack(">H", mix(1) >> 24))])
    yield "rgb8-transparent", png(2, 8, before=[chunk(b"tRNS", struct.pack(">HHH", *(mix(i) >> 24 for i in [1, 2, 3])))])
    for color, depth in [(0, 1), (0, 8), (2, 8), (6, 16), (3, 2)]:
        before = [palette(depth)] if color == 3 else []
        yield f"interlaced-{color}-{depth}", png(color, depth, interlaced=True, before=before)
    yield "gamma", png(2, 8, before=[chunk(b"gAMA", struct.pack(">I", 100000))])
    yield "one-pixel", png(2, 8, width=1, height=1)
    exif = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    yield "orientation", png(2, 8, before=[chunk(b"eXIf", exif)])


def picture(mode="RGB", width=W, height=H):
    """Smooth colours, as photographs have."""
    image = Image.new("RGB", (width, height))
    image.putdata([(20 * x % 256, 255 - 20 * y, (9 * x + 14 * y) % 256) for y in range(height) for x in range(width)])
    return image.convert(mode)


def jpeg(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def jpeg_files():
    yield "444", jpeg(picture(), quality=95, subsampling=0)
    yield "422", jpeg(picture(), quality=90, subsampling=1)
    yield "420", jpeg(picture(), quality=75, subsampling=2)
    yield "gray", jpeg(picture("L"), quality=90)
    yield "progressive", jpeg(picture(), quality=90, progressive=True)
    yield "progressive-gray", jpeg(picture("L"), quality=90, progressive=True)
    yield "restarts", jpeg(picture(width=40, height=24), quality=90, restart_marker_blocks=1)
    yield "rgb", jpeg(picture(), quality=95, keep_rgb=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"orientation-{orientation}", jpeg(picture(), quality=95, subsampling=0, exif=exif)


def decoded(name, data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":
        image = Image.frombytes("L", image.size, bytes(value >> 8 for value in image.get_flattened_data()))
    if image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    rgb = image.convert("RGB")
    return {
        "file": text(data), "width": rgb.width, "height": rgb.height, "rgb": text(rgb.tobytes()),
        "gray": text(rgb.convert("L").tobytes()), "exact": name.startswith("png"),
    }  # fmt: skip


def refused():
    cmyk = jpeg(Image.new("CMYK", (8, 8), (10, 20, 30, 40)))
    yield "cmyk", cmyk, "CMYK"
    gif = io.BytesIO()
    Image.new("L", (8, 8)).save(gif, "GIF")
    yield "gif", gif.getvalue(), "GIF"
    webp = io.BytesIO()
    Image.new("RGB", (8, 8)).save(webp, "WEBP")
    yield "webp", webp.getvalue(), "WebP"
    bmp = io.BytesIO()
    Image.new("RGB", (8, 8)).save(bmp, "BMP")
    yield "bmp", bmp.getvalue(), "BMP"
    tiff = io.BytesIO()
    Image.new("RGB", (8, 8)).save(tiff, "TIFF")
    yield "tiff", tiff.getvalue(), "TIFF"
    data = png(2, 8)
    yield "claims-much", data[:16] + claim(data, 100_000, 100_000) + data[33:], "at most 67108864"
    yield "claims-more-than-its-bytes", data[:16] + claim(data, 4000, 4000) + data[33:], "cannot hold"
    photo = jpeg(picture())
    size = photo.index(b"\xff\xc0") + 5
    yield "jpeg-claims-much", photo[:size] + struct.pack(">HH", 65000, 65000) + photo[size + 4 :], "at most 67108864"
    yield "jpeg-claims-more", photo[:size] + struct.pack(">HH", 4000, 4000) + photo[size + 4 :], "cannot hold"
    yield "wrong-palette", png(3, 4), "damaged"
    yield "page", b"<!DOCTYPE html><html></html>", "page"
    yield "text", b"no picture at all", "neither"
    yield "empty", b"", "empty"


def claim(data, width, height):
    """The rest of a PNG's header that claims a size, with the right checksum."""
    header = struct.pack(">II", width, height) + data[24:29]
    return header + struct.pack(">I", zlib.crc32(b"IHDR" + header))


def axis(old, new, pixel):
    """The weights of the old pixels for a new one, from the definition."""
    if old >= new:
        begin, end = Fraction(pixel * old, new), Fraction((pixel + 1) * old, new)
        return [max(Fraction(0), min(end, i + 1) - max(begin, i)) / (end - begin) for i in range(old)]
    place = min(max(Fraction(2 * pixel + 1, 2) * old / new - Fraction(1, 2), Fraction(0)), Fraction(old - 1))
    return [max(Fraction(0), 1 - abs(place - i)) for i in range(old)]


def scaled(rows, new_width, new_height):
    """Rows of pixels (tuples of channels) in another size."""
    width, height, channels = len(rows[0]), len(rows), len(rows[0][0])
    across = [axis(width, new_width, x) for x in range(new_width)]
    down = [axis(height, new_height, y) for y in range(new_height)]
    result = []
    for v in down:
        line = [[sum(v[y] * rows[y][x][c] for y in range(height) if v[y]) for c in range(channels)] for x in range(width)]
        result.append([
            tuple(int(sum(h[x] * line[x][c] for x in range(width) if h[x]) + Fraction(1, 2)) for c in range(channels))
            for h in across
        ])  # fmt: skip
    return result


def fitted(rows, width, height, fit, invert):
    w, h, channels = len(rows[0]), len(rows), len(rows[0][0])
    if fit == "crop":
        cw, ch = max(1, min(w, h * width // height)), max(1, min(h, w * height // width))
        x, y = (w - cw) // 2, (h - ch) // 2
        rows = scaled([row[x : x + cw] for row in rows[y : y + ch]], width, height)
    elif fit == "stretch":
        rows = scaled(rows, width, height)
    else:
        border = [rows[y][x] for y in range(h) for x in range(w) if x in (0, w - 1) or y in (0, h - 1)]
        median = tuple(sorted(p[c] for p in border)[(len(border) - 1) // 2] for c in range(channels))
        iw = width if w * height >= h * width else max(1, int(Fraction(w * height, h) + Fraction(1, 2)))
        ih = height if w * height < h * width else max(1, int(Fraction(h * width, w) + Fraction(1, 2)))
        inner, left, top = scaled(rows, iw, ih), (width - iw) // 2, (height - ih) // 2
        rows = [
            [inner[y - top][x - left] if 0 <= y - top < ih and 0 <= x - left < iw else median for x in range(width)]
            for y in range(height)
        ]  # fmt: skip
    return [255 - value if invert else value for row in rows for pixel in row for value in pixel]


def fittings():
    cases = [
        (13, 9, 1, 5, 4), (13, 9, 3, 5, 4), (9, 13, 1, 7, 7), (3, 2, 1, 8, 8), (20, 3, 1, 6, 6), (3, 20, 3, 6, 6), (1, 1, 1, 4, 3),
        (1, 30, 1, 4, 4), (28, 28, 1, 28, 28), (6, 6, 1, 3, 3), (40, 30, 1, 28, 28),
    ]  # fmt: skip
    for number, (w, h, channels, width, height) in enumerate(cases):
        values = [mix(5000 + 1000 * number + i) >> 24 for i in range(w * h * channels)]
        pixels = [tuple(values[i : i + channels]) for i in range(0, len(values), channels)]
        rows = [pixels[y * w : (y + 1) * w] for y in range(h)]
        for fit in ["crop", "pad", "stretch"]:
            invert = number % 2 == 1
            yield {
                "width": w, "height": h, "channels": channels, "pixels": text(values), "newWidth": width, "newHeight": height,
                "fit": fit, "invert": invert, "image": text(fitted(rows, width, height, fit, invert)),
            }  # fmt: skip


def main():
    files = [("png-" + name, data) for name, data in png_files()] + [("jpeg-" + name, data) for name, data in jpeg_files()]
    goldens = {
        "decoding": {name: decoded(name, data) for name, data in files},
        "refused": {name: {"file": text(data), "why": why} for name, data, why in refused()},
        "fitting": list(fittings()),
    }
    path = pathlib.Path(__file__).parent / "pictures.json"
    path.write_text(json.dumps(goldens, indent=0) + "\n")


if __name__ == "__main__":
    main()
