import Datasets

extension Picture {
  /// The pixels in a rectangle, scaled to another size: [newHeight, newWidth, channels].
  ///
  /// Each value is the exact sum of old values times the weights of both axes (`AxisWeights`), divided by the total of the weights and
  /// rounded to the nearest, halves up: the same bits on every machine. A size that stays is copied.
  func resampled(_ area: PixelRectangle, toWidth newWidth: Int, height newHeight: Int) -> Picture {
    if area == PixelRectangle(x: 0, y: 0, width: newWidth, height: newHeight), newWidth == width, newHeight == height {
      return self
    }
    let (across, down) = (AxisWeights(from: area.width, to: newWidth), AxisWeights(from: area.height, to: newHeight))
    let total = UInt64(across.total) * UInt64(down.total)
    var result: [UInt8] = []
    result.reserveCapacity(newWidth * newHeight * channels)
    var sums = [UInt64](repeating: 0, count: area.width * channels)
    for row in 0..<newHeight {
      sum(rows: area, down, for: row, into: &sums)
      for column in 0..<newWidth {
        let (first, weights) = (across.firsts[column], across.starts[column]..<across.starts[column + 1])
        for channel in 0..<channels {
          var (sum, index) = (UInt64(0), first * channels + channel)
          for weight in weights {
            sum &+= sums[index] &* UInt64(across.weights[weight])
            index += channels
          }
          result.append(UInt8((sum + total / 2) / total))
        }
      }
    }
    return Picture(width: newWidth, height: newHeight, channels: channels, pixels: result)
  }

  /// The weighted sums of old rows for a new row, column by column. At most 255 times 2^26, or 2^26 times those of the other axis.
  private func sum(rows area: PixelRectangle, _ down: AxisWeights, for row: Int, into sums: inout [UInt64]) {
    for index in sums.indices { sums[index] = 0 }
    for (line, weight) in zip(down.firsts[row]..., down.starts[row]..<down.starts[row + 1]) {
      let (start, factor) = (((area.y + line) * width + area.x) * channels, UInt64(down.weights[weight]))
      pixels.withUnsafeBufferPointer { pixels in
        sums.withUnsafeMutableBufferPointer { sums in
          for index in sums.indices { sums[index] &+= factor &* UInt64(pixels[start + index]) }
        }
      }
    }
  }
}
