/// A page of HTML that needs no other file: nothing is fetched, and nothing leaves it.
package struct Page {
  /// What the browser's tab says, as plain text.
  package var title: String
  /// Rules after those that all pages share.
  package var style = ""
  /// The body: markup, in which every text of a user or a file is `escaped`.
  package var body = ""
  /// A script at the end of the body; none by default.
  package var script = ""

  /// Directives of the content security policy beside those of all pages, for a page that a server sends.
  package var policy = ""

  /// A page with nothing on it.
  package init(title: String) {
    self.title = title
  }

  /// The page's text. The policy in its head forbids every request, so that not even a mistake in it could send one.
  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'; img-src data: blob:; media-src blob: mediastream:\(policy.isEmpty ? "" : "; " + policy)">
    <meta name="referrer" content="no-referrer">
    <title data-varies>\(escaped(title))</title>
    <style>
    \(PageAssets.style)\(style)</style>
    </head>
    <body>
    \(body)
    \(script.isEmpty ? "" : "<script>\n\(script)</script>\n")</body>
    </html>

    """
  }
}
