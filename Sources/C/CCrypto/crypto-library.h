// OpenSSL's libcrypto, by its pkg-config name. Only Platform sees it, for SHA-256: processors compute that in hardware, and
// the library uses what they have.
#include <openssl/evp.h>
