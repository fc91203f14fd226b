import CPageAssets

/// The style sheets and scripts of the pages, as they are in `Sources/C/CPageAssets/assets`.
enum PageAssets {
  /// The colours and type of all pages.
  static var style: String { text(page_asset_style()) }

  /// A network's forward pass.
  static var network: String { text(page_asset_network()) }
  /// From a picture to the network's pixels.
  static var image: String { text(page_asset_image()) }
  /// From held letters to text.
  static var spelling: String { text(page_asset_spelling()) }
  /// A camera or a picture, with the frame in it.
  static var viewfinder: String { text(page_asset_viewfinder()) }
  static var viewfinderBody: String { text(page_asset_viewfinder_body()) }
  static var viewfinderStyle: String { text(page_asset_viewfinder_style()) }
  /// The live page.
  static var live: String { text(page_asset_live()) }
  static var liveBody: String { text(page_asset_live_body()) }
  static var liveStyle: String { text(page_asset_live_style()) }
  /// Files in a zip.
  static var zip: String { text(page_asset_zip()) }
  /// The page that takes pictures.
  static var capture: String { text(page_asset_capture()) }
  static var captureBody: String { text(page_asset_capture_body()) }
  static var captureStyle: String { text(page_asset_capture_style()) }

  private static func text(_ asset: PageAsset) -> String {
    String(decoding: UnsafeBufferPointer(start: asset.bytes, count: asset.count), as: UTF8.self)
  }
}
