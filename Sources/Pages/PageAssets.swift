import CPageAssets

/// The style sheets and scripts of the pages, as they are in `Sources/C/CPageAssets/assets`.
package enum PageAssets {
  /// The colours and type of all pages.
  static var style: String { text(page_asset_style()) }
  /// The colours of runs that are compared.
  static var series: String { text(page_asset_series()) }
  /// Curves and heat maps.
  static var charts: String { text(page_asset_charts()) }
  /// What a run's report adds.
  static var report: String { text(page_asset_report()) }

  /// The rules of a gallery of predictions.
  package static var galleryStyle: String { text(page_asset_gallery_style()) }
  /// What sorts and filters a gallery.
  package static var galleryScript: String { text(page_asset_gallery_script()) }
  /// The page that sends pictures to a server.
  static var uploadStyle: String { text(page_asset_upload_style()) }
  static var upload: String { text(page_asset_upload()) }

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
