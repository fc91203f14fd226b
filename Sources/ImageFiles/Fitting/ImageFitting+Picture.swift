import Datasets

extension ImageFitting {
  /// The image that comes of a picture: `format.count` bytes.
  ///
  /// In this order: gray (or three channels), fit to the format's shape, scale, invert.
  public func image(of picture: Picture) -> [UInt8] {
    precondition(format.channels == 1 || format.channels == 3, "an image file is gray or RGB")
    let colored = format.channels == 1 ? picture.gray : picture.rgb
    let fitted =
      switch fit {
      case .crop: colored.resampled(cropped(colored), toWidth: format.width, height: format.height).pixels
      case .stretch: colored.resampled(colored.whole, toWidth: format.width, height: format.height).pixels
      case .pad: padded(colored, colored.whole)
      case .hand: hand(picture, colored)
      }
    return invert ? fitted.map { 255 - $0 } : fitted
  }

  /// The largest rectangle of the format's aspect ratio in the middle of a picture, as in Keras' `smart_resize`: sizes and places are
  /// rounded down.
  private func cropped(_ picture: Picture) -> PixelRectangle {
    let width = max(1, min(picture.width, picture.height * format.width / format.height))
    let height = max(1, min(picture.height, picture.width * format.height / format.width))
    return PixelRectangle(
      x: (picture.width - width) / 2, y: (picture.height - height) / 2, width: width, height: height)
  }

  /// What differs from the background, scaled to touch two sides of the format; where nothing does, or the picture has the format
  /// already, all of it.
  ///
  /// - Parameters:
  ///   - picture: the picture in its own colours, in which a hand may differ where its gray does not.
  ///   - colored: the same in the format's channels.
  private func hand(_ picture: Picture, _ colored: Picture) -> [UInt8] {
    let isFitting = picture.width == format.width && picture.height == format.height
    guard !isFitting, let box = picture.objectBox(for: format, framing: framing) else {
      return colored.resampled(cropped(colored), toWidth: format.width, height: format.height).pixels
    }
    return padded(colored, box.clipped(width: picture.width, height: picture.height))
  }

  /// A part of a picture, scaled to touch two sides of the format, in the middle of the median of the picture's outermost pixels.
  private func padded(_ picture: Picture, _ area: PixelRectangle) -> [UInt8] {
    let (w, h) = (area.width, area.height)
    let isWide = w * format.height >= h * format.width
    // Rounded to the nearest.
    let width = isWide ? format.width : max(1, (2 * w * format.height + h) / (2 * h))
    let height = isWide ? max(1, (2 * h * format.width + w) / (2 * w)) : format.height
    let scaled = picture.resampled(area, toWidth: width, height: height)
    guard width < format.width || height < format.height else { return scaled.pixels }
    let (left, top) = ((format.width - width) / 2, (format.height - height) / 2)
    let background = picture.borderMedian
    var image = (0..<format.height * format.width).flatMap { _ in background }
    for row in 0..<height {
      let (from, to) = (row * width * format.channels, ((top + row) * format.width + left) * format.channels)
      let count = width * format.channels
      image.replaceSubrange(to..<to + count, with: scaled.pixels[from..<from + count])
    }
    return image
  }
}

extension Picture {
  /// All of it.
  var whole: PixelRectangle { PixelRectangle(x: 0, y: 0, width: width, height: height) }

  /// The median of the outermost pixels, in each channel.
  var borderMedian: [UInt8] { ObjectBox.borderMedian(of: pixels, format) }
}
