#include "CPageAssets.h"

// #embed is of C23; clang has it in every mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

#define ASSET(name)                                        \
  PageAsset page_asset_##name(void) {                  \
    return (PageAsset){name##_bytes, sizeof name##_bytes}; \
  }

static const unsigned char style_bytes[] = {
#embed "assets/style.css"
};
ASSET(style)

static const unsigned char series_bytes[] = {
#embed "assets/series.css"
};
ASSET(series)

static const unsigned char charts_bytes[] = {
#embed "assets/charts.css"
};
ASSET(charts)

static const unsigned char report_bytes[] = {
#embed "assets/report.css"
};
ASSET(report)

static const unsigned char gallery_style_bytes[] = {
#embed "assets/gallery.css"
};
ASSET(gallery_style)

static const unsigned char gallery_script_bytes[] = {
#embed "assets/gallery.js"
};
ASSET(gallery_script)

static const unsigned char upload_style_bytes[] = {
#embed "assets/upload.css"
};
ASSET(upload_style)

static const unsigned char upload_bytes[] = {
#embed "assets/upload.js"
};
ASSET(upload)
