import CPageAssets

/// The style sheets and scripts of the pages, as they are in `Sources/C/CPageAssets/assets`.
enum PageAssets {
  /// The colours and type of all pages.
  static var style: String { text(page_asset_style()) }
  /// The page that sends pictures to a server.
  static var uploadStyle: String { text(page_asset_upload_style()) }
  static var upload: String { text(page_asset_upload()) }

  private static func text(_ asset: PageAsset) -> String {
    String(decoding: UnsafeBufferPointer(start: asset.bytes, count: asset.count), as: UTF8.self)
  }
}
