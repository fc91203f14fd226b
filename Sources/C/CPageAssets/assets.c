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

static const unsigned char network_bytes[] = {
#embed "assets/network.js"
};
ASSET(network)

static const unsigned char image_bytes[] = {
#embed "assets/image.js"
};
ASSET(image)

static const unsigned char spelling_bytes[] = {
#embed "assets/spelling.js"
};
ASSET(spelling)

static const unsigned char viewfinder_bytes[] = {
#embed "assets/viewfinder.js"
};
ASSET(viewfinder)

static const unsigned char viewfinder_body_bytes[] = {
#embed "assets/viewfinder.html"
};
ASSET(viewfinder_body)

static const unsigned char viewfinder_style_bytes[] = {
#embed "assets/viewfinder.css"
};
ASSET(viewfinder_style)

static const unsigned char live_bytes[] = {
#embed "assets/live.js"
};
ASSET(live)

static const unsigned char live_body_bytes[] = {
#embed "assets/live.html"
};
ASSET(live_body)

static const unsigned char live_style_bytes[] = {
#embed "assets/live.css"
};
ASSET(live_style)

static const unsigned char zip_bytes[] = {
#embed "assets/zip.js"
};
ASSET(zip)

static const unsigned char capture_bytes[] = {
#embed "assets/capture.js"
};
ASSET(capture)

static const unsigned char capture_body_bytes[] = {
#embed "assets/capture.html"
};
ASSET(capture_body)

static const unsigned char capture_style_bytes[] = {
#embed "assets/capture.css"
};
ASSET(capture_style)
