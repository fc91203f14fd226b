// The style sheets and scripts of the pages that the program writes, as they are in assets/: files of their own, so that a
// browser, node and an editor can use them, and a part of the program, so that it needs no file beside it.
#ifndef C_PAGE_ASSETS_H
#define C_PAGE_ASSETS_H

#include <stddef.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} PageAsset;

/// The colours and type of all pages, in light, dark and print.
PageAsset page_asset_style(void);

/// The live page and the one that takes pictures: scripts, markup and rules, and what they share.
PageAsset page_asset_network(void);
PageAsset page_asset_image(void);
PageAsset page_asset_spelling(void);
PageAsset page_asset_viewfinder(void);
PageAsset page_asset_viewfinder_body(void);
PageAsset page_asset_viewfinder_style(void);
PageAsset page_asset_live(void);
PageAsset page_asset_live_body(void);
PageAsset page_asset_live_style(void);
PageAsset page_asset_zip(void);
PageAsset page_asset_capture(void);
PageAsset page_asset_capture_body(void);
PageAsset page_asset_capture_style(void);

#endif
