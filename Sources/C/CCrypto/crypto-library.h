// OpenSSL's libcrypto, found by its pkg-config name. Only Platform uses it, for SHA-256: libcrypto uses the CPU's SHA
// instructions where it has them.
#include <openssl/evp.h>
