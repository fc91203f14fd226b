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

  private static func text(_ asset: PageAsset) -> String {
    String(decoding: UnsafeBufferPointer(start: asset.bytes, count: asset.count), as: UTF8.self)
  }
}
