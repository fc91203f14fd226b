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

static const unsigned char upload_style_bytes[] = {
#embed "assets/upload.css"
};
ASSET(upload_style)

static const unsigned char upload_bytes[] = {
#embed "assets/upload.js"
};
ASSET(upload)
